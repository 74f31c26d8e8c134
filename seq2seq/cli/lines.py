"""Input text, line by line, from stdin, a file or the command line."""

import io
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import click

from seq2seq.data import open_text
from seq2seq.data.lines import decode_lines
from seq2seq.errors import DataError


def input_lines(texts: Sequence[str], file: Path | None) -> Iterator[str]:
    """Return the lines of `texts`, of `file` (plain or gzipped), or of stdin if there is neither or file is "-".

    Raises DataError if the file can't be read, or later at a line that is not UTF-8.
    """
    if texts:
        return (encodable(text) for text in texts)
    if file is None or str(file) == "-":
        if sys.stdin is None:  # `<&-` closes it
            raise DataError("Standard input is closed; name a file, or give --text.")
        return decode_lines(_unclosed(sys.stdin.buffer), "Standard input")
    return open_text(file)


def _unclosed(stream: IO[bytes]) -> IO[bytes]:
    """Return a stream that can be read to its end and closed without closing the original."""
    return open(os.dup(stream.fileno()), "rb", buffering=0) if _has_number(stream) else io.BytesIO(stream.read())


def _has_number(stream: IO[bytes]) -> bool:
    try:
        stream.fileno()
    except (OSError, ValueError):  # stand-ins for stdin in tests and notebooks
        return False
    return True


def warn(sentence: str) -> None:
    """Print a warning on stderr."""
    click.echo(f"Warning: {sentence}", err=True)


def encodable(text: str) -> str:
    """Return `text` without lone surrogates, which stand for non-UTF-8 bytes of a command line."""
    return text.encode("utf-8", "ignore").decode("utf-8")


def stdin_is_interactive(texts: Sequence[str], file: Path | None) -> bool:
    """Return whether the lines come from a keyboard, so that each needs its answer at once."""
    typed = not texts and (file is None or str(file) == "-")
    return typed and sys.stdin is not None and sys.stdin.buffer.isatty()


def hide_progress() -> bool:
    """Return whether a progress bar would be in the way: stderr is a file, or results show on the same screen."""
    return not sys.stderr.isatty() or sys.stdout.isatty()
