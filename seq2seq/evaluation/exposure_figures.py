"""What a measurement of exposure bias finds, as lab.json keeps it."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from seq2seq.config import Settings


class Exposure(Settings):
    """Figures by position of the target, counted from 1, of references that are long enough."""

    former_names: ClassVar[Mapping[str, str]] = {
        "gold_accuracy": "teacher_forced_accuracy",
        "own_accuracy": "free_running_accuracy",
        "gold_loss": "teacher_forced_loss",
        "own_loss": "free_running_loss",
    }
    warns_of_former_names: ClassVar[bool] = False

    sentences: tuple[int, ...]
    teacher_forced_accuracy: tuple[float, ...]
    """Share of likeliest tokens that are the reference's, behind the reference's own prefix."""
    free_running_accuracy: tuple[float, ...]
    """The same behind the model's own prefix; after its own end a position counts as wrong."""
    teacher_forced_loss: tuple[float, ...]
    """Nats of the reference's token, behind the reference's prefix."""
    free_running_loss: tuple[float, ...]
    """The same behind the model's own prefix, of those sentences that it has not ended yet."""


class Recovery(Settings):
    """What became of sentences into which a wrong token was planted."""

    step: int = Field(ge=1)
    """The wrong token is the output's token of this number, counted from 1."""
    sentences: int = Field(ge=0)
    back_within: tuple[float, ...]
    """Share that is back on its own old path within 0, 1, 2 ... tokens behind the wrong one."""

    @property
    def back(self) -> float:
        """Share that comes back at all, within what is looked at."""
        return self.back_within[-1] if self.back_within else 0.0
