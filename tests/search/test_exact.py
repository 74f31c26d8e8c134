"""Exact search against the enumeration of every output."""

from collections.abc import Callable
from functools import partial
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seq2seq.errors import ConfigError, ShapeError
from seq2seq.search import Beam, Exact, Hypothesis, SearchOptions, exact_search, search
from seq2seq.search.exact import ROWS
from seq2seq.text import END
from tests import reference
from tests.fakes import FakeDecoder, mixed, sources, table
from tests.tiny import encode, lively_model


def exact(
    decoder: FakeDecoder,
    options: SearchOptions,
    known: Hypothesis | None = None,
    clock: Callable[[], float] = lambda: 0.0,
    most: int = 1_000_000,
) -> Exact:
    return exact_search(decoder, sources(3), options, clock=clock, seconds=1.0, most=most, known=known)


@settings(max_examples=200)
@given(
    seed=st.integers(0, 10_000),
    alpha=st.sampled_from([-1.0, 0.0, 0.6, 2.0]),
    shortest=st.integers(1, 3),
    longest=st.integers(3, 5),
    prefix=st.lists(st.integers(3, 6), max_size=2).map(tuple),
    end=st.sampled_from([-2.0, 0.0, 1.0]),
    start=st.booleans(),
)
def test_exact_search_finds_the_best_of_all_outputs(
    seed: int, alpha: float, shortest: int, longest: int, prefix: tuple[int, ...], end: float, start: bool
) -> None:
    decoder = mixed(7, seed, end=end)
    options = SearchOptions(mode=Beam(size=2, alpha=alpha), min_length=shortest, max_length=longest, prefix=prefix)
    outputs = reference.every_output(partial(decoder.log_probs, 0), shortest, longest, alpha)
    best = max((one for one in outputs if one.tokens[: len(prefix)] == prefix), key=lambda one: one.score)
    beam = search(decoder, sources(3), options)[0][0]
    found = exact(decoder, options, beam if start and beam.finished else None)
    assert found.complete
    assert found.best is not None
    assert found.best.tokens == best.tokens
    assert found.best.finished
    assert (found.best.log_prob, found.best.score) == pytest.approx((best.log_prob, best.score), abs=1e-9)


@given(seed=st.integers(0, 1000), alpha=st.sampled_from([-0.5, 0.0, 1.0]))
def test_a_known_output_only_saves_work(seed: int, alpha: float) -> None:
    decoder, options = mixed(8, seed), SearchOptions(mode=Beam(size=3, alpha=alpha), max_length=5)
    alone = exact(decoder, options)
    helped = exact(decoder, options, alone.best)
    assert helped.best == alone.best
    assert helped.expanded <= alone.expanded


def test_a_beam_of_one_misses_what_exact_search_finds() -> None:
    # Greedy takes 3 (0.6) and then can only get 0.6 x 0.5; 4 (0.4) leads to certainty.
    decoder = table({(): {3: 0.6, 4: 0.4}, (3,): {5: 0.5, 6: 0.5}}, 7)
    options = SearchOptions(mode=Beam(size=1, alpha=0.0))
    found = exact(decoder, options, search(decoder, sources(3), options)[0][0])
    assert found.best is not None
    assert found.best.tokens == (4, END)
    assert found.complete


def test_the_empty_output_is_an_output_with_a_rank() -> None:
    decoder = table({(): {3: 0.5, 4: 0.3, END: 0.2}, (3,): {3: 0.3, 4: 0.3, 5: 0.4}, (4,): {5: 0.5, 6: 0.5}}, 7)
    found = exact(decoder, SearchOptions(mode=Beam(size=2, alpha=0.0)))
    assert found.best == found.empty
    assert found.empty is not None
    assert found.empty.tokens == (END,)
    assert found.empty_rank == 3
    longer = exact(decoder, SearchOptions(mode=Beam(size=2, alpha=0.0), min_length=2))
    assert (longer.empty, longer.empty_rank) == (None, None)
    forced = exact(decoder, SearchOptions(mode=Beam(size=2, alpha=0.0), prefix=(4,)))
    assert forced.empty is None
    assert forced.best is not None
    assert forced.best.tokens[0] == 4


def test_time_and_prefixes_run_out_undecided() -> None:
    decoder, options = mixed(9, 3), SearchOptions(mode=Beam(size=2, alpha=1.0), max_length=12)
    whole = exact(decoder, options, most=2000)
    ticks = count()
    late = exact(decoder, options, clock=lambda: float(next(ticks)))  # a second a look: one step at most
    assert not late.complete
    assert late.expanded <= 1
    few = exact(decoder, options, most=70)
    assert not few.complete
    assert 70 <= few.expanded < 70 + ROWS
    assert whole.best is not None
    assert few.best is not None
    assert few.best.score <= whole.best.score


def test_nothing_that_can_finish_is_nothing() -> None:
    decoder = table({(): {3: 1.0}, (3,): {3: 1.0}}, 5)
    found = exact(decoder, SearchOptions(max_length=2))
    assert (found.best, found.complete, found.empty) == (None, True, None)


def test_a_real_model_is_searched_exactly() -> None:
    model = lively_model(target=6)
    memory = encode(model, [[4, 5, 6]])
    options = SearchOptions(mode=Beam(size=200, alpha=0.6), max_length=4)
    wide = search(model.decoder, memory, options)[0][0]  # wide enough to prune nothing
    found = exact_search(model.decoder, memory, options, clock=lambda: 0.0, seconds=1.0)
    assert found.best is not None
    assert found.best.tokens == wide.tokens
    assert found.best.score == pytest.approx(wide.score, abs=1e-5)


def test_what_can_not_be_searched_is_a_clear_error() -> None:
    with pytest.raises(ShapeError, match="one source, not 2"):
        exact_search(mixed(7), sources(2, 3), SearchOptions(), clock=lambda: 0.0, seconds=1.0)
    with pytest.raises(ConfigError, match="minimum length"):
        exact(mixed(7), SearchOptions(min_length=5, max_length=3))
