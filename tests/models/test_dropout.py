"""Dropout over sequences, of activations and of recurrent weights."""

import pytest
import torch

from seq2seq.config import parse
from seq2seq.errors import ConfigError
from seq2seq.models import ModelConfig
from seq2seq.models.cells import RecurrentLayer
from seq2seq.models.config import Cell
from seq2seq.models.dropout import SharedDropout


def test_a_shared_mask_is_the_same_at_every_step_and_another_for_each_row() -> None:
    torch.manual_seed(1)
    dropout = SharedDropout(0.5).train()
    out = dropout(torch.ones(3, 7, 40))
    assert set(out.unique().tolist()) == {0.0, 2.0}
    assert all(torch.equal(out[:, 0], out[:, time]) for time in range(7))
    assert not torch.equal(out[0], out[1])


def test_the_asked_share_is_dropped_and_the_mean_kept() -> None:
    torch.manual_seed(1)
    out = SharedDropout(0.2).train()(torch.ones(200, 2, 100))
    assert float((out == 0).float().mean()) == pytest.approx(0.2, abs=0.01)
    assert float(out.mean()) == pytest.approx(1.0, abs=0.01)


def test_nothing_is_dropped_outside_of_training() -> None:
    ones = torch.ones(2, 3, 4)
    assert torch.equal(SharedDropout(0.5).eval()(ones), ones)
    layer = RecurrentLayer("gru", 4, 5, weight_drop=0.5).eval()
    plain = RecurrentLayer("gru", 4, 5).eval()
    plain.load_state_dict(layer.state_dict())
    assert torch.equal(layer(ones)[0], plain(ones)[0])


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_dropped_weights_are_drawn_anew_and_learn(cell: Cell) -> None:
    torch.manual_seed(1)
    layer = RecurrentLayer(cell, 4, 5, weight_drop=0.5).train()
    inputs = torch.ones(2, 3, 4)
    one, other = layer(inputs)[0], layer(inputs)[0]
    assert torch.equal(one[:, 0], other[:, 0]), "the first step has no state before it"
    assert not torch.equal(one[:, 1], other[:, 1])
    one.sum().backward()
    gradient = layer.sequence.weight_hh_l0.grad
    assert gradient is not None
    assert bool((gradient == 0).any()), "what was dropped learns nothing"
    assert bool((gradient != 0).any())


def test_weight_drop_needs_a_decoder_that_unrolls_at_once() -> None:
    with pytest.raises(ConfigError, match="weight_drop needs attention after the cell"):
        parse(ModelConfig, {"weight_drop": 0.3, "attention_at": "before"}, "model")
