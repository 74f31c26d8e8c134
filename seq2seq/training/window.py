"""The statistics in the history's lines."""

from typing import Any, NamedTuple

from seq2seq.config import Settings


class UpdateStatistics(NamedTuple):
    """Statistics of one update, over all processes."""

    loss: float  # nats, summed over real tokens
    correct: int
    tokens: int
    encoder_norm: float  # of the gradients before clipping
    decoder_norm: float  # with the bridge


class RunningSums(Settings):
    """Sums since the last line of the history; part of a training's state, so that a resume continues them."""

    loss_sum: float = 0.0
    correct: int = 0
    tokens: int = 0
    encoder_norms: float = 0.0
    decoder_norms: float = 0.0
    seconds: float = 0.0
    updates: int = 0

    def plus(self, updated: UpdateStatistics, seconds: float) -> "RunningSums":
        """Return the window with one more update."""
        return RunningSums(
            loss_sum=self.loss_sum + updated.loss,
            correct=self.correct + updated.correct,
            tokens=self.tokens + updated.tokens,
            encoder_norms=self.encoder_norms + updated.encoder_norm,
            decoder_norms=self.decoder_norms + updated.decoder_norm,
            seconds=self.seconds + seconds,
            updates=self.updates + 1,
        )

    @property
    def loss(self) -> float:
        """Nats per token."""
        return self.loss_sum / self.tokens

    @property
    def rate(self) -> float:
        """Target tokens a second."""
        return self.tokens / self.seconds

    def record(self) -> dict[str, Any]:
        """Return the window's means for the history."""
        return {
            "loss": self.loss,
            "accuracy": self.correct / self.tokens,
            "tokens_per_second": self.rate,
            "norms": {"encoder": self.encoder_norms / self.updates, "decoder": self.decoder_norms / self.updates},
        }
