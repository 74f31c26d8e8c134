"""Figures of flips, sweeps and autopsies: their data and their labels."""

from itertools import pairwise

import plotly.graph_objects as go
import pytest

from seq2seq.explain import AlphaInterval, AlphaSearch, Autopsy, RankAtStep, ScoredOutput, Verdict, Width
from seq2seq.viz import alpha_ribbon, expected_ranks, width_strip, width_sweep

MARKUP = "<b>a</b> & $x$"
INTERVALS = [
    AlphaInterval(-1.0, 0.5, 3, MARKUP, -2.0, 5),
    AlphaInterval(0.5, 0.52, 9, "a longer one " * 20, -2.2, 7),
    AlphaInterval(0.52, 3.0, 12, "the longest", -2.4, 9),
]
SEARCHES = [
    AlphaSearch(-0.25, MARKUP, -1.0, True, True),
    AlphaSearch(0.51, "elsewhere", -1.0, True, False),
    AlphaSearch(1.76, "the longest", -1.0, True, True),
]


def width(number: int, score: float, chrf: float | None, wrong: bool) -> Width:
    return Width(number, MARKUP, score, 2 * score, 7, True, chrf, 9, 12.4, wrong)


def place(step: int, rank: int, edge: int) -> RankAtStep:
    return RankAtStep(step, "▁<b>" if step == 2 else "▁the", rank, edge, -2.0 - rank, -2.0 - edge)


def found(*places: RankAtStep, survived: tuple[int, ...] = ()) -> Autopsy:
    scored = ScoredOutput(MARKUP, (5, 2), ("▁the", "</s>"), -2.0, -1.0)
    return Autopsy(scored, scored, Verdict.MODEL_ERROR, "", places, tuple(range(1, 51)), survived)


ALL = [
    alpha_ribbon(INTERVALS, SEARCHES, alpha=1.0),
    width_sweep([width(1, -2.0, 50.0, False), width(2, -1.0, 60.0, False), width(3, -1.5, 55.0, True)]),
    expected_ranks(found(place(1, 1, 5), place(2, 2, 5), place(3, 57, 4))),
    width_strip(found(survived=(3, 5, 6))),
]


@pytest.mark.parametrize("figure", ALL)
def test_what_people_typed_is_never_markup(figure: go.Figure) -> None:
    text = figure.to_json().replace("\\u003c", "<").replace("\\u003e", ">")
    assert "<b>a" not in text
    assert "$x$" not in text
    assert "▁<" not in text


@pytest.mark.parametrize(
    "figure",
    [alpha_ribbon([]), alpha_ribbon([], alpha=1.0), width_sweep([]), expected_ranks(found()), width_strip(found())],
)
def test_nothing_is_drawn_without_an_error(figure: go.Figure) -> None:
    assert figure.layout.height > 0


def test_the_ribbon_has_a_bar_for_each_winner_and_a_mark_at_each_flip() -> None:
    figure = alpha_ribbon(INTERVALS, SEARCHES, alpha=1.0)
    bars, marks = figure.data
    assert list(bars.base) == pytest.approx([-1.0, 0.5, 0.52])
    assert list(bars.x) == pytest.approx([1.5, 0.02, 2.48])
    assert bars.marker.color[2] != bars.marker.color[0] == bars.marker.color[1], "the alpha in use"
    assert [shape.x0 for shape in figure.layout.shapes] == [0.5, 0.5, 0.52, 0.52, 1.0]
    assert marks.marker.symbol[1] != marks.marker.symbol[0] == marks.marker.symbol[2]


def test_the_ribbons_labels_stand_in_rows_of_their_own() -> None:
    notes = alpha_ribbon(INTERVALS).layout.annotations
    ranges = [note.text.split("</b>")[0].removeprefix("<b>") for note in notes]
    assert ranges == ["−1.00 to 0.50", "0.50 to 0.52", "0.52 to 3.00"]
    assert all(later.y - note.y == pytest.approx(1) for note, later in pairwise(notes))


def test_a_search_error_has_a_shape_of_its_own() -> None:
    widths = [width(1, -2.0, None, False), width(2, -1.0, None, False), width(3, -1.5, None, True)]
    (score,) = width_sweep(widths).data
    assert list(score.y) == [-2.0, -1.0, -1.5]
    assert list(score.marker.symbol) == ["circle", "circle", "x"]


def test_rounding_does_not_look_like_a_fall() -> None:
    figure = width_sweep([width(1, -2.0, None, False), width(2, -2.000003, None, False)])
    low, high = figure.layout.yaxis.range
    assert low < -2.000003 < -2.0 < high
    assert high - low > 0.1


def test_chrf_has_a_panel_where_there_was_a_reference() -> None:
    figure = width_sweep([width(1, -2.0, 50.0, False), width(2, -1.0, 60.0, False)])
    assert [trace.yaxis for trace in figure.data] == ["y", "y2"]
    assert list(figure.data[1].y) == [50.0, 60.0]
    assert figure.layout.yaxis.domain[0] > figure.layout.yaxis2.domain[1]


def test_the_ranks_run_down_to_the_fall() -> None:
    figure = expected_ranks(found(place(1, 1, 5), place(2, 2, 5), place(3, 57, 4)))
    edge, ranks = figure.data
    assert list(edge.x) == [5.5, 5.5, 5.5, 5.5, 4.5, 4.5]
    assert list(ranks.x) == [1, 2, 57]
    assert ranks.text[2].strip() == "57: 53.00 behind"
    assert len(set(ranks.marker.symbol)) == 2
    assert list(figure.layout.yaxis.ticktext)[1] == "2  &lt;b&gt;"


def test_the_strip_shows_gaps() -> None:
    (cells,) = width_strip(found(survived=(3, 5, 6))).data
    assert [width for width, height in zip(cells.x, cells.y, strict=True) if height == 1] == [3, 5, 6]
    assert len(cells.x) == 50


@pytest.mark.parametrize("dark", [False, True])
def test_dark_figures_have_other_colours(dark: bool) -> None:
    figure = expected_ranks(found(place(1, 1, 5)), dark=dark)
    assert (figure.layout.font.color == "#e8ebf3") == dark
