"""The recurrent encoder: token ids to source states."""

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

    def project_inputs(self, embeddings: Tensor) -> tuple[Tensor, ...]:
        """Return each direction's first-layer input projection of embeddings (..., embedding)."""
        layers = [self.forwards[0], *self.backwards[:1]]
        return tuple(cast(RecurrentLayer, layer).project_inputs(embeddings) for layer in layers)

    def forward(self, source: Tensor, mask: Tensor, input_gates: tuple[Tensor, ...] | None = None) -> Encoded:
        """Return the states of source ids (batch, source), whose mask (batch, source) is True on real tokens.

        Padding comes after the real tokens and does not affect the result.
        input_gates: the result of `project_inputs` for the source's embeddings, if precomputed.
        Raises ShapeError if a source has no real token.
        """
        return self.read(self.embedding(source), mask, input_gates)

    def read(self, embeddings: Tensor, mask: Tensor, input_gates: tuple[Tensor, ...] | None = None) -> Encoded:
        """Return the result of `forward`, given embeddings (batch, source, embedding), for input gradients."""
        lengths = mask.sum(1)
        if not bool(lengths.all()):
            raise ShapeError("a source without a single token can't be encoded; leave it out of the batch.")
        embeddings = self.dropout(embeddings)
        last = (lengths - 1)[:, None, None]
        reversal = _reversal_indices(lengths, mask.shape[1])
        states = embeddings
        summaries = []
        for number, forward_layer in enumerate(self.forwards):
            known = input_gates if input_gates and number == 0 else (None, None)
            outputs = _run(forward_layer, states, known[0])
            ends = [outputs.gather(1, last.expand(-1, 1, outputs.shape[2])).squeeze(1)]
            if self.backwards:
                # Each row is reversed within its own length, so the backward layer never reads padding first;
                # this is equivalent to packing, and keeps the fast unpacked kernels.
                reversed_states = _gather(states, reversal)
                backward_outputs = _run(
                    self.backwards[number],
                    reversed_states,
                    None if known[1] is None else _gather(known[1], reversal),
                )
                backward_outputs = _gather(backward_outputs, reversal)
                ends.append(backward_outputs[:, 0])
                outputs = torch.cat([outputs, backward_outputs], 2)
            summaries.append(torch.cat(ends, 1))
            states = outputs if number == 0 else outputs + states
            if number + 1 < len(self.forwards):
                states = self.dropout(states)
        return Encoded(self.norm(states), tuple(summaries), embeddings)


def _run(layer: nn.Module, inputs: Tensor, input_gates: Tensor | None) -> Tensor:
    """Return a layer's outputs (batch, source, hidden); input_gates: (batch, source, gates x hidden), if known."""
    layer = cast(RecurrentLayer, layer)
    if input_gates is None:
        outputs: Tensor = layer(inputs)[0]
        return outputs
    return layer.steps(input_gates)


def _reversal_indices(lengths: Tensor, longest: int) -> Tensor:
    """Return, for each row, the positions length-1 .. 0, then those of the padding, (batch, source)."""
    position = torch.arange(longest, device=lengths.device)[None]
    return torch.where(position < lengths[:, None], lengths[:, None] - 1 - position, position)


def _gather(states: Tensor, positions: Tensor) -> Tensor:
    return states.gather(1, positions[:, :, None].expand(-1, -1, states.shape[2]))
