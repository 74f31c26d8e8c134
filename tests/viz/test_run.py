"""The curves of a running training."""

import pytest

from seq2seq.training.lab.record import Curve, curve_of
from seq2seq.viz.run import bleu_curve, loss_curve

HISTORY = [
    {"update": 2, "loss": 3.0, "ratio": 1.0, "norms": {"encoder": 1.0, "decoder": 2.0}},
    {"update": 4, "loss": 2.0, "ratio": 0.5, "norms": {"encoder": 1.0, "decoder": 2.0}},
    {"update": 4, "valid": {"forced_loss": 2.5, "accuracy": 0.5, "bleu": 12.0, "chrf": 20.0, "exact": 0.1}},
    {"update": 5, "epoch": 1, "tokens": 50},
    {"update": 6, "diverged": None},
]


@pytest.mark.parametrize("dark", [False, True])
def test_the_curves_show_the_history_and_reach_to_the_end(dark: bool) -> None:
    curve = curve_of(HISTORY)
    losses, scores = loss_curve(curve, 8, dark=dark), bleu_curve(curve, 8, dark=dark)
    assert [list(line.y) for line in losses.data] == [[3.0, 2.0], [2.5]]
    assert [list(line.y) for line in scores.data] == [[100.0, 50.0], [12.0]]
    for figure in (losses, scores):
        assert figure.layout.xaxis.range[1] > 8
        assert len({line.line.color for line in figure.data}) == 2


def test_a_training_that_has_just_begun_can_be_drawn() -> None:
    nothing: Curve = curve_of([])
    assert all(not line.x for line in loss_curve(nothing, 8, dark=False).data)
