"""Scheduled sampling (Bengio et al. 2015): coin flips decide between reference and own token as next input."""

from typing import Literal, NamedTuple

import torch
from torch import Tensor

from seq2seq.models import Decoder, Memory
from seq2seq.search import Sample, choose
from seq2seq.text import PAD, START

Feedback = Literal["argmax", "sample"]
Flip = Literal["token", "sequence"]


class MixedDecoding(NamedTuple):
    """A decoder's output when its input mixes reference tokens and its own."""

    logits: Tensor  # (batch, target, vocabulary)
    decoder_input: Tensor  # (batch, target), the tokens that were used as input
    truth: Tensor  # (batch, target) bool, True where that was the reference


def mixed_decoding(
    decoder: Decoder,
    decoder_input: Tensor,
    memory: Memory,
    ratio: float,
    feedback: Feedback,
    generator: torch.Generator,
    flip: Flip = "token",
) -> MixedDecoding:
    """Return the decoder's logits for a target, and the inputs that it used.

    decoder_input: the reference inputs (batch, target), the first of which is <s>. Each later input is the
    reference with probability `ratio`, otherwise the decoder's own choice; no gradient flows through that choice.
    flip: one coin flip for each token, or one for a whole sentence.
    """
    coins = torch.rand(
        len(decoder_input),
        decoder_input.shape[1] if flip == "token" else 1,
        generator=generator,
        device=generator.device,
    )
    truth = (coins.to(decoder_input.device) < ratio).expand(decoder_input.shape).clone()
    truth[:, 0] = True  # <s>
    state = decoder.start(memory)
    tokens = decoder_input[:, 0]
    inputs, logits = [tokens], []
    for step in range(decoder_input.shape[1]):
        step_logits, state, _ = decoder.step(tokens, state, memory)
        logits.append(step_logits)
        if step + 1 < decoder_input.shape[1]:
            own_token = _own_token(step_logits.detach(), feedback, generator)
            tokens = torch.where(truth[:, step + 1], decoder_input[:, step + 1], own_token)
            inputs.append(tokens)
    return MixedDecoding(torch.stack(logits, 1), torch.stack(inputs, 1), truth)


def _own_token(logits: Tensor, feedback: Feedback, generator: torch.Generator) -> Tensor:
    if feedback == "argmax":
        # The most likely token has the largest logit; the distribution itself is not needed.
        scores = logits.float().clone()
        scores[:, [PAD, START]] = float("-inf")  # as in the search, which never outputs them
        return choose(scores).squeeze(1)
    log_probs = logits.float().log_softmax(1)
    log_probs[:, [PAD, START]] = float("-inf")
    return choose(log_probs, 1, Sample(), [generator] * len(logits)).squeeze(1)
