"""Cross-entropy over real tokens."""

from typing import NamedTuple

from torch import Tensor


class Losses(NamedTuple):
    """Sums over real tokens, in nats."""

    smoothed: Tensor  # what is minimised
    plain: Tensor  # negative log-likelihood, what is logged
    correct: Tensor  # tokens whose likeliest prediction is right
    tokens: int


def token_losses(logits: Tensor, asked: Tensor, smoothing: float) -> Losses:
    """Return the losses of logits (tokens, vocabulary) for asked (tokens,), all of them real.

    Label smoothing gives every token smoothing / vocabulary of the target (Szegedy et al. 2016, section 7).
    """
    log_probs = logits.float().log_softmax(-1)
    plain = -log_probs.gather(1, asked[:, None]).sum()
    smoothed = plain if smoothing == 0 else (1 - smoothing) * plain - smoothing * log_probs.mean(-1).sum()
    return Losses(smoothed, plain.detach(), (logits.detach().argmax(-1) == asked).sum(), len(asked))
