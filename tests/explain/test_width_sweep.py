"""What wider beams give."""

from itertools import count

import pytest

from seq2seq.explain import sweep
from seq2seq.explain.width_sweep import TOLERANCE
from seq2seq.search import Beam, SearchOptions
from seq2seq.translator import Translator
from tests.tiny import PAIRS


def test_a_sweep_is_a_search_for_each_width(translator: Translator) -> None:
    for line, reference in PAIRS[:2]:
        trace = translator.trace(line, beam_size=3)
        ticks = (number / 1000 for number in count())
        rows = sweep(
            translator.session(trace.source.text),
            trace,
            clock=ticks.__next__,
            widths=[4, 1, 2, 2],
            reference=reference,
        )
        assert [row.width for row in rows] == [1, 2, 4]
        for row in rows:
            best = translator.trace(line, beam_size=row.width).best
            assert (row.text, row.length, row.finished) == (best.text, best.length, best.finished)
            assert (row.score, row.log_prob) == pytest.approx((best.normalised, best.log_prob), abs=1e-5)
            assert row.steps >= row.length
            assert row.milliseconds == pytest.approx(1.0)
            assert 0 <= (row.chrf or 0) <= 100


def test_a_worse_score_than_a_narrower_beam_is_a_search_error(translator: Translator) -> None:
    wrong = 0
    short = SearchOptions(mode=Beam(size=3), max_length=10)
    for line, _ in PAIRS[:6]:
        rows = sweep(
            translator.session(line), translator.trace(line, options=short), clock=lambda: 0.0, widths=range(1, 9)
        )
        assert all(row.chrf is None for row in rows)
        for place, row in enumerate(rows):
            narrower = [one.score for one in rows[:place] if one.finished]
            assert row.search_error == (row.score < max(narrower, default=row.score) - TOLERANCE)
            wrong += row.search_error
    assert wrong, "else the flag was never seen"


def test_a_translation_that_is_the_reference_has_full_chrf(translator: Translator) -> None:
    trace = translator.trace(PAIRS[0][0])
    (row,) = sweep(
        translator.session(trace.source.text), trace, clock=lambda: 0.0, widths=[5], reference=trace.best.text
    )
    assert row.chrf == pytest.approx(100)
