"""A model wrapper that caches the first layers' input projections by token, for translating many sentences.

The first recurrent layer's input projection of a token, W embedding + b, does not depend on its position. Computed
once, when the token or a neighbour of it first occurs, it saves a fifth of the multiply-adds of a decoder step and
two thirds of those of an encoder of the shipped size, and changes nothing but the order of a sum.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding

from seq2seq.models.cells import RecurrentLayer
from seq2seq.models.compiled import CompiledDecoder, CompiledLayers
from seq2seq.models.decoder import Decoder
from seq2seq.models.encoder import reversal_indices
from seq2seq.models.memory import Memory, State
from seq2seq.models.translation import TranslationModel

# Tokens are projected this many at once, always the same ones together: a product's last bits depend on how many
# rows it has, and a result must not depend on what was translated before.
_BLOCK = 8


class _TokenTable:
    """A layer's input projections of tokens, filled in as they are asked for."""

    def __init__(self, embeddings: nn.Embedding, layer: RecurrentLayer) -> None:
        self._embeddings = embeddings.weight
        self._layer = layer
        rows = self._embeddings[:1]
        # The system allocates memory pages lazily, so unused rows cost nothing.
        self._table = rows.new_empty(len(self._embeddings), layer.project_inputs(rows).shape[1])
        self._known = torch.zeros(len(self._embeddings), dtype=torch.bool, device=rows.device)

    def look_up(self, tokens: Tensor) -> Tensor:
        """Return the projections of tokens (...), as (..., gates x hidden)."""
        known = self._known[tokens]
        if not bool(known.all()):
            for number in torch.unique(tokens[~known] // _BLOCK).tolist():
                block = slice(number * _BLOCK, (number + 1) * _BLOCK)
                self._table[block] = self._layer.project_inputs(self._embeddings[block])
                self._known[block] = True  # last, so that a thread that sees it finds the rows
        return embedding(tokens, self._table)


class CachedInputProjections:
    """Encodes and steps like the model that it wraps; for translating, not for training. Threads may share it."""

    @torch.inference_mode()
    def __init__(self, model: TranslationModel, decoder: Decoder | CompiledDecoder | None = None) -> None:
        """decoder: used in place of the model's own; with a compiled one the encoder's steps are compiled, too."""
        self._model = model
        self._decoder = decoder or model.decoder
        self._layers = model.encoder.first_layers()
        self._sources = [_TokenTable(model.encoder.embedding, layer) for layer in self._layers]
        self._targets = _TokenTable(model.decoder.embedding, model.decoder.layer(0))
        self._compiled = (
            CompiledLayers(self._layers, decoder.precision) if isinstance(decoder, CompiledDecoder) else None
        )

    def encode(self, source: Tensor, mask: Tensor) -> Memory:
        """Return the memory for the decoder. source: ids (batch, source); mask: (batch, source), True = real."""
        read = [source, source.gather(1, reversal_indices(mask))]
        gates = [table.look_up(ids) for table, ids in zip(self._sources, read, strict=False)]
        if self._compiled:
            return self._model.encode(source, mask, self._compiled.steps(gates))
        return self._model.encode(
            source, mask, [layer.steps(each) for layer, each in zip(self._layers, gates, strict=True)]
        )

    def start(self, memory: Memory) -> State:
        """Return the state before the first token, a row for each source."""
        return self._decoder.start(memory)

    def step(self, tokens: Tensor, state: State, memory: Memory) -> tuple[Tensor, State, Tensor | None]:
        """Return logits (rows, vocabulary), the next state and the attention (rows, source)."""
        return self._decoder.step(tokens, state, memory, input_gates=self._targets.look_up(tokens))
