"""The history of a training while it is written: one line after the other, cut back when the training resumes."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from seq2seq.config import read_text
from seq2seq.errors import CheckpointError


class HistoryFile:
    """A history.jsonl that grows."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def start(self) -> None:
        """Begin an empty history."""
        self.path.write_text("", encoding="utf-8")

    def text(self) -> str:
        """Return the whole history. Raises CheckpointError if it can't be read."""
        return read_text(self.path, CheckpointError)

    def write(self, line: Mapping[str, Any]) -> None:
        """Append a line."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def cut(self, keeps: Callable[[dict[str, Any]], bool]) -> None:
        """Remove the lines that are not kept, and the last one if a kill cut it short."""
        kept = []
        for text in self.text().splitlines():
            try:
                line = json.loads(text)
            except json.JSONDecodeError:
                break
            if keeps(line):
                kept.append(text + "\n")
        self.path.write_text("".join(kept), encoding="utf-8")
