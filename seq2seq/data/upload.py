"""A file of pairs that somebody hands over: checked as a whole before any work starts, with line numbers."""

import codecs
from typing import NamedTuple

from seq2seq.errors import DataError

LARGEST = 20 * 2**20  # bytes
LEAST = 200  # different pairs; 5 % of the groups each are held out for validation and test
_PACKED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz"}
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # UTF-32's little-endian mark begins with the first one


class Uploaded(NamedTuple):
    """What a good file holds."""

    pairs: int
    target_words: int


def check_upload(data: bytes, name: str) -> Uploaded:
    """Return how much a file of source<TAB>target lines holds; blank lines count for nothing.

    Raises DataError, in one sentence with the number of the line, if it is empty, larger than LARGEST, packed, not
    UTF-8 text, has another number of columns than two, an empty side, or fewer than LEAST different pairs.
    """
    if len(data) > LARGEST:
        raise DataError(
            f"{name} has {len(data) / 2**20:.1f} MB, and this takes {LARGEST // 2**20} MB; for more, use "
            "python -m seq2seq train."
        )
    packed = next((kind for magic, kind in _PACKED.items() if data.startswith(magic)), None)
    if packed:
        raise DataError(f"{name} is packed ({packed}); unpack it and hand over the text file.")
    if data.startswith(_WIDE):
        raise DataError(f"{name} is UTF-16, as its first bytes say; save it as UTF-8.")
    different: set[bytes] = set()
    words = pairs = 0
    for number, line in enumerate(data.removeprefix(codecs.BOM_UTF8).split(b"\n"), 1):
        target = _target(line.removesuffix(b"\r"), f"{name}, line {number}")
        if target is not None:
            different.add(line)
            pairs += 1
            words += len(target.split())
    if not pairs:
        raise DataError(f"{name} is empty; it takes lines of source<TAB>target.")
    if len(different) < LEAST:
        count = f"{len(different)} different pair{'s' if len(different) > 1 else ''}"
        raise DataError(f"{name} has {count}; to learn and to be tested it takes at least {LEAST}.")
    return Uploaded(pairs, words)


def _target(line: bytes, where: str) -> str | None:
    """Return the right column, None for a blank line. Raises DataError if the line is no pair."""
    if b"\0" in line:
        raise DataError(f"{where} holds a null byte, so it is no text file; hand over source<TAB>target as UTF-8.")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as failure:
        byte = failure.object[failure.start]
        raise DataError(f"{where}: byte 0x{byte:02x} is not UTF-8; save the file as UTF-8.") from None
    if not text.strip():
        return None
    columns = text.split("\t")
    if len(columns) == 1:
        raise DataError(f"{where} has one column (no tab); write source<TAB>target.")
    if len(columns) > 2:
        raise DataError(f"{where} has {len(columns)} columns; it takes two languages, source<TAB>target.")
    for side, column in zip(("source", "target"), columns, strict=True):
        if not column.strip():
            raise DataError(f"{where} has an empty {side}; fill it or take the line out.")
    return columns[1]
