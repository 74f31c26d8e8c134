"""Calibration: how well a model's probabilities match its accuracy (Guo et al. 2017)."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from seq2seq.config import Settings, parse, read_json
from seq2seq.errors import CheckpointError

if TYPE_CHECKING:
    from torch import Tensor

FILE = "calibration.json"
BINS = 10


class CalibrationBin(Settings):
    """Predictions whose probability falls into one tenth of [0, 1]."""

    pieces: int = Field(ge=0)
    confidence: float = Field(ge=0, le=1)
    """Mean probability."""
    accuracy: float = Field(ge=0, le=1)
    """Share that was right."""


class Calibration(Settings):
    """A calibration curve over validation pieces, each predicted given the reference prefix."""

    bins: list[CalibrationBin]

    @property
    def said(self) -> float:
        """Mean probability of all predictions."""
        return self._mean([one.confidence for one in self.bins])

    @property
    def right(self) -> float:
        """Share of all predictions that was right."""
        return self._mean([one.accuracy for one in self.bins])

    def _mean(self, values: Sequence[float]) -> float:
        pieces = sum(one.pieces for one in self.bins)
        return sum(one.pieces * value for one, value in zip(self.bins, values, strict=True)) / max(pieces, 1)


def from_sums(sums: "Tensor") -> Calibration:
    """Return the curve. sums: (bins, 3), pieces, their probabilities and how many were right, each added up."""
    rows = ((count, total / max(count, 1), right / max(count, 1)) for count, total, right in sums.tolist())
    return Calibration(
        bins=[
            CalibrationBin(pieces=int(count), confidence=min(1.0, total), accuracy=right)
            for count, total, right in rows
        ]
    )


def to_json(calibration: Calibration) -> str:
    """Return the text of a checkpoint's calibration file."""
    return json.dumps(calibration.model_dump(), indent=1) + "\n"


def read_calibration(folder: Path) -> Calibration | None:
    """Return the curve of a checkpoint folder, None if it has none. Raises CheckpointError if it is damaged."""
    path = folder / FILE
    if not path.is_file():
        return None
    return parse(Calibration, read_json(path, CheckpointError), str(path), CheckpointError)
