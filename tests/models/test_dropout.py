"""Dropout over sequences, of activations and of recurrent weights."""

import pytest
import torch

from seq2seq.config import parse
from seq2seq.errors import ConfigError
from seq2seq.models import ModelConfig
from seq2seq.models.cells import RecurrentLayer
from seq2seq.models.config import Cell
from seq2seq.models.dropout import Dropout


def test_a_shared_mask_is_the_same_at_every_step_and_another_for_each_row() -> None:
    torch.manual_seed(1)
    dropout = Dropout(0.5, shared=True).train()
    out = dropout(torch.ones(3, 7, 40))
    assert set(out.unique().tolist()) == {0.0, 2.0}
    assert all(torch.equal(out[:, 0], out[:, time]) for time in range(7))
    assert not torch.equal(out[0], out[1])


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("shared", [False, True])
def test_the_asked_share_is_dropped_and_the_mean_kept(share: float, shared: bool) -> None:
    torch.manual_seed(1)
    out = Dropout(share, shared).train()(torch.ones(801, 1, 501))
    dropped = (out == 0).float()
    assert float(dropped.mean()) == pytest.approx(share, abs=0.005)
    assert float(out.mean()) == pytest.approx(1.0, abs=0.03)
    # Neighbours come out of one random number, each from its own part of it.
    flat = dropped.flatten()[:400_000].view(-1, 4)
    assert flat.mean(0).tolist() == pytest.approx([share] * 4, abs=0.01)
    together = flat.T @ flat / len(flat)
    expected = torch.full((4, 4), share**2).fill_diagonal_(share)
    assert torch.allclose(together, expected, atol=0.015)


def test_the_same_seed_drops_the_same_in_every_precision() -> None:
    masks = []
    for dtype in (torch.float32, torch.bfloat16):
        torch.manual_seed(3)
        masks.append(Dropout(0.3).train()(torch.ones(5, 7, dtype=dtype)) == 0)
    assert torch.equal(*masks)
    assert not torch.equal(masks[0], Dropout(0.3).train()(torch.ones(5, 7)) == 0)


def test_nothing_is_dropped_outside_of_training() -> None:
    ones = torch.ones(2, 3, 4)
    assert torch.equal(Dropout(0.5).eval()(ones), ones)
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
