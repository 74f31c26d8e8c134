"""Test scores by length of the source, stored next to a checkpoint for users without the test set."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from seq2seq.checkpoint_config import read_config
from seq2seq.config import Settings
from seq2seq.evaluation.folder_records import TestRecord, read_record, save_record
from seq2seq.evaluation.lengths import LengthBand

FILE = "lengths.json"


class StoredBand(Settings):
    """The scores of the sources with `shortest` to `longest` words; longest None means no upper limit."""

    shortest: int = Field(ge=1)
    longest: int | None = Field(ge=1)
    pairs: int = Field(ge=0)
    bleu: float | None = Field(ge=0, le=101)
    """None: there is no such source. Rounding may leave a perfect score a hair above 100."""
    chrf: float | None = Field(ge=0, le=101)

    @property
    def name(self) -> str:
        """The lengths as people write them: 6–10, or 16+."""
        return f"{self.shortest}+" if self.longest is None else f"{self.shortest}–{self.longest}"


class LengthScores(TestRecord):
    """What lengths.json holds."""

    format: Literal[1] = 1
    beam_size: int = Field(ge=1)
    alpha: float
    bleu_signature: str
    chrf_signature: str
    bands: tuple[StoredBand, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        edges = [(band.shortest, band.longest or band.shortest) for band in self.bands]
        flat = [edge for pair in edges for edge in pair]
        if flat != sorted(flat):
            raise ValueError("the bands of lengths overlap or are not in order")
        return self


def length_scores(
    folder: Path, bands: Sequence[LengthBand], *, test: str, beam_size: int, alpha: float
) -> LengthScores:
    """Return the record of a test; at least one band has a pair. Raises CheckpointError without a checkpoint."""
    scores = next(band.scores for band in bands if band.scores is not None)
    return LengthScores(
        weights=read_config(folder).weights,
        test=test,
        beam_size=beam_size,
        alpha=alpha,
        bleu_signature=scores.bleu_signature,
        chrf_signature=scores.chrf_signature,
        bands=tuple(
            StoredBand(
                shortest=band.shortest,
                longest=band.longest,
                pairs=band.pairs,
                bleu=round(band.scores.bleu, 2) if band.scores else None,
                chrf=round(band.scores.chrf, 2) if band.scores else None,
            )
            for band in bands
        ),
    )


def save_lengths(folder: Path, scores: LengthScores) -> None:
    """Write the record into the checkpoint folder. Raises CheckpointError if the place can't be written."""
    save_record(folder, FILE, scores)


def read_lengths(folder: Path) -> LengthScores | None:
    """Return the record of a checkpoint folder, None if it has none.

    Raises CheckpointError if it is damaged, or made for other weights than those of the folder.
    """
    return read_record(folder, FILE, LengthScores, "evaluate --save-lengths")
