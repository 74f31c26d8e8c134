"""Attention surgery: a decoder whose attention weights are replaced at some steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import torch
from torch import Tensor

from seq2seq.errors import ConfigError
from seq2seq.search.protocol import DecoderState, Forced, SourceMemory


class AttentionDecoder(Protocol):
    """A decoder whose attention can be replaced."""

    def start(self, memory: Any, /) -> Any:
        """Return the state before the first token, a row for each source."""

    def step(
        self, tokens: Tensor, state: Any, memory: Any, weights: Tensor | None, /
    ) -> tuple[Tensor, Any, Tensor | None]:
        """Return logits (rows, vocabulary), the next state and the attention; weights (rows, source) replace it."""


@dataclass(frozen=True)
class _Counted:
    """A decoder's state and the number of the next step."""

    state: DecoderState
    number: int

    def select(self, rows: Tensor) -> Self:
        return type(self)(self.state.select(rows), self.number)


class ReplacedAttention:
    """Wraps `decoder` and replaces its attention at given steps; for search and forced decoding."""

    def __init__(self, decoder: AttentionDecoder, rows: Mapping[int, Sequence[float]]) -> None:
        """rows: by step, counted from 1, the weights over the source's pieces."""
        self._decoder = decoder
        self._rows = rows

    def start(self, memory: SourceMemory) -> _Counted:
        """Return the state before the first token, a row for each source."""
        return _Counted(self._decoder.start(memory), 1)

    def step(self, tokens: Tensor, state: _Counted, memory: SourceMemory) -> tuple[Tensor, _Counted, Tensor | None]:
        """Return logits (rows, vocabulary), the next state and the attention (rows, source).

        Raises ConfigError if the weights do not fit the source, or the decoder has no attention.
        """
        weights = self._weights(state.number, memory.mask)
        logits, after, attention = self._decoder.step(tokens, state.state, memory, weights)
        if weights is not None and attention is None:
            raise ConfigError("This model has no attention to replace; take the attention edits out.")
        return logits, _Counted(after, state.number + 1), attention

    def unroll(self, targets: Tensor, memory: SourceMemory) -> Forced:
        """Return the logits of whole targets (batch, target), step by step."""
        state = self.start(memory)
        logits = []
        for tokens in targets.unbind(1):
            said, state, _ = self.step(tokens, state, memory)
            logits.append(said)
        return Forced(torch.stack(logits, 1))

    def _weights(self, number: int, mask: Tensor) -> Tensor | None:
        row = self._rows.get(number)
        if row is None:
            return None
        if len(row) != mask.shape[1]:
            raise ConfigError(
                f"The replaced attention of step {number} has {len(row)} weights, but the source has "
                f"{mask.shape[1]} pieces; give one weight for each."
            )
        return torch.tensor(row, device=mask.device).expand(mask.shape)
