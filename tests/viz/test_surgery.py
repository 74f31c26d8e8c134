"""Figures of an operation."""

import pytest

from seq2seq.explain import Surgery, one_hot, operate
from seq2seq.search import Beam
from seq2seq.text import END
from seq2seq.translator import Translator
from seq2seq.viz import palette, surgery_candidates, surgery_effects, surgery_row


@pytest.fixture
def operated(translator: Translator) -> Surgery:
    """An operation at the second step."""
    text = "Il fait froid dehors."
    width = len(translator.source_ids(text)) + 1
    tokens = [translator.checkpoint.target.encode("It")[0], *translator.checkpoint.target.encode("cold"), END]
    row = one_hot([0.0] * width, 0)
    return operate(translator.session(text), translator.options(Beam(size=2)), tokens[:1], {2: row}, old=tokens)


@pytest.mark.parametrize("dark", [False, True])
def test_both_distributions_have_a_bar_for_each_candidate(operated: Surgery, dark: bool) -> None:
    figure = surgery_candidates(operated, dark=dark, most=5)
    before, after = figure.data
    assert (before.name, after.name) == ("before", "after")
    assert (before.marker.color, after.marker.color) == (palette(dark).idle, palette(dark).winner)
    assert len(before.x) == len(after.x) == len(figure.layout.yaxis.ticktext) == 5
    assert list(before.x) == sorted(before.x, reverse=True)
    best = max(operated.candidates, key=lambda one: one.new)
    assert max(after.x) == pytest.approx(2.718281828**best.new)


@pytest.mark.parametrize("dark", [False, True])
def test_each_word_of_the_old_translation_has_its_divergence(operated: Surgery, dark: bool) -> None:
    figure = surgery_effects(operated, dark=dark)
    (bars,) = figure.data
    assert list(bars.x) == [word.divergence for word in operated.words]
    assert bars.text[-1] == "0"  # attention after the cell, nothing is handed on
    assert figure.layout.yaxis.ticktext[-1] == "⟨end⟩"
    assert figure.layout.xaxis.range[1] > max(bars.x)


@pytest.mark.parametrize("dark", [False, True])
def test_a_row_is_drawn_before_and_after(dark: bool) -> None:
    figure = surgery_row(["le", "<b>", "le (2)"], [0.7, 0.3, 0.001], [0, 0.5, 0.5], dark=dark)
    before, after = figure.data
    assert (list(before.x), list(after.x)) == ([0.7, 0.3, 0.001], [0, 0.5, 0.5])
    assert before.text == ("70 %", "30 %", "")
    assert after.marker.color == palette(dark).winner
    assert figure.layout.yaxis.ticktext[1] == "&lt;b&gt;"
