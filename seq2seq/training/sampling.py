"""Scheduled sampling (Bengio et al. 2015): a coin for every token and sentence decides what is fed next."""

from typing import Literal

import torch
from torch import Tensor

from seq2seq.models import Decoder, Memory
from seq2seq.search import Sample, choose
from seq2seq.text import PAD, START

Feedback = Literal["argmax", "sample"]


def mixed_readouts(
    decoder: Decoder,
    fed: Tensor,
    memory: Memory,
    ratio: float,
    feedback: Feedback,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Return the decoder's logits (batch, target, vocabulary), and what it was fed (batch, target).

    fed: the true inputs (batch, target), the first of which is <s>. Each later input is the truth with
    probability `ratio`, else the token that the decoder itself chose; no gradient flows through that choice.
    """
    truth = torch.rand(fed.shape, generator=generator, device=generator.device).to(fed.device) < ratio
    state = decoder.start(memory)
    tokens = fed[:, 0]
    given, logits = [tokens], []
    for step in range(fed.shape[1]):
        said, state, _ = decoder.step(tokens, state, memory)
        logits.append(said)
        if step + 1 < fed.shape[1]:
            own = _own(said.detach(), feedback, generator)
            tokens = torch.where(truth[:, step + 1], fed[:, step + 1], own)
            given.append(tokens)
    return torch.stack(logits, 1), torch.stack(given, 1)


def _own(logits: Tensor, feedback: Feedback, generator: torch.Generator) -> Tensor:
    log_probs = logits.float().log_softmax(1)
    log_probs[:, [PAD, START]] = float("-inf")  # as in the search, which never says them
    if feedback == "argmax":
        return choose(log_probs).squeeze(1)
    return choose(log_probs, 1, Sample(), [generator] * len(logits)).squeeze(1)
