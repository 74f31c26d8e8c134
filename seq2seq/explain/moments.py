"""The vectors of a decoding, moment by moment: decoder states, contexts, encoder states."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from seq2seq.data.batches import make_batch
from seq2seq.errors import TraceError
from seq2seq.models import TranslationModel
from seq2seq.text import END
from seq2seq.trace import Trace
from seq2seq.translator import Translator

Kind = Literal["decoder", "context", "encoder"]
KINDS: tuple[Kind, ...] = ("decoder", "context", "encoder")


class Moments(NamedTuple):
    """The vectors of a sentence pair. Moment t of the target stands behind t target pieces and predicts the next.

    decoder: (target + 1, hidden), the top layer's states
    context: (target + 1, memory), what the attention handed over, or None for a model without attention
    encoder: (source + 1, memory), a state for each source piece, </s> included
    """

    decoder: Tensor
    context: Tensor | None
    encoder: Tensor

    def of(self, kind: Kind) -> Tensor | None:
        """Return the vectors of a kind."""
        return {"decoder": self.decoder, "context": self.context, "encoder": self.encoder}[kind]


@torch.inference_mode()
def moments(
    model: TranslationModel, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]
) -> list[Moments]:
    """Return the moments of each pair of ids, without start and end, in one batch of forced decoding.

    Step by step, because a step hands out its state and an unrolled target only its last one.
    """
    decoder = model.decoder
    batch = make_batch([list(ids) for ids in sources], [list(ids) for ids in targets])
    batch = batch.to(decoder.output.weight.device)
    memory = model.encode(batch.source, batch.source_mask)
    state = decoder.start(memory)
    states, contexts = [], []
    for tokens in batch.fed.unbind(1):
        _, state, attention = decoder.step(tokens, state, memory)
        states.append(state.vector())
        if attention is not None:
            contexts.append((attention[:, None] @ memory.states).squeeze(1))
    hidden = torch.stack(states, 1).cpu()  # (batch, target, hidden)
    context = torch.stack(contexts, 1).cpu() if contexts else None
    return [
        Moments(
            hidden[row, : len(target) + 1],
            None if context is None else context[row, : len(target) + 1],
            memory.states[row, : len(source) + 1].cpu(),
        )
        for row, (source, target) in enumerate(zip(sources, targets, strict=True))
    ]


def trace_moments(translator: Translator, trace: Trace, leaf: int | None = None) -> Moments:
    """Return the moments along the path to `leaf` (the winner's without one) of a trace of this model.

    A path of n pieces, </s> among them, has n decoder states, one before each piece; so has one that was cut off.
    Raises TraceError if another model made the trace.
    """
    if trace.model.digest != translator.checkpoint.fingerprint:
        raise TraceError(f"The trace was made by {trace.model.name}, another model; trace the sentence again.")
    path = trace.path(trace.best.leaf if leaf is None else leaf)
    tokens = [trace.nodes.token[node] for node in path]
    source = translator.checkpoint.source.encode(trace.source.text)
    found = moments(translator.model, [source], [[token for token in tokens if token != END]])[0]
    steps = max(1, len(tokens))
    context = None if found.context is None else found.context[:steps]
    return Moments(found.decoder[:steps], context, found.encoder)
