"""lab.json: everything that was measured of the recorded runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from seq2seq.config import Settings, parse, read_json
from seq2seq.errors import CheckpointError
from seq2seq.evaluation.exposure_figures import Exposure, Recovery
from seq2seq.models.config import AttentionKind, Cell

FILE = "lab.json"


class Curve(Settings):
    """A run's history in columns. Losses are nats a token, norms are of gradients before clipping."""

    updates: tuple[int, ...]
    loss: tuple[float, ...]
    """In training, given the decoder input used there; the teacher-forced loss only where the ratio is 1."""
    ratio: tuple[float, ...]
    """Teacher-forcing ratio."""
    encoder_norm: tuple[float, ...]
    decoder_norm: tuple[float, ...]
    valid_updates: tuple[int, ...]
    forced_loss: tuple[float, ...]
    """On validation pairs, teacher-forced."""
    accuracy: tuple[float, ...]
    bleu: tuple[float, ...]
    """On validation pairs, free-running."""
    chrf: tuple[float, ...]


class Score(Settings):
    """Free-running scores (greedy) on one set of pairs."""

    pairs: int = Field(ge=1)
    bleu: float
    chrf: float
    bleu_signature: str
    chrf_signature: str


class LabRun(Settings):
    """One recorded run."""

    regime: str
    seed: int
    updates: int
    core_minutes: float
    parameters: int
    curve: Curve
    valid: Score
    test: Score
    p_bleu: float | None
    """p-value on the test set of the difference from the always forced run of the same seed."""
    p_chrf: float | None
    exposure: Exposure
    recovery: tuple[Recovery, ...]
    folder: str | None
    """Of its weights, next to lab.json; None where only the figures are kept."""

    @property
    def name(self) -> str:
        """Regime and seed."""
        return f"{self.regime}-{self.seed}"


class Gradients(Settings):
    """How much of the loss's gradient reaches each source position, from the first to </s>."""

    cell: Cell
    attention: AttentionKind
    updates: int
    """Updates before the measurement; 0 is before training."""
    sentences: int
    norms: tuple[float, ...]


class Snapshot(Settings):
    """The watched run as it was after some updates."""

    update: int
    folder: str


class Lab(Settings):
    """All runs of one data set, one architecture and one budget; others are not compared with them."""

    former_names: ClassVar[Mapping[str, str]] = {"moments": "snapshots"}
    warns_of_former_names: ClassVar[bool] = False
    format: Literal[1] = 1
    data: str
    """The runs' training data, in words."""
    vocabulary: str
    """Digest of both vocabularies; only runs that share them are ranked together."""
    runs: tuple[LabRun, ...]
    gradients: tuple[Gradients, ...] = ()
    watched: str | None = None
    """The run whose snapshots are kept."""
    snapshots: tuple[Snapshot, ...] = ()

    def of(self, regime: str) -> list[LabRun]:
        """Return the runs of a regime, by seed."""
        return sorted((run for run in self.runs if run.regime == regime), key=lambda run: run.seed)

    @property
    def regimes(self) -> list[str]:
        """The regimes that have a run, in the order of the file."""
        return list(dict.fromkeys(run.regime for run in self.runs))

    def kept(self, regime: str) -> LabRun | None:
        """Return the run of a regime whose weights are kept, None if there is none."""
        return next((run for run in self.of(regime) if run.folder), None)


def mean_and_spread(values: Sequence[float]) -> tuple[float, float | None]:
    """Return the mean, and the sample standard deviation if there are several values."""
    mean = sum(values) / len(values)
    if len(values) < 2:
        return mean, None
    return mean, (sum((value - mean) ** 2 for value in values) / (len(values) - 1)) ** 0.5


def read_lab(folder: Path) -> Lab | None:
    """Return the record in a folder, None if there is none. Raises CheckpointError if it is damaged."""
    path = folder / FILE
    if not path.is_file():
        return None
    return parse(Lab, read_json(path, CheckpointError), str(path), CheckpointError)


def curve_of(history: Sequence[dict[str, Any]]) -> Curve:
    """Return the columns of history.jsonl's lines."""
    logged = [line | line["norms"] for line in history if "norms" in line]
    valid = [line | line["valid"] for line in history if "valid" in line]

    def column(lines: list[dict[str, Any]], name: str) -> tuple[float, ...]:
        return tuple(round(float(line[name]), 4) for line in lines)

    return Curve(
        updates=tuple(line["update"] for line in logged),
        loss=column(logged, "loss"),
        ratio=column(logged, "ratio"),
        encoder_norm=column(logged, "encoder"),
        decoder_norm=column(logged, "decoder"),
        valid_updates=tuple(line["update"] for line in valid),
        forced_loss=column(valid, "forced_loss"),
        accuracy=column(valid, "accuracy"),
        bleu=column(valid, "bleu"),
        chrf=column(valid, "chrf"),
    )
