"""The progress of a training, read without its tensors."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field
from safetensors import SafetensorError, safe_open

from seq2seq.config import Settings, parse
from seq2seq.errors import CheckpointError, reason
from seq2seq.training.recipe import Precision

STATE, PROGRESS = "state.safetensors", "progress.json"
SNAPSHOTS, KEPT_CHECKPOINTS, SAMPLES = "snapshots", "moments", "samples.tsv"


class ValidatedUpdate(Settings):
    """A validation while training, and its score: BLEU, or what else the task is judged by."""

    former_names: ClassVar[Mapping[str, str]] = {"bleu": "score"}
    warns_of_former_names: ClassVar[bool] = False

    update: int
    score: float


class Progress(Settings):
    """The progress of a training."""

    former_names: ClassVar[Mapping[str, str]] = {"moments": "validations"}
    warns_of_former_names: ClassVar[bool] = False

    recipe: str
    """Digest of the recipe; another recipe can't continue from here."""
    precision: Precision
    data: str = ""
    """`Task.data_digest`."""
    update: int = 0
    epoch: int = 0
    batch: int = 0
    """Batches of this epoch that are done."""
    tokens: int = 0
    seconds: float = 0.0
    """Wall-clock seconds spent in updates."""
    core_seconds: float = 0.0
    """CPU seconds of all this process's threads in updates; other programs hardly change it."""
    validations: tuple[ValidatedUpdate, ...] = ()
    halvings: int = 0
    without_gain: int = 0
    window: Mapping[str, float] = Field(default_factory=dict)
    """Sums over the updates since the last line of the history, with their `seconds` and number (`updates`)."""
    finished: bool = False

    @property
    def best(self) -> ValidatedUpdate:
        """The validation with the best score. There has to be one."""
        return max(self.validations, key=lambda validation: validation.score)

    @property
    def tokens_per_second(self) -> float:
        """Target tokens a second in the window; 0 for what has none."""
        return self.window.get("tokens", 0) / self.window["seconds"] if self.window else 0.0

    def after(self, sums: Mapping[str, float], seconds: float, core_seconds: float) -> Self:
        """Return the progress after one more update, which took that long."""
        added = {**sums, "seconds": seconds, "updates": 1}
        window = {name: self.window.get(name, 0) + value for name, value in added.items()}
        changes = {
            "update": self.update + 1,
            "batch": self.batch + 1,
            "tokens": self.tokens + round(sums.get("tokens", 0)),
            "seconds": self.seconds + seconds,
            "core_seconds": self.core_seconds + core_seconds,
            "window": window,
        }
        return self.model_copy(update=changes)


def read_progress(folder: Path) -> Progress:
    """Return the progress of the training in `folder`. Raises CheckpointError if there is none."""
    path = folder / STATE
    if not path.is_file():
        raise CheckpointError(f"{folder} holds no training to resume; start it without --resume.")
    try:
        with safe_open(path, framework="numpy") as opened:
            values = json.loads((opened.metadata() or {}).get("progress", "{}"))
    except (SafetensorError, OSError, ValueError) as failure:
        raise CheckpointError(f"{path} is damaged ({reason(failure)}); start the training anew.") from None
    if isinstance(values, dict) and "core_seconds" in values and "precision" not in values:
        raise CheckpointError(f"{path} was written by an earlier version; start the training anew.")
    return parse(Progress, values, str(path), CheckpointError)
