"""Whether a search ended with the model's best translation."""

from itertools import count

import pytest

from seq2seq.explain import models_best
from seq2seq.search import Beam, SearchOptions
from seq2seq.text import END
from seq2seq.translator import Translator

LINES = ["one two", "three four five", "seven", "five five two", "eight seven six five", "four four"]


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_a_wide_beam_finds_nothing_better_than_exact_search(speller: Translator, alpha: float) -> None:
    better = 0
    for line in LINES:
        options = SearchOptions(mode=Beam(size=2, alpha=alpha), max_length=5)
        trace = speller.trace(line, options=options)
        found = models_best(speller.session(trace.source.text), trace, clock=lambda: 0.0)
        wide = speller.trace(line, options=options.model_copy(update={"mode": Beam(size=200, alpha=alpha)}))
        assert found.exact.complete
        assert found.exact.best is not None
        assert found.exact.best.score >= wide.best.normalised - 1e-5
        assert found.text == speller.text(found.exact.best.tokens)
        assert found.better == (found.exact.best.score > trace.best.normalised + 1e-5 or not trace.best.finished)
        assert found.sentence.startswith("Search error" if found.better else "The winner is the model's best")
        better += found.better
    assert better, "else no search error was seen"


def test_without_time_it_is_undecided(speller: Translator) -> None:
    trace = speller.trace("three four five", beam_size=20)
    found = models_best(speller.session(trace.source.text), trace, clock=map(float, count()).__next__, seconds=0.5)
    assert not found.exact.complete
    assert found.text == trace.best.text
    assert found.sentence.startswith("Undecided")


def test_the_empty_translation_is_told(speller: Translator) -> None:
    trace = speller.trace("seven", beam_size=2)
    empty = models_best(speller.session(trace.source.text), trace, clock=lambda: 0.0, most=1).exact.empty
    assert empty is not None
    assert empty.tokens == (END,)
    assert empty.log_prob == pytest.approx(speller.score([("seven", "")])[0][0], abs=1e-5)
