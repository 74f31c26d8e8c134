"""Interfaces of the search: what it requires from a decoder and what it reports to a recorder."""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, Self

from torch import Tensor


class SourceMemory(Protocol):
    """An encoded batch of sources."""

    @property
    def mask(self) -> Tensor:
        """(batch, source), True = real."""

    def select(self, rows: Tensor) -> Self:
        """Return the memory of these rows, in this order; a row may come twice."""


class DecoderState(Protocol):
    """The state that a decoder carries from step to step."""

    def select(self, rows: Tensor) -> Self:
        """Return the state of these rows, in this order; a row may come twice."""


class Forced(NamedTuple):
    """What a decoder says of whole targets."""

    logits: Tensor  # (batch, target, vocabulary)


class StepDecoder(Protocol):
    """Anything that returns next-token logits: a decoder, an ensemble, a lookup table in a test."""

    def start(self, memory: Any, /) -> Any:
        """Return the state before the first token, a row for each source."""

    def step(self, tokens: Tensor, state: Any, memory: Any, /) -> tuple[Tensor, Any, Tensor | None]:
        """Return logits (rows, vocabulary), the next state and the attention (rows, source)."""


@dataclass(frozen=True)
class Step:
    """The inputs and results of one search step, for a recorder.

    Rows are the live hypotheses of all sources before the step, in the order kept by the previous step.
    """

    number: int  # from 1: the length that a hypothesis has after this step
    source: Tensor  # (rows,), the source that a row belongs to
    totals: Tensor  # (rows,), float64, the totals before the step
    log_probs: Tensor  # (rows, vocabulary), the model's own, before tokens are masked
    attention: Tensor | None  # (rows, source)
    parents: Tensor  # (kept,), rows whose extension was kept, by source, by group and then by rank
    tokens: Tensor  # (kept,)
    finished: Tensor  # (kept,), True where the token is the end token


class Recorder(Protocol):
    """An observer of a search."""

    def step(self, step: Step) -> bool | None:
        """Record a step; return True to end the search after it."""
