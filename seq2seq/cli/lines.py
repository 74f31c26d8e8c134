"""Text in, a line at a time, from stdin, a file or the command line."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from seq2seq.data import open_text
from seq2seq.errors import DataError


def input_lines(texts: Sequence[str], file: Path | None) -> Iterator[str]:
    """Return the lines of `texts`, of `file` (plain or gzipped), or of stdin if there is neither or file is "-".

    Raises DataError if the file can't be read, or later at a line that is not UTF-8.
    """
    if texts:
        return (encodable(text) for text in texts)
    if file is None or str(file) == "-":
        return _decoded(sys.stdin.buffer)
    return open_text(file)


def encodable(text: str) -> str:
    """Return `text` without lone surrogates: what bytes on a command line become that are not UTF-8."""
    return text.encode("utf-8", "ignore").decode("utf-8")


def _decoded(stream: IO[bytes]) -> Iterator[str]:
    for number, line in enumerate(stream, 1):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as failure:
            byte = failure.object[failure.start]
            raise DataError(
                f"Standard input, line {number}: byte 0x{byte:02x} is not UTF-8; convert it to UTF-8."
            ) from None
        yield text.removesuffix("\n").removesuffix("\r")


def somebody_types(texts: Sequence[str], file: Path | None) -> bool:
    """Return whether the lines come from a keyboard, so that each wants its answer at once."""
    return not texts and (file is None or str(file) == "-") and sys.stdin.buffer.isatty()


def hide_progress() -> bool:
    """Return whether a progress bar would be in the way: stderr is a file, or results show on the same screen."""
    return not sys.stderr.isatty() or sys.stdout.isatty()
