"""The recurrent decoder: one step at a time, or a whole given target at once (teacher forcing)."""

from dataclasses import replace
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from seq2seq.models.attention import Attention
from seq2seq.models.cells import RecurrentLayer
from seq2seq.models.dropout import Dropout
from seq2seq.models.memory import Memory, State


class Unrolled(NamedTuple):
    """The decoder's outputs for a whole target."""

    logits: Tensor  # (batch, target, vocabulary)
    state: State  # after the last target token
    attention: Tensor | None  # (batch, target, source), or None for a decoder without attention


class Decoder(nn.Module):
    """A language model of the target, conditioned on a `Memory`.

    Without attention (Sutskever et al. 2014) only the initial state depends on the source. With attention before
    the cell (Bahdanau et al. 2015) the previous state is the query and the context is an input of the cell. With
    attention after it (Luong et al. 2015) the new state is the query, and `input_feeding` passes the attentional
    vector to the next step.
    """

    def __init__(
        self,
        embedding: nn.Embedding,
        layers: list[RecurrentLayer],
        attention: Attention | None,
        *,
        memory: int,
        before: bool,
        input_feeding: bool,
        tied: bool,
        dropout: float,
        variational: bool = False,
        layer_norm: bool = False,
    ) -> None:
        """memory: the width of a source state."""
        super().__init__()
        self.embedding = embedding
        self.layers = nn.ModuleList(layers)
        self.attention = attention
        self.before = before and attention is not None
        self.input_feeding = input_feeding
        vocabulary, width = embedding.weight.shape
        hidden = layers[-1].hidden
        read = hidden + (0 if attention is None else memory) + (width if self.before else 0)
        self.readout = nn.Linear(read, width)  # Luong eq. 5; Bahdanau's deep output
        self.output = nn.Linear(width, vocabulary)
        if tied:
            self.output.weight = embedding.weight
        nn.init.zeros_(self.output.bias)
        self.dropout = Dropout(dropout, variational)
        self.norm = nn.LayerNorm(hidden) if layer_norm else nn.Identity()

    @property
    def is_stepwise(self) -> bool:
        """True if a step depends on the previous one beyond the recurrent layers themselves."""
        return self.before or self.input_feeding

    def layer(self, number: int) -> RecurrentLayer:
        """Return a recurrent layer."""
        return cast(RecurrentLayer, self.layers[number])

    def build_memory(
        self, states: Tensor, mask: Tensor, initial: State, embeddings: Tensor | None = None
    ) -> Memory:
        """Return the Memory of states (batch, source, width), with precomputed attention keys."""
        keys = None if self.attention is None else self.attention.keys(states)
        return Memory(states, mask, initial, keys, embeddings)

    def start(self, memory: Memory) -> State:
        """Return the state before the first token, a row for each source."""
        if not self.input_feeding:
            return memory.initial
        first = memory.initial.vector()
        return State(memory.initial.layers, first.new_zeros(first.shape[0], self.embedding.embedding_dim))

    def step(
        self,
        tokens: Tensor,
        state: State,
        memory: Memory,
        weights: Tensor | None = None,
        input_gates: Tensor | None = None,
    ) -> tuple[Tensor, State, Tensor | None]:
        """Return logits (rows, vocabulary), the next state and the attention (rows, source).

        tokens: (rows,), the previous tokens (decoder input). memory: a row for each of them.
        weights: (rows, source), used in place of the attention's own.
        input_gates: (rows, gates x hidden), the first layer's input projection of the tokens, if precomputed.
        """
        embedded = self.dropout(self.embedding(tokens))
        if input_gates is None:
            input_gates = self.layer(0).project_inputs(embedded)
        said = self.said(tokens, state, memory)
        readout, state, attention = self._advance(embedded, input_gates, state, memory, weights)
        return self.logits(self.dropout(readout), memory, said), replace(state, said=said), attention

    def unroll(self, targets: Tensor, memory: Memory) -> Unrolled:
        """Return the outputs of `step` for all decoder inputs (batch, target), which begin with <s>."""
        readouts, state, attention = self.readouts(targets, memory)
        said = None
        if memory.once is not None:
            written = _written_once(targets, memory.once)
            state = replace(state, said=written)
            said = (
                written[:, None].expand(-1, targets.shape[1], -1).tril()
            )  # <pad>, which is 0, for what comes later
        return Unrolled(self.logits(readouts, memory, said), state, attention)

    def logits(self, readouts: Tensor, memory: Memory, said: Tensor | None = None) -> Tensor:
        """Return the logits (..., vocabulary) of readouts (batch, ..., embedding): -inf for what can't come.

        said: (batch, ..., any), tokens that can come once and were written before, padded with <pad>.
        """
        return self.limited(self.output(readouts), memory, said)

    def said(self, tokens: Tensor, state: State, memory: Memory) -> Tensor | None:
        """Return what can come once and has come, (rows, any), the previous tokens (rows,) included."""
        if memory.once is None:
            return None
        now = _written_once(tokens[:, None], memory.once)
        return now if state.said is None else torch.cat([state.said, now], 1)

    def limited(self, logits: Tensor, memory: Memory, said: Tensor | None = None) -> Tensor:
        """Return logits (batch, ..., vocabulary) with -inf for what can't come; they may be overwritten."""
        if memory.barred is not None:
            tokens = memory.barred if logits.dim() == memory.barred.dim() else memory.barred[:, None]
            logits = logits.scatter_(-1, tokens.expand(*logits.shape[:-1], -1), float("-inf"))
        return logits if said is None else logits.scatter_(-1, said, float("-inf"))

    def readouts(self, targets: Tensor, memory: Memory) -> tuple[Tensor, State, Tensor | None]:
        """Return the inputs (batch, target, embedding) of the output layer, with dropout.

        Training uses these, so that it computes logits for real tokens only.
        """
        embedded = self.dropout(self.embedding(targets))  # (batch, target, embedding)
        if self.is_stepwise:
            readouts, state, attention = self._stepwise(embedded, memory)
        else:
            readouts, state, attention = self._vectorised(embedded, memory)
        return self.dropout(readouts), state, attention

    def _vectorised(self, embedded: Tensor, memory: Memory) -> tuple[Tensor, State, Tensor | None]:
        outputs = embedded
        last = []
        for number, first in enumerate(memory.initial.layers):
            through, end = self.layer(number)(self.dropout(outputs) if number else outputs, first)
            outputs = through + outputs if number else through
            last.append(end)
        outputs = self.norm(outputs)
        if self.attention is None:
            return torch.tanh(self.readout(outputs)), State(tuple(last)), None
        attention = self.attention(outputs, memory.keys, memory.mask)
        context = attention @ memory.states  # (batch, target, memory)
        return torch.tanh(self.readout(torch.cat([outputs, context], -1))), State(tuple(last)), attention

    def _stepwise(self, embedded: Tensor, memory: Memory) -> tuple[Tensor, State, Tensor | None]:
        state = self.start(memory)
        readouts, rows = [], []
        input_gates = self.layer(0).project_inputs(embedded)  # (batch, target, gates x hidden)
        for token, inside in zip(embedded.unbind(1), input_gates.unbind(1), strict=True):
            readout, state, attention = self._advance(token, inside, state, memory, None)
            readouts.append(readout)
            rows.append(attention)
        attentions = [row for row in rows if row is not None]
        return torch.stack(readouts, 1), state, torch.stack(attentions, 1) if attentions else None

    def _advance(
        self, embedded: Tensor, input_gates: Tensor, state: State, memory: Memory, weights: Tensor | None
    ) -> tuple[Tensor, State, Tensor | None]:
        """embedded: (rows, embedding). input_gates: its first-layer input projection, (rows, gates x hidden).

        Returns the readout (rows, embedding), the next state, the attention.
        """
        context = None
        if self.before:
            weights = self._weights(state.vector(), memory, weights)
            context = _context(weights, memory)
        beside = context if context is not None else state.feed  # a decoder has at most one of them
        if beside is not None:
            input_gates = input_gates + self.layer(0).project_inputs(beside, embedded.shape[1])
        layers = [self.layer(0).step(input_gates, state.layers[0])]
        outputs = layers[0][0]
        for number, before in enumerate(state.layers[1:], 1):
            layer = self.layer(number)
            layers.append(layer.step(layer.project_inputs(self.dropout(outputs)), before))
            outputs = layers[-1][0] + outputs
        outputs = self.norm(outputs)
        if self.attention is None:
            return torch.tanh(self.readout(outputs)), State(tuple(layers)), None
        if context is None:
            weights = self._weights(outputs, memory, weights)
            read = [outputs, _context(weights, memory)]
        else:
            read = [outputs, context, embedded]
        readout = torch.tanh(self.readout(torch.cat(read, -1)))
        return readout, State(tuple(layers), readout if self.input_feeding else None), weights

    def _weights(self, query: Tensor, memory: Memory, given: Tensor | None) -> Tensor:
        if given is not None:
            return given
        assert self.attention is not None
        weights: Tensor = self.attention(query[:, None], memory.keys, memory.mask)
        return weights.squeeze(1)


def _context(weights: Tensor, memory: Memory) -> Tensor:
    return (weights[:, None] @ memory.states).squeeze(1)  # (rows, memory)


def _written_once(tokens: Tensor, once: Tensor) -> Tensor:
    """Return tokens (batch, any), with <pad>, which is 0, in place of those that are not in `once` (batch, any)."""
    return tokens.where((tokens[..., None] == once[:, None]).any(-1), 0)
