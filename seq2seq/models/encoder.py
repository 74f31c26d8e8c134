"""The recurrent encoder: token ids to source states."""

from collections.abc import Sequence
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from seq2seq.errors import ShapeError
from seq2seq.models.cells import RecurrentLayer
from seq2seq.models.config import Cell
from seq2seq.models.dropout import Dropout


class Encoded(NamedTuple):
    """The encoder's outputs for a batch of sources."""

    states: Tensor  # (batch, source, width)
    summaries: tuple[Tensor, ...]  # for each layer the final states of all directions, (batch, width)
    embeddings: Tensor  # (batch, source, embedding)


class Encoder(nn.Module):
    """Uni- or bidirectional recurrent layers, with residual connections from the second layer on."""

    def __init__(
        self,
        vocabulary: int,
        *,
        cell: Cell,
        embedding: int,
        layers: int,
        hidden: int,
        bidirectional: bool,
        dropout: float,
        variational: bool = False,
        weight_drop: float = 0.0,
        layer_norm: bool = False,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding, padding_idx=0)
        nn.init.normal_(self.embedding.weight, std=0.1)
        self.embedding.weight.data[0] = 0.0
        width = hidden * (2 if bidirectional else 1)
        inputs = [embedding] + [width] * (layers - 1)
        self.forwards = nn.ModuleList(RecurrentLayer(cell, size, hidden, weight_drop) for size in inputs)
        self.backwards = nn.ModuleList(
            RecurrentLayer(cell, size, hidden, weight_drop) for size in inputs if bidirectional
        )
        self.dropout = Dropout(dropout, variational)
        self.norm = nn.LayerNorm(width) if layer_norm else nn.Identity()

    def first_layers(self) -> list[RecurrentLayer]:
        """Return the first layer of each direction."""
        return [cast(RecurrentLayer, layer) for layer in (self.forwards[0], *self.backwards[:1])]

    def forward(self, source: Tensor, mask: Tensor, first: Sequence[Tensor] = ()) -> Encoded:
        """Return the states of source ids (batch, source), whose mask (batch, source) is True on real tokens.

        Padding comes after the real tokens and does not affect the result.
        first: the first layer's outputs in each direction, (batch, source, hidden), if they are known; the backward
        ones as the layer reads, from each row's last token to its first.
        Raises ShapeError if a source has no real token.
        """
        return self.read(self.embedding(source), mask, first)

    def read(self, embeddings: Tensor, mask: Tensor, first: Sequence[Tensor] = ()) -> Encoded:
        """Return the result of `forward`, given embeddings (batch, source, embedding), for input gradients."""
        lengths = mask.sum(1)
        if not bool(lengths.all()):
            raise ShapeError("a source without a single token can't be encoded; leave it out of the batch.")
        embeddings = self.dropout(embeddings)
        last = (lengths - 1)[:, None, None]
        reversal = reversal_indices(mask)
        states = embeddings
        summaries = []
        for number, forward_layer in enumerate(self.forwards):
            known = first if number == 0 else ()
            outputs = known[0] if known else forward_layer(states)[0]
            ends = [outputs.gather(1, last.expand(-1, 1, outputs.shape[2])).squeeze(1)]
            if self.backwards:
                # Each row is reversed within its own length, so the backward layer never reads padding first;
                # this is equivalent to packing, and keeps the fast unpacked kernels.
                backward_outputs = known[1] if known else self.backwards[number](_gather(states, reversal))[0]
                backward_outputs = _gather(backward_outputs, reversal)
                ends.append(backward_outputs[:, 0])
                outputs = torch.cat([outputs, backward_outputs], 2)
            summaries.append(torch.cat(ends, 1))
            states = outputs if number == 0 else outputs + states
            if number + 1 < len(self.forwards):
                states = self.dropout(states)
        return Encoded(self.norm(states), tuple(summaries), embeddings)


def reversal_indices(mask: Tensor) -> Tensor:
    """Return, for each row, the positions length-1 .. 0, then those of the padding, (batch, source)."""
    lengths = mask.sum(1)
    position = torch.arange(mask.shape[1], device=mask.device)[None]
    return torch.where(position < lengths[:, None], lengths[:, None] - 1 - position, position)


def _gather(states: Tensor, positions: Tensor) -> Tensor:
    return states.gather(1, positions[:, :, None].expand(-1, -1, states.shape[2]))
