"""Losses with the numbers written out, and the mean of weights."""

import math

import pytest
import torch

from seq2seq.errors import CheckpointError
from seq2seq.training.averaging import average_weights
from seq2seq.training.losses import token_losses

# Probabilities of two tokens over a vocabulary of four.
PROBABILITIES = torch.tensor([[0.5, 0.25, 0.125, 0.125], [0.1, 0.2, 0.3, 0.4]])
ASKED = torch.tensor([1, 3])


def test_the_plain_loss_by_hand() -> None:
    losses = token_losses(PROBABILITIES.log(), ASKED, 0.0)
    assert float(losses.plain) == pytest.approx(-math.log(0.25) - math.log(0.4))
    assert float(losses.smoothed) == pytest.approx(float(losses.plain))
    assert (int(losses.correct), losses.tokens) == (1, 2)


def test_label_smoothing_by_hand() -> None:
    losses = token_losses(PROBABILITIES.log(), ASKED, 0.2)
    # The target is 0.2 / 4 = 0.05 everywhere and 0.85 where the truth is.
    expected = 0.0
    for row, asked in zip(PROBABILITIES.tolist(), ASKED.tolist(), strict=True):
        expected -= sum((0.85 if token == asked else 0.05) * math.log(p) for token, p in enumerate(row))
    assert float(losses.smoothed) == pytest.approx(expected)
    assert float(losses.plain) == pytest.approx(-math.log(0.25) - math.log(0.4)), "what is logged is not smoothed"


def test_label_smoothing_equals_that_of_torch() -> None:
    logits = torch.linspace(-3, 2, 24).reshape(4, 6)
    asked = torch.tensor([0, 5, 2, 2])
    expected = torch.nn.functional.cross_entropy(logits, asked, label_smoothing=0.1, reduction="sum")
    torch.testing.assert_close(token_losses(logits, asked, 0.1).smoothed, expected)


def test_the_gradient_equals_that_of_torch() -> None:
    asked = torch.tensor([0, 5, 2, 2])
    gradients = []
    for own in (True, False):
        logits = torch.linspace(-3, 2, 24).reshape(4, 6).requires_grad_()
        if own:
            loss = token_losses(logits, asked, 0.1).smoothed
        else:
            loss = torch.nn.functional.cross_entropy(logits, asked, label_smoothing=0.1, reduction="sum")
        torch.autograd.backward(loss / 7)
        gradients.append(logits.grad)
    torch.testing.assert_close(*gradients)


def test_only_the_smoothed_loss_has_a_gradient() -> None:
    logits = PROBABILITIES.log().requires_grad_()
    losses = token_losses(logits, ASKED, 0.1)
    assert losses.smoothed.requires_grad
    assert not losses.plain.requires_grad


def test_the_mean_of_weights_by_hand() -> None:
    parts = [{"a": torch.tensor([1.0, 2.0])}, {"a": torch.tensor([3.0, 8.0])}, {"a": torch.tensor([2.0, 2.0])}]
    assert average_weights(parts)["a"].tolist() == [2.0, 4.0]
    halves = [{"a": torch.tensor([60000.0]).half()}] * 2
    mean = average_weights(halves)["a"]
    assert mean.dtype == torch.float32, "float16 could not hold the sum"
    assert mean.item() == float(torch.tensor(60000.0).half())


def test_unlike_weights_are_refused() -> None:
    one = {"a": torch.zeros(2)}
    for other in ({"b": torch.zeros(2)}, {"a": torch.zeros(3)}, {}):
        with pytest.raises(CheckpointError, match="Checkpoint 2 has other tensors"):
            average_weights([one, other])
