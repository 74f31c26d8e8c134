"""Word vectors as text, as fastText (.vec), word2vec and GloVe write them: a line has a word and its numbers."""

import math
from collections.abc import Container
from pathlib import Path

from seq2seq.data.lines import open_text
from seq2seq.errors import DataError


def read_vectors(path: Path, width: int, wanted: Container[str]) -> dict[str, list[float]]:
    """Return the vectors of the wanted words; of a word that occurs twice, the first.

    A first line of two numbers (words, dimensions) is a header; GloVe has none. Words may contain spaces: the last
    `width` fields of a line are its numbers. Only blanks and tabs separate them, since fastText has words of other
    spaces (no-break ones). A line that begins with a blank has no word and is left out.
    Raises DataError if the file can't be read, or, with its line, if vectors have another width or are not numbers.
    """
    found: dict[str, list[float]] = {}
    for number, line in enumerate(open_text(path), 1):
        fields = line.rstrip(" \t\r\n").replace("\t", " ").rsplit(" ", width)
        if number == 1 and _is_header(line.split()):
            stated = int(line.split()[1])
            if stated != width:
                raise DataError(_other_width(path, stated, width))
            continue
        if not fields[0]:
            continue
        if len(fields) <= width:
            raise DataError(f"{path}, line {number}: {_other_width(path, len(fields) - 1, width)}")
        word = fields[0]
        if number == 1 and " " in word.strip() and _numbers(word.split()[1:]):
            raise DataError(_other_width(path, len(line.split()) - 1, width))
        if word not in wanted or word in found:
            continue
        values = _numbers(fields[1:])
        if values is None:
            raise DataError(
                f"{path}, line {number}: the vector of {word[:40]!r} is not {width} numbers; correct the file."
            )
        found[word] = values
    return found


def _is_header(fields: list[str]) -> bool:
    return len(fields) == 2 and all(field.isascii() and field.isdigit() and len(field) < 12 for field in fields)


def _numbers(fields: list[str]) -> list[float] | None:
    """Return the fields as numbers, or None if one is not a finite number."""
    try:
        values = [float(field) for field in fields]
    except ValueError:
        return None
    return values if all(map(math.isfinite, values)) else None


def _other_width(path: Path, found: int, width: int) -> str:
    return f"{path} has vectors of {found} numbers, the embeddings have {width}; set model.embedding = {found}."
