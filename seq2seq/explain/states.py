"""The vectors of a decoding, step by step: decoder states, contexts, encoder states."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from seq2seq.data.batches import pad
from seq2seq.models import Decoder, Memory
from seq2seq.session import Session
from seq2seq.text import END, START
from seq2seq.trace import Trace

StateKind = Literal["decoder", "context", "encoder"]
STATE_KINDS: tuple[StateKind, ...] = ("decoder", "context", "encoder")


class DecodingStates(NamedTuple):
    """The vectors of a sentence pair. Target position t is after t target pieces and predicts the next.

    decoder: (target + 1, hidden), the top layer's states
    context: (target + 1, memory), the attention's context vectors, or None for a model without attention
    encoder: (source + 1, memory), a state for each source piece, </s> included
    """

    decoder: Tensor
    context: Tensor | None
    encoder: Tensor

    def of(self, kind: StateKind) -> Tensor | None:
        """Return the vectors of a kind."""
        return {"decoder": self.decoder, "context": self.context, "encoder": self.encoder}[kind]


@torch.inference_mode()
def decoding_states(decoder: Decoder, memory: Memory, targets: Sequence[Sequence[int]]) -> list[DecodingStates]:
    """Return the states of each source of `memory` with its target (ids without start and end), by forced decoding.

    Step by step, because a step returns its state and an unrolled target only the last one.
    """
    device = memory.mask.device
    decoder_input, _ = pad([[START, *target] for target in targets])
    state = decoder.start(memory)
    states, contexts = [], []
    for tokens in decoder_input.to(device).unbind(1):
        _, state, attention = decoder.step(tokens, state, memory)
        states.append(state.vector())
        if attention is not None:
            contexts.append((attention[:, None] @ memory.states).squeeze(1))
    hidden = torch.stack(states, 1).cpu()  # (batch, target, hidden)
    context = torch.stack(contexts, 1).cpu() if contexts else None
    return [
        DecodingStates(
            hidden[row, : len(target) + 1],
            None if context is None else context[row, : len(target) + 1],
            memory.states[row, : int(memory.mask[row].sum())].cpu(),
        )
        for row, target in enumerate(targets)
    ]


def trace_states(session: Session, trace: Trace, leaf: int | None = None) -> DecodingStates:
    """Return the states along the path to `leaf` (None: the winner's) of a trace of this session's source.

    A path of n pieces, </s> included, has n decoder states, one before each piece; so has one that was cut off.
    Raises TraceError if another model made the trace.
    """
    session.require_own(trace)
    path = trace.path(trace.best.leaf if leaf is None else leaf)
    tokens = [trace.nodes.token[node] for node in path]
    decoder, memory = session.require_single("The search for similar states")
    found = decoding_states(decoder, memory, [[token for token in tokens if token != END]])[0]
    steps = max(1, len(tokens))
    context = None if found.context is None else found.context[:steps]
    return DecodingStates(found.decoder[:steps], context, found.encoder)
