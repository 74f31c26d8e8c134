"""The laboratory's figures."""

from pathlib import Path

import pytest

from seq2seq.training.lab import Lab, read_lab, regimes
from seq2seq.viz import exposure_curves, gradient_curves, lab_curves, palette, recovery_curves
from seq2seq.viz.lab import MEASURES, Measure, regime_style
from seq2seq.viz.line_ends import spread_apart


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


@pytest.mark.parametrize("prefix", ["teacher_forced", "free_running"])
def test_exposure_is_drawn_by_position(lab: Lab, prefix: str) -> None:
    figure = exposure_curves(lab, ["always"], "accuracy", prefix)
    run = lab.of("always")[0]
    last = len(figure.data[0].x)
    assert list(figure.data[0].x) == list(range(1, last + 1))
    assert list(figure.data[0].y) == list(getattr(run.exposure, f"{prefix}_accuracy"))[:last]


def test_positions_that_few_references_reach_are_not_drawn(lab: Lab) -> None:
    """An average of two sentences is chance, and one of none would be drawn as nought."""
    run = lab.of("always")[0]
    for sentences, drawn in (((100, 100, 40, 5, 4, 0), 4), ((3, 3, 1, 0, 0, 0), 3), ((0,) * 6, 0)):
        shares = (0.9, 0.5, 0.4, 0.3, 0.2, 0.0)
        seen = run.exposure.model_copy(update={"sentences": sentences, "free_running_accuracy": shares})
        changed = lab.model_copy(update={"runs": (run.model_copy(update={"exposure": seen}),)})
        lines = exposure_curves(changed, ["always"], "accuracy", "free_running").data
        assert [tuple(line.y) for line in lines] == ([shares[:drawn]] if drawn else [])


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
    assert spread_apart([1.0, 1.1, 5.0], 1.0, 10.0) == [1.0, 2.0, 5.0]
    assert spread_apart([9.5, 9.9], 1.0, 10.0) == [9.0, 10.0]
