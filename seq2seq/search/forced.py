"""Forced decoding: the log-probabilities of a given target."""

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from seq2seq.text import END, PAD, START


class UnrollDecoder(Protocol):
    """A decoder that can run over a given target (teacher forcing)."""

    def unroll(self, targets: Tensor, memory: Any, /) -> Any:
        """Return an object whose `logits` are (batch, target, vocabulary)."""


@torch.inference_mode()
def forced_log_probs(decoder: UnrollDecoder, memory: Any, targets: Sequence[Sequence[int]]) -> list[list[float]]:
    """Return the natural log-probability of each token of each target, its end token included.

    targets: one for each source of `memory`, without start and end. Row sums equal the search's totals.
    """
    device = memory.mask.device
    longest = max(len(target) for target in targets) + 1
    labels = torch.tensor([[*t, END, *[PAD] * (longest - 1 - len(t))] for t in targets], device=device)
    decoder_input = torch.cat([torch.full_like(labels[:, :1], START), labels[:, :-1]], 1)
    log_probs = decoder.unroll(decoder_input, memory).logits.float().log_softmax(-1)
    values = log_probs.gather(2, labels[..., None]).squeeze(2)  # (batch, target)
    return [row[: len(target) + 1] for row, target in zip(values.tolist(), targets, strict=True)]
