"""Files of sentence pairs: `source<TAB>target`, one pair a line, UTF-8, plain or gzipped.

Lines end with "\\n" alone: U+2028, U+0085 and their kind stand inside sentences of real corpora.
"""

import gzip
import io
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple, cast

from seq2seq.errors import DataError

_GZIP_MAGIC = b"\x1f\x8b"
_BYTE_ORDER_MARK = "\ufeff"
_UNWRITABLE = re.compile("[\t\n\r]|^" + _BYTE_ORDER_MARK)


class Pair(NamedTuple):
    """A sentence and its translation."""

    source: str
    target: str


def open_text(path: Path) -> Iterator[str]:
    """Return the lines of a plain or gzipped UTF-8 file, one at a time, without their ends.

    The file is opened at once, so that a wrong path is reported before any work starts.

    Raises:
        DataError: `path` is missing, a folder or not readable; later, on the line it concerns: invalid
            UTF-8 or a gzip file that is cut off.
    """
    return decode_lines(open_bytes(path), str(path))


def open_bytes(path: Path) -> IO[bytes]:
    """Return the opened file. Raises DataError if it is missing, a folder or not readable."""
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise DataError(f"{path} does not exist; check the path.") from None
    except IsADirectoryError:
        raise DataError(f"{path} is a folder; name a file.") from None
    except OSError as failure:
        raise DataError(f"{path} can't be read: {failure.strerror}.") from None
    except ValueError:  # a null byte in the path
        raise DataError(f"{str(path)!r} is not a path; check it.") from None


def decode_lines(stream: IO[bytes], where: str) -> Iterator[str]:
    """Return the lines of an open plain or gzipped file, then close it; errors call it `where`.

    Raises:
        DataError: as `open_text`, on the line it concerns.
    """
    with stream:
        number = 0
        try:
            # A pipe can't go back to its start.
            buffered = io.BufferedReader(cast(io.RawIOBase, stream))
            zipped = buffered.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC)
            lines = cast(IO[bytes], gzip.GzipFile(fileobj=buffered)) if zipped else buffered
            for number, line in enumerate(lines, 1):
                text = line.decode("utf-8")
                if number == 1:
                    text = text.removeprefix(_BYTE_ORDER_MARK)
                yield text.removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError as failure:
            byte = failure.object[failure.start]
            raise DataError(
                f"{where}, line {number}: byte 0x{byte:02x} is not UTF-8; save the file as UTF-8."
            ) from None
        except EOFError:
            raise DataError(f"{where} is cut off after line {number}; fetch or write it again.") from None
        except (gzip.BadGzipFile, zlib.error) as failure:
            raise DataError(f"{where} is damaged after line {number}: {failure}.") from None
        except OSError as failure:
            raise DataError(f"{where} can't be read: {failure.strerror or failure}.") from None


def read_pairs(path: Path) -> Iterator[Pair]:
    """Return the pairs of a `source<TAB>target` file, one at a time; further columns are ignored.

    Raises:
        DataError: a line has no tab or an empty side, or stands empty before another; or as `open_text`.
    """
    return _parse(open_text(path), str(path))


def _parse(lines: Iterable[str], where: str) -> Iterator[Pair]:
    empty = 0  # number of the first of the empty lines just read; they may stand at the end alone
    for number, line in enumerate(lines, 1):
        if not line.strip():
            empty = empty or number
            continue
        if empty:
            raise DataError(f"{where}, line {empty} is empty; take it out.")
        columns = line.split("\t", 2)
        if len(columns) < 2:
            raise DataError(f"{where}, line {number} has no tab: {_shorten(line)!r}; write source<TAB>target.")
        for side, text in zip(("source", "target"), columns, strict=False):
            if not text.strip():
                raise DataError(f"{where}, line {number} has an empty {side}; fill it or take the line out.")
        yield Pair(columns[0], columns[1])


def _shorten(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def write_pairs(path: Path, pairs: Iterable[Pair]) -> None:
    """Write `source<TAB>target` lines that `read_pairs` gives back as they were.

    Raises:
        DataError: a side is empty, holds a tab or a line end, or can't be UTF-8; or `path` can't be written.
    """
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for number, pair in enumerate(pairs, 1):
                for text in pair:
                    if not text.strip() or _UNWRITABLE.search(text):
                        raise DataError(
                            f"Pair {number} does not fit into {path}: {_shorten(text)!r} is empty or has a "
                            "tab, a line end or a byte order mark."
                        )
                file.write(f"{pair.source}\t{pair.target}\n")
    except UnicodeEncodeError as failure:
        raise DataError(f"Pair {number} does not fit into {path}: {failure.reason}.") from None
    except OSError as failure:
        raise DataError(f"{path} can't be written: {failure.strerror}.") from None
