"""The winner over the length penalty, against a grid."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seq2seq.errors import ConfigError
from seq2seq.explain import alpha_intervals, flip_point, search_intervals
from seq2seq.explain.flips import beam_options
from seq2seq.search import Beam, Greedy, Sample, SearchOptions
from seq2seq.trace import Trace
from seq2seq.translator import Translator
from tests.fakes import mixed
from tests.reference import penalty
from tests.tiny import PAIRS
from tests.trace.test_record import traced


def finished(trace: Trace) -> list[tuple[float, int, int]]:
    """Return total, length and node of everything that has finished."""
    nodes = trace.nodes
    return [(nodes.total[n], nodes.step[n], n) for n, status in enumerate(nodes.status) if status == "finished"]


def test_a_flip_by_hand() -> None:
    # -2 / (10 / 6)^a = -3 / (15 / 6)^a at a = ln(3 / 2) / ln(15 / 10) = 1
    assert flip_point((-2.0, 5), (-3.0, 10)) == pytest.approx(1.0)
    assert flip_point((-3.0, 10), (-2.0, 5)) == pytest.approx(1.0)
    assert flip_point((-2.0, 5), (-3.0, 5)) is None
    assert flip_point((0.0, 5), (-3.0, 6)) is None


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    size=st.integers(1, 12),
    alpha=st.sampled_from([-1.0, 0.0, 1.0, 3.0]),
    end=st.sampled_from([-1.0, 0.0, 1.0]),
)
def test_the_winners_are_those_of_a_dense_grid(seed: int, size: int, alpha: float, end: float) -> None:
    options = SearchOptions(mode=Beam(size=size, alpha=alpha), n_best=size, max_length=9)
    trace = traced(mixed(9, seed, end=end), options)
    intervals = alpha_intervals(trace)
    done = finished(trace)
    if not done:
        assert intervals == ()
        return
    assert (intervals[0].low, intervals[-1].high) == (-1.0, 3.0)
    assert all(a.high == b.low and a.length < b.length for a, b in pairwise(intervals))
    for step in range(201):
        at = -1 + step / 50
        (shown,) = (one for one in intervals if one.low <= at < one.high or at == one.high == 3.0)
        best = max(total / penalty(length, at) for total, length, _ in done)
        assert shown.log_prob / penalty(shown.length, at) == pytest.approx(best, abs=1e-9)
    for one, other in pairwise(intervals):
        assert other.low == pytest.approx(flip_point((one.log_prob, one.length), (other.log_prob, other.length)))


def test_a_certain_output_wins_everywhere() -> None:
    trace = traced(mixed(6, 1), SearchOptions(mode=Beam(size=4), n_best=4, max_length=6))
    done = finished(trace)
    totals = [0.0 if n == done[-1][2] else total for n, total in enumerate(trace.nodes.total)]
    trace = trace.model_copy(update={"nodes": trace.nodes.model_copy(update={"total": totals})})
    (one,) = alpha_intervals(trace)
    assert one.leaf == done[-1][2]


def test_the_range_may_be_chosen() -> None:
    trace = traced(mixed(9, 3), SearchOptions(mode=Beam(size=8), n_best=8, max_length=8))
    (*_, last) = alpha_intervals(trace, 0.0, 1.5)
    assert last.high == 1.5
    for low, high in ((1.0, 1.0), (2.0, 1.0), (math.nan, 1.0)):
        with pytest.raises(ConfigError, match="no alpha from"):
            alpha_intervals(trace, low, high)


def test_a_search_of_its_own_says_whether_it_ends_there(translator: Translator) -> None:
    seen = set()
    for line, _ in PAIRS[:4]:
        trace = translator.trace(line, beam_size=4)
        intervals = alpha_intervals(trace)
        for interval, found in zip(
            intervals, search_intervals(translator.session(trace.source.text), trace, intervals), strict=True
        ):
            assert interval.low < found.alpha < interval.high
            again = translator.trace(line, beam_size=4, alpha=found.alpha)
            assert found.text == again.best.text
            assert found.score == pytest.approx(again.best.normalised, abs=1e-5)
            same = [again.nodes.token[n] for n in again.path(again.best.leaf)] == [
                trace.nodes.token[n] for n in trace.path(interval.leaf)
            ]
            assert found.same == same
            seen.add(found.same)
    assert True in seen


def test_greedy_is_a_beam_of_one_and_samples_have_no_alpha() -> None:
    assert beam_options(SearchOptions(mode=Greedy()), alpha=0.5).mode == Beam(size=1, alpha=0.5)
    with pytest.raises(ConfigError, match="no beam and no alpha"):
        beam_options(SearchOptions(mode=Sample()))
