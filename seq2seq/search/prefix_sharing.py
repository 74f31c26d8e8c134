"""Many searches for one source at once: identical prefixes share one decoder step."""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from seq2seq.search.protocol import DecoderState, SourceMemory, StepDecoder


@dataclass(frozen=True)
class RepeatedSource:
    """One source repeated; it has only the mask that the search needs, `PrefixSharingDecoder` has the memory."""

    mask: Tensor  # (copies, source)

    @classmethod
    def of(cls, memory: SourceMemory, count: int) -> Self:
        """Return `count` copies of the single source of a memory."""
        return cls(memory.mask.expand(count, -1))

    def select(self, rows: Tensor) -> Self:
        """Return as many copies as there are rows."""
        return type(self)(self.mask[:1].expand(len(rows), -1))


@dataclass(frozen=True)
class _Shared:
    """The states of distinct prefixes, and the index of each row's prefix among them."""

    state: DecoderState
    of: Tensor  # (rows,)

    def select(self, rows: Tensor) -> Self:
        return type(self)(self.state, self.of[rows])


class PrefixSharingDecoder:
    """Wraps `decoder` for a `RepeatedSource`: rows with the same prefix are decoded as one row."""

    def __init__(self, decoder: StepDecoder, memory: SourceMemory) -> None:
        """memory: of one source."""
        self._decoder = decoder
        self._memory = memory

    def start(self, copies: RepeatedSource) -> _Shared:
        """Return the state before the first token."""
        return _Shared(self._decoder.start(self._memory), copies.mask.new_zeros(len(copies.mask), dtype=torch.long))

    def step(self, tokens: Tensor, state: _Shared, copies: RepeatedSource) -> tuple[Tensor, _Shared, None]:
        """Return logits (rows, vocabulary) and the next state; the attention is left out."""
        prefixes, of = torch.unique(torch.stack([state.of, tokens]), dim=1, return_inverse=True)
        before, last = prefixes
        memory = self._memory.select(torch.zeros_like(before))
        logits, after, _ = self._decoder.step(last, state.state.select(before), memory)
        return logits[of], _Shared(after, of), None
