"""The laboratory's figures."""

from pathlib import Path

import pytest

from seq2seq.training.lab import Lab, read_lab, regimes
from seq2seq.viz import exposure_curves, gradient_curves, lab_curves, palette, recovery_curves
from seq2seq.viz.lab import MEASURES, Measure, regime_style
from seq2seq.viz.line_ends import apart


@pytest.fixture(scope="module")
def lab(minilab_folder: Path) -> Lab:
    """Three runs."""
    found = read_lab(minilab_folder)
    assert found is not None
    return found


@pytest.mark.parametrize("dark", [False, True])
def test_no_two_regimes_look_alike(dark: bool) -> None:
    styles = [regime_style(regime.name, palette(dark)) for regime in regimes(1000)]
    assert len(set(styles)) == len(styles)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_line_for_each_run_and_a_name_for_each_regime(lab: Lab, measure: Measure) -> None:
    figure = lab_curves(lab, lab.regimes, measure)
    assert len(figure.data) == 3
    assert [one.line.width for one in figure.data] == [2.5, 1, 2.5]
    names = {annotation.text.rsplit(" ", 1)[0] for annotation in figure.layout.annotations}
    assert names == {"always", "never"}


def test_curves_of_nothing_are_an_empty_figure(lab: Lab) -> None:
    assert len(lab_curves(lab, [], "bleu").data) == 0


@pytest.mark.parametrize("prefix", ["gold", "own"])
def test_exposure_is_drawn_by_position(lab: Lab, prefix: str) -> None:
    figure = exposure_curves(lab, ["always"], "accuracy", prefix)
    run = lab.of("always")[0]
    assert list(figure.data[0].y) == list(getattr(run.exposure, f"{prefix}_accuracy"))
    assert figure.data[0].x[0] == 1


def test_recovery_begins_right_behind_the_mistake(lab: Lab) -> None:
    figure = recovery_curves(lab, ["always", "never"], 0)
    assert [one.x[0] for one in figure.data] == [0, 0]


def test_gradients_tell_cells_by_colour_and_attention_by_dash(lab: Lab) -> None:
    before = [one for one in lab.gradients if one.updates == 0]
    figure = gradient_curves(before)
    looks = {(one.line.color, one.line.dash) for one in figure.data}
    assert len(looks) == len(figure.data) == 6
    assert figure.layout.yaxis.type == "log"


def test_names_are_moved_apart_and_stay_below_the_top() -> None:
    assert apart([1.0, 1.1, 5.0], 1.0, 10.0) == [1.0, 2.0, 5.0]
    assert apart([9.5, 9.9], 1.0, 10.0) == [9.0, 10.0]
