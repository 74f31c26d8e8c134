"""The figure of scores by length."""

from itertools import pairwise

import plotly.graph_objects as go
import pytest

from seq2seq.evaluation.stored import LengthScores, StoredBand
from seq2seq.models.config import AttentionKind
from seq2seq.viz import bleu_by_length, palette
from seq2seq.viz.palette import ATTENTIONS


def scored(*bleu: float | None) -> LengthScores:
    """Return a test with these scores."""
    edges = ((1, 5), (6, 10), (11, 15), (16, None))
    return LengthScores(
        weights=None,
        test="test.tsv",
        beam_size=5,
        alpha=0.6,
        bleu_signature="BLEU",
        chrf_signature="chrF",
        bands=tuple(
            StoredBand(shortest=low, longest=high, pairs=0 if b is None else 1000 - low, bleu=b, chrf=b)
            for (low, high), b in zip(edges, bleu, strict=True)
        ),
    )


SCORES: dict[AttentionKind, LengthScores] = {
    "none": scored(38, 25, 14, 6),
    "dot": scored(43, 40, 37, 31),
    "general": scored(43.5, 41, 38, 31.2),
    "additive": scored(44, 41, 38, 31.1),
}


def names(figure: go.Figure) -> dict[str, float]:
    """Return where each line's name stands, by its first word."""
    return {note.text.split()[0]: note.y for note in figure.layout.annotations}


@pytest.mark.parametrize("dark", [False, True])
def test_each_kind_has_its_line_its_colour_and_its_mark(dark: bool) -> None:
    figure = bleu_by_length(SCORES, dark=dark)
    assert [line.name for line in figure.data] == list(ATTENTIONS)
    assert list(figure.data[0].y) == [38, 25, 14, 6]
    assert tuple(line.line.color for line in figure.data) == palette(dark).attentions
    assert len({line.marker.symbol for line in figure.data}) == 4


def test_names_stand_at_the_ends_and_never_on_each_other() -> None:
    figure = bleu_by_length(SCORES)
    places = names(figure)
    low, high = figure.layout.yaxis.range
    pixel = (high - low) / (figure.layout.height - figure.layout.margin.t - figure.layout.margin.b)
    assert sorted(places, key=lambda kind: -places[kind]) == ["general", "additive", "dot", "none"]
    assert all(one - other >= 16 * pixel for one, other in pairwise(sorted(places.values(), reverse=True)))
    assert places["none"] == 6


@pytest.mark.parametrize("value", [0, 20, 100])
def test_names_of_equal_lines_stay_apart_and_in_the_figure(value: float) -> None:
    figure = bleu_by_length({kind: scored(*[value] * 4) for kind in ATTENTIONS})
    low, high = figure.layout.yaxis.range
    places = sorted(names(figure).values())
    assert low <= places[0]
    assert places[-1] <= high
    assert all(other - one > 0.05 * high for one, other in pairwise(places))


def test_lengths_say_how_many_pairs_they_have() -> None:
    ticks = bleu_by_length(SCORES).layout.xaxis.ticktext
    assert ticks == ("1–5<br>999", "6–10<br>994", "11–15<br>989", "16+<br>984")


def test_a_length_without_pairs_has_no_point() -> None:
    figure = bleu_by_length({"dot": scored(40, None, 30, None)})
    assert list(figure.data[0].x) == [0, 2]
    assert figure.layout.annotations[0].x == 2
    assert figure.layout.xaxis.ticktext[1] == "6–10<br>0"
