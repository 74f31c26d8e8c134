"""Checking an uploaded file of pairs as `prepare` would, before any work starts."""

import io
from collections.abc import Sequence
from typing import NamedTuple

from seq2seq.data.clean import Rules, clean, dropped_summary
from seq2seq.data.languages import Languages, check_languages
from seq2seq.data.lint import Lint
from seq2seq.data.prepare import check_parts, split_parts
from seq2seq.data.readers import checked_rows, unzipped, zip_columns
from seq2seq.errors import DataError

LARGEST = 20 * 2**20  # bytes
LARGEST_UNPACKED = 80 * 2**20  # characters
LEAST = 200  # distinct pairs; 5 % of the groups each are held out for validation and test


class UploadedFile(NamedTuple):
    """What a valid file holds."""

    pairs: int  # distinct ones left after cleaning
    train: int  # of them for training
    target_words: int  # of the training pairs
    warnings: tuple[str, ...]


def check_upload(
    data: bytes, name: str, languages: Languages, columns: Sequence[str] | None = None
) -> UploadedFile:
    """Return how much training data a table of pairs holds, and what looks odd about it.

    columns: the languages of its columns; source first if not given.
    Raises DataError, in one sentence with the line number, if it is larger than LARGEST, can't be read as a table
    of pairs, or too little of it is left to train and to evaluate with; ConfigError if the languages are invalid.
    """
    check_languages(languages)
    if len(data) > LARGEST:
        raise DataError(
            f"{name} has {len(data) / 2**20:.1f} MB, and this takes {LARGEST // 2**20} MB; for more, use "
            "python -m seq2seq train."
        )
    name = "".join(c if c.isprintable() else "?" for c in name)
    stream, member = unzipped(io.BytesIO(data), name, LARGEST_UNPACKED)
    if member != name and columns is None:
        columns = zip_columns(languages)
    table = checked_rows(stream, member, languages, columns, most=LARGEST_UNPACKED)
    lint = Lint(member, languages)
    cleaned = clean(lint.watch(table.rows), Rules())
    if 0 < len(cleaned.pairs) < LEAST:
        count = f"{len(cleaned.pairs)} different pair{'s' if len(cleaned.pairs) > 1 else ''}"
        lost = (
            f" Dropped: {dropped_summary(cleaned.dropped, cleaned.first)}." if sum(cleaned.dropped.values()) else ""
        )
        raise DataError(f"{name} has {count}; training and testing need at least {LEAST}.{lost}")
    parts = split_parts(cleaned.pairs, languages)
    check_parts(parts, cleaned.dropped, cleaned.first)
    warnings = [*table.notes, *lint.warnings()]
    if sum(cleaned.dropped.values()):
        warnings.append(f"Left out: {dropped_summary(cleaned.dropped, cleaned.first)}.")
    train = parts.files["train"]
    return UploadedFile(len(cleaned.pairs), len(train), sum(len(p.target.split()) for p in train), tuple(warnings))
