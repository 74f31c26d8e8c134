"""The decoder's view of an encoded source (`Memory`) and its recurrent state (`State`)."""

from dataclasses import dataclass, replace

from torch import Tensor

from seq2seq.models.cells import CellState


@dataclass(frozen=True)
class State:
    """The decoder's recurrent state, opaque to all other code."""

    layers: tuple[CellState, ...]  # for each layer (rows, hidden), twice for lstm
    feed: Tensor | None = None  # (rows, readout), the last attentional vector, with input feeding
    said: Tensor | None = None  # (rows, any), tokens that can come once and have come, padded with <pad>

    def select(self, rows: Tensor) -> "State":
        """Return the state of these rows, in this order; a row may come twice."""
        layers = tuple(tuple(part.index_select(0, rows) for part in layer) for layer in self.layers)
        return State(layers, _rows(self.feed, rows), _rows(self.said, rows))

    def vector(self) -> Tensor:
        """Return the top layer's hidden state, (rows, hidden)."""
        return self.layers[-1][0]


@dataclass(frozen=True)
class Memory:
    """An encoded source: word pieces or regions of a photo.

    states: (batch, source, width)
    mask: (batch, source), True = real; every row has at least one True
    initial: the decoder's first state, one row for each source
    keys: (batch, source, attention), the attention keys, projected once
    embeddings: (batch, source, embedding), kept for input gradients, or None
    barred: (batch, any), tokens that the decoder can't output for this source, or None
    once: (batch, any), tokens that it can output once for this source, or None
    """

    states: Tensor
    mask: Tensor
    initial: State
    keys: Tensor | None = None
    embeddings: Tensor | None = None
    barred: Tensor | None = None
    once: Tensor | None = None

    def with_limits(self, barred: Tensor, once: Tensor) -> "Memory":
        """Return the memory with tokens (batch, any) that the decoder can't output, or can output once."""
        return replace(self, barred=barred, once=once)

    def select(self, rows: Tensor) -> "Memory":
        """Return the memory of these rows, in this order; a row may come twice."""
        states = self.states.index_select(0, rows)
        return Memory(
            states=states,
            mask=self.mask.index_select(0, rows),
            initial=self.initial.select(rows),
            # Without a projection the keys are the states themselves; no need to copy them twice.
            keys=states if self.keys is self.states else _rows(self.keys, rows),
            embeddings=_rows(self.embeddings, rows),
            barred=_rows(self.barred, rows),
            once=_rows(self.once, rows),
        )

    def __len__(self) -> int:
        return self.states.shape[0]


def _rows(part: Tensor | None, rows: Tensor) -> Tensor | None:
    return None if part is None else part.index_select(0, rows)
