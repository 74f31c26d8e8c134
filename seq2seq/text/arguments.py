"""Validation of text arguments: a single string, a list, or any iterable of strings."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from seq2seq.errors import ConfigError

_NO_LINES = (bytes, bytearray, memoryview, AbstractSet, Mapping)  # sets would reorder the answers


def as_lines(lines: str | Iterable[str]) -> Iterable[str]:
    """Return lines of text; a single string is one line. Raises ConfigError unless all lines are strings."""
    if isinstance(lines, str):
        return [lines]
    if isinstance(lines, _NO_LINES) or not _has_items(lines):
        raise ConfigError(f"Expected lines of text, not {type(lines).__name__}; give a list of strings.")
    if isinstance(lines, Sequence):
        return [_text(line, number) for number, line in enumerate(lines, 1)]
    return (_text(line, number) for number, line in enumerate(lines, 1))


def _has_items(lines: Any) -> bool:
    try:
        iter(lines)
    except TypeError:  # a zero-dimensional NumPy array fails only when it is iterated over
        return False
    return True


def _text(line: object, number: int) -> str:
    if not isinstance(line, str):
        raise ConfigError(f"Line {number} is {type(line).__name__}, not text; give a list of strings.")
    return line


def as_pairs(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return pairs of texts. Raises ConfigError if they are not pairs of strings."""
    if isinstance(pairs, (str, *_NO_LINES)) or not _has_items(pairs):
        raise ConfigError("Expected pairs of texts; give a list of (source, target).")
    found = list(pairs)
    for number, pair in enumerate(found, 1):
        if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != 2:
            raise ConfigError(f"Pair {number} is not a source and a target; give a list of (source, target).")
        for text in pair:
            _text(text, number)
    return found
