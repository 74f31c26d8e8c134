"""The results of measuring exposure bias, as stored in lab.json."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from seq2seq.config import Settings


class Exposure(Settings):
    """Figures by target position, counted from 1, over the references that are long enough."""

    former_names: ClassVar[Mapping[str, str]] = {
        "gold_accuracy": "teacher_forced_accuracy",
        "own_accuracy": "free_running_accuracy",
        "gold_loss": "teacher_forced_loss",
        "own_loss": "free_running_loss",
    }
    warns_of_former_names: ClassVar[bool] = False

    sentences: tuple[int, ...]
    teacher_forced_accuracy: tuple[float, ...]
    """Top-1 accuracy (share where the most likely token is the reference's), given the reference prefix."""
    free_running_accuracy: tuple[float, ...]
    """The same given the model's own prefix; positions after its </s> count as wrong."""
    teacher_forced_loss: tuple[float, ...]
    """Negative log-likelihood of the reference's token in nats, given the reference prefix."""
    free_running_loss: tuple[float, ...]
    """The same given the model's own prefix, over the sentences that it has not ended yet."""


class Recovery(Settings):
    """How outputs recover from a planted wrong token."""

    step: int = Field(ge=1)
    """Position of the wrong token in the output, counted from 1."""
    sentences: int = Field(ge=0)
    back_within: tuple[float, ...]
    """Share that is back on its own old path within 0, 1, 2 ... tokens after the wrong one."""

    @property
    def back(self) -> float:
        """Share that is back within the longest delay measured."""
        return self.back_within[-1] if self.back_within else 0.0
