"""Bars for three answers."""

import pytest

from seq2seq.explain import Attributions, AttributionScores
from seq2seq.viz import attributions, palette

SCORES = AttributionScores(
    labels=("Le", "<b>$x$</b>", "Le", "</s>"),
    attention=(0.7, 0.2, 0.004, 0.096),
    leave_one_out=(1.5, -0.25, 0.001, None),
    gradient_by_input=(-0.5, 0.25, 0.0, 0.125),
)


def found(scores: AttributionScores = SCORES) -> Attributions:
    return Attributions("cold", -0.1, scores._replace(labels=("▁Le", "▁x", "y", "</s>")), scores)


@pytest.mark.parametrize("dark", [False, True])
def test_every_measure_has_a_bar_for_every_word(dark: bool) -> None:
    figure = attributions(found(), dark=dark)
    bars = figure.data
    assert [list(bar.x) for bar in bars] == [
        [0.7, 0.2, 0.004, 0.096],
        [1.5, -0.25, 0.001, 0.0],
        [-0.5, 0.25, 0.0, 0.125],
    ]
    assert list(bars[0].text) == ["70 %", "20 %", "", "9.6 %"]
    assert list(bars[1].text) == ["1.50", "−0.25", "", "–"]
    assert bars[1].customdata[3] == "can't be left out"
    assert bars[1].marker.color[:2] == (palette(dark).beam, palette(dark).greedy)
    # Repeated words keep rows of their own, and what was typed stays text.
    assert figure.layout.yaxis.ticktext == ("Le", "&lt;b&gt;&#36;x&#36;&lt;/b&gt;", "Le", "⟨end⟩")
    assert {note.text for note in figure.layout.annotations} == {"attention", "leave-one-out", "gradient × input"}


def test_numbers_have_room_beside_their_bars() -> None:
    figure = attributions(found())
    assert figure.layout.xaxis.range[0] == 0
    for axis, values in ((figure.layout.xaxis2, (1.5, -0.25)), (figure.layout.xaxis3, (0.25, -0.5))):
        low, high = axis.range
        assert low < min(values) - 0.5
        assert high > max(values) + 0.5


def test_pieces_are_shown_without_their_mark() -> None:
    assert attributions(found(), words=False).layout.yaxis.ticktext == ("Le", "x", "y", "⟨end⟩")


def test_without_attention_its_column_stays_empty() -> None:
    assert len(attributions(found(SCORES._replace(attention=None))).data) == 2


def test_where_nothing_matters_there_is_still_a_figure() -> None:
    nothing = AttributionScores(("a", "</s>"), (0.0, 1.0), (0.0, None), (0.0, 0.0))
    figure = attributions(Attributions("a", 0.0, nothing, nothing))
    assert figure.layout.xaxis2.range[1] > 0
