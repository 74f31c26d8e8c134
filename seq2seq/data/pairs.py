"""Sentence pairs, and the file format of this project: `source<TAB>target`, one pair per line, UTF-8."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from seq2seq.errors import DataError

QUOTED = re.compile(r'"(?:[^"]|"")*"', re.DOTALL)  # a cell as spreadsheets write it (RFC 4180)
_UNWRITABLE = re.compile("[\t\n\r]|^\ufeff")


class Pair(NamedTuple):
    """A sentence and its translation."""

    source: str
    target: str


def shorten(text: str, most: int = 60) -> str:
    """Return a text truncated to at most `most` characters."""
    return text if len(text) <= most else text[: most - 3] + "..."


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if QUOTED.fullmatch(text) and '""' in text[1:-1] else text


def write_pairs(path: Path, pairs: Iterable[Pair]) -> None:
    """Write `source<TAB>target` lines that `read_pairs` returns unchanged.

    A sentence that looks like a quoted spreadsheet cell is quoted in the same way.

    Raises:
        DataError: a side is empty, has a tab or a line end, or can't be encoded; or `path` can't be written.
    """
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for number, pair in enumerate(pairs, 1):
                for text in pair:
                    if not text.strip() or _UNWRITABLE.search(text):
                        raise DataError(
                            f"Pair {number} does not fit into {path}: {shorten(text)!r} is empty or has a "
                            "tab, a line end or a byte order mark."
                        )
                file.write("\t".join(map(_cell, pair)) + "\n")
    except UnicodeEncodeError as failure:
        raise DataError(f"Pair {number} does not fit into {path}: {failure.reason}.") from None
    except OSError as failure:
        raise DataError(f"{path} can't be written: {failure.strerror}.") from None
