"""history.jsonl: the log of a training run, one JSON object per line."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from seq2seq.config import read_text
from seq2seq.errors import CheckpointError

HISTORY = "history.jsonl"
_LARGEST = 1e15  # any count or value
_LONGEST = 2**25  # bytes; the longest shipped history has 160 kB


def read_history(path: Path) -> list[dict[str, Any]]:
    """Return the records of a finished training run's history; [] if there is no such file.

    Raises CheckpointError that names the first invalid line.
    """
    if not path.exists():
        return []
    if path.is_file() and path.stat().st_size > _LONGEST:
        raise CheckpointError(f"{path} has more than {_LONGEST // 2**20} MB, more than any training run writes.")
    return list(_lines(path))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for number, text in enumerate(read_text(path, CheckpointError).splitlines(), 1):
        if not text.strip():
            continue
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):
            line = None
        if not isinstance(line, dict) or not _is_sound(line):
            raise CheckpointError(
                f"{path}, line {number} is not a training record; copy the file again or delete it."
            )
        yield line


def _is_sound(line: Mapping[str, Any]) -> bool:
    """Return whether the fields of a line that are read have the right types."""
    counts = [line[key] for key in ("update", "epoch", "tokens") if key in line]
    figures = [line[key] for key in ("loss", "accuracy", "ratio", "core_minutes") if line.get(key) is not None]
    valid = line.get("valid", {})
    return (
        all(isinstance(count, int) and _is_number(count) for count in counts)
        and all(map(_is_number, figures))
        and isinstance(valid, dict)
        and all(_is_number(figure) or isinstance(figure, dict) for figure in valid.values())
        and isinstance(line.get("samples", []), list)
        and all(isinstance(text, str) for text in line.get("samples", []))
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and not abs(value) > _LARGEST
