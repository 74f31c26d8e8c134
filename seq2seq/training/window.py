"""What the history's lines are made of."""

from typing import Any

from seq2seq.training.update import Updated


class Window:
    """Sums since the last line of the history."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._loss = self._seconds = self._encoder = self._decoder = 0.0
        self._correct = self._tokens = self._updates = 0

    def add(self, updated: Updated, seconds: float) -> None:
        self._loss += updated.loss
        self._correct += updated.correct
        self._tokens += updated.tokens
        self._encoder += updated.encoder_norm
        self._decoder += updated.decoder_norm
        self._seconds += seconds
        self._updates += 1

    @property
    def loss(self) -> float:
        """Nats per token."""
        return self._loss / self._tokens

    @property
    def rate(self) -> float:
        """Target tokens a second."""
        return self._tokens / self._seconds

    def record(self) -> dict[str, Any]:
        """Return the window's means for the history."""
        return {
            "loss": self.loss,
            "accuracy": self._correct / self._tokens,
            "tokens_per_second": self.rate,
            "norms": {"encoder": self._encoder / self._updates, "decoder": self._decoder / self._updates},
        }
