"""Ensemble decoding: several models with the interface of a single decoder."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import torch
from torch import Tensor

from seq2seq.search.protocol import DecoderState, Forced, SourceMemory, StepDecoder


class Member(StepDecoder, Protocol):
    """A decoder with its own encoder."""

    def encode(self, source: Tensor, mask: Tensor, /) -> Any:
        """Return the memory of source ids (batch, source), whose mask is True on real tokens."""


class ForcedDecoder(Protocol):
    """A decoder that also scores given targets, and whose attention can be replaced."""

    def start(self, memory: Any, /) -> Any:
        """Return the state before the first token, a row for each source."""

    def step(
        self, tokens: Tensor, state: Any, memory: Any, weights: Tensor | None, /
    ) -> tuple[Tensor, Any, Tensor | None]:
        """Return logits (rows, vocabulary), the next state and the attention; weights (rows, source) replace it."""

    def unroll(self, targets: Tensor, memory: Any, /) -> Any:
        """Return an object whose `logits` are (batch, target, vocabulary)."""


class MemberMemory(SourceMemory, Protocol):
    """A member's memory."""

    def with_limits(self, barred: Tensor, once: Tensor) -> Self:
        """Return the memory with tokens (batch, any) that the decoder can't output, or can output once."""


@dataclass(frozen=True)
class EnsembleMemory:
    """Each member's memory of the same sources."""

    members: tuple[MemberMemory, ...]

    @property
    def mask(self) -> Tensor:
        """(batch, source), True = real; the same for all members."""
        return self.members[0].mask

    def with_limits(self, barred: Tensor, once: Tensor) -> Self:
        """Return the memory with tokens (batch, any) that no member can output, or can output once."""
        return type(self)(tuple(member.with_limits(barred, once) for member in self.members))

    def select(self, rows: Tensor) -> Self:
        """Return the memory of these rows, in this order; a row may come twice."""
        return type(self)(tuple(member.select(rows) for member in self.members))


@dataclass(frozen=True)
class _States:
    members: tuple[DecoderState, ...]

    def select(self, rows: Tensor) -> Self:
        return type(self)(tuple(member.select(rows) for member in self.members))


class Ensemble:
    """Steps like a decoder; its probabilities and its attention are the means of its members'."""

    def __init__(self, members: Sequence[Member]) -> None:
        """members: with the same vocabularies."""
        self._members = members

    def encode(self, source: Tensor, mask: Tensor) -> EnsembleMemory:
        """Return each member's memory. source: ids (batch, source); mask: (batch, source), True = real."""
        return EnsembleMemory(tuple(member.encode(source, mask) for member in self._members))

    def start(self, memory: EnsembleMemory) -> _States:
        """Return the state before the first token, a row for each source."""
        return _States(tuple(one.start(own) for one, own in zip(self._members, memory.members, strict=True)))

    def step(self, tokens: Tensor, state: _States, memory: EnsembleMemory) -> tuple[Tensor, _States, Tensor | None]:
        """Return the logarithm of the mean probabilities (rows, vocabulary), the next state, the mean attention.

        The attention is the mean over the members that have attention, or None.
        """
        return _together(
            [
                one.step(tokens, own, read)
                for one, own, read in zip(self._members, state.members, memory.members, strict=True)
            ]
        )


class DecoderEnsemble:
    """Several decoders of one shape in place of one: their probabilities and their attention are averaged.

    It searches, scores given targets and has its attention replaced as a single decoder does.
    """

    def __init__(self, members: Sequence[ForcedDecoder]) -> None:
        """members: with the same vocabulary and the same kind of attention."""
        self.members = members

    def start(self, memory: EnsembleMemory) -> _States:
        """Return the state before the first token, a row for each source."""
        return _States(tuple(one.start(own) for one, own in zip(self.members, memory.members, strict=True)))

    def step(
        self, tokens: Tensor, state: _States, memory: EnsembleMemory, weights: Tensor | None = None
    ) -> tuple[Tensor, _States, Tensor | None]:
        """Return what `Ensemble.step` returns; weights (rows, source) replace the attention of each member."""
        return _together(
            [
                one.step(tokens, own, read, weights)
                for one, own, read in zip(self.members, state.members, memory.members, strict=True)
            ]
        )

    def unroll(self, targets: Tensor, memory: EnsembleMemory) -> Forced:
        """Return the logarithm of the mean probabilities for whole targets (batch, target)."""
        said = (one.unroll(targets, own) for one, own in zip(self.members, memory.members, strict=True))
        return Forced(_mean([one.logits for one in said]))


def _together(said: Sequence[tuple[Tensor, DecoderState, Tensor | None]]) -> tuple[Tensor, _States, Tensor | None]:
    """Return the logarithm of the members' mean probabilities, their states, and their mean attention."""
    rows = [attention for _, _, attention in said if attention is not None]
    return (
        _mean([logits for logits, _, _ in said]),
        _States(tuple(after for _, after, _ in said)),
        torch.stack(rows).mean(0) if rows else None,
    )


def _mean(logits: Sequence[Tensor]) -> Tensor:
    """Return the logarithm of the mean of several models' probabilities."""
    log_probs = torch.stack([each.float().log_softmax(-1) for each in logits])
    return log_probs.logsumexp(0) - math.log(len(logits))
