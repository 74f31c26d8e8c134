"""Coverage, no repeats, and groups: against plain versions, by hand, neutral where nothing is asked."""

from collections.abc import Callable
from functools import partial
from itertools import count

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seq2seq.errors import ConfigError
from seq2seq.search import (
    Beam,
    Greedy,
    Hypothesis,
    Mode,
    Sample,
    SearchOptions,
    coverage_penalty,
    exact_search,
    length_penalty,
    search,
)
from seq2seq.search.rules import forbid_repeats
from seq2seq.text import END, START
from tests import reference
from tests.fakes import mixed, sources
from tests.tiny import encode, lively_model

SEEDS = st.integers(0, 10_000)
SOURCES = [[5, 6, 7, 8], [9], [4, 4, 10, 9, 8, 5]]


# -- coverage --------------------------------------------------------------------------------------------------


def test_the_coverage_penalty_by_hand() -> None:
    covered = torch.tensor([[0.5, 1.0, 0.25], [2.0, 1.0, 0.0], [0.0, 3.0, 1.0]])
    mask = torch.tensor([[True, True, True], [True, True, False], [True, True, True]])
    # ln 0.5 + ln 1 + ln 0.25; more than 1 is no better than 1 and padding does not count; nothing at all is finite.
    expected = [-3 * 0.6931471805599453, 0.0, -23.025850929940457]
    assert coverage_penalty(covered, mask).tolist() == pytest.approx(expected)


@pytest.mark.parametrize("alpha", [-0.5, 0.0, 0.6])
def test_scores_with_coverage_are_those_of_wu_et_al_and_decide_the_order(alpha: float) -> None:
    model = lively_model()
    found = search_tiny(Beam(size=4, alpha=alpha, coverage=0.7), n_best=4)
    for ids, hypotheses in zip(SOURCES, found, strict=True):
        assert [one.score for one in hypotheses] == sorted((one.score for one in hypotheses), reverse=True)
        for one in hypotheses:
            attention = model.decoder.unroll(
                torch.tensor([[START, *one.tokens[:-1]]]), encode(model, [ids])
            ).attention
            assert attention is not None
            covered = attention.detach().sum(1)
            penalty = float(coverage_penalty(covered, torch.ones_like(covered, dtype=torch.bool)))
            score = one.log_prob / length_penalty(len(one.tokens), alpha) + 0.7 * penalty
            assert one.score == pytest.approx(score, abs=1e-4)


def test_coverage_of_a_decoder_without_attention_is_a_clear_error() -> None:
    model = lively_model(attention="none")
    with pytest.raises(ConfigError, match="no attention"):
        search(model.decoder, encode(model, SOURCES), SearchOptions(mode=Beam(coverage=0.2)))


# -- no repeats ------------------------------------------------------------------------------------------------


def unrepeated(next_log_probs: reference.NextLogProbs, size: int, prefix: int = 0) -> reference.NextLogProbs:
    """Return log-probabilities in which what would repeat a sequence of `size` tokens is impossible."""

    def allowed(tokens: tuple[int, ...]) -> list[float]:
        values = list(next_log_probs(tokens))
        if len(tokens) < prefix:
            return values
        said = {tokens[i : i + size] for i in range(len(tokens) - size + 1)}
        banned = [t for t in range(len(values)) if size and (*tokens[len(tokens) - size + 1 :], t) in said]
        for token in banned:
            values[token] = float("-inf")
        return values

    return allowed


@settings(max_examples=100, deadline=None)
@given(seed=SEEDS, size=st.integers(1, 5), repeat=st.integers(1, 4), prefix=st.sampled_from([(), (3,), (3, 4, 3)]))
def test_a_search_without_repeats_equals_the_plain_one(
    seed: int, size: int, repeat: int, prefix: tuple[int, ...]
) -> None:
    decoder = mixed(7, seed, end=-1.0)
    options = SearchOptions(mode=Beam(size=size), n_best=size, max_length=9, no_repeat=repeat, prefix=prefix)
    for number, hypotheses in enumerate(search(decoder, sources(2, 1, 3), options)):
        expected = reference.beam(
            unrepeated(partial(decoder.log_probs, number), repeat, len(prefix)),
            size=size, n_best=size, alpha=0.6, shortest=1, longest=9, prefix=prefix,
        )  # fmt: skip
        assert [one.tokens for one in hypotheses] == [one.tokens for one in expected]
        for one in hypotheses:
            said = one.tokens[len(prefix) :]
            grams = [said[i : i + repeat] for i in range(len(said) - repeat + 1)]
            assert len(set(grams)) == len(grams)


def test_repeats_are_forbidden_by_hand_and_a_row_with_nothing_left_may_end() -> None:
    log_probs = torch.zeros(2, 6)
    forbid_repeats(log_probs, torch.tensor([[3, 4, 5, 3], [3, 3, 3, 3]]), 2, log_probs[:, END])
    assert (log_probs == float("-inf")).nonzero().tolist() == [[0, 4], [1, 3]]
    stuck = torch.full((1, 5), float("-inf"))
    stuck[0, 3] = -1.0
    forbid_repeats(stuck, torch.tensor([[3, 2]]), 1, torch.tensor([-2.0]))
    assert stuck[0].tolist() == [-2.0 if token == END else float("-inf") for token in range(5)]


@pytest.mark.parametrize("mode", [Greedy(), Beam(size=3), Beam(size=4, groups=2), Sample(seed=1)])
def test_a_search_that_has_said_all_it_may_ends_before_its_minimum_length(mode: Mode) -> None:
    """Of seven tokens, <s>, </s> and <pad> aside, four can be said once each."""
    options = SearchOptions(mode=mode, min_length=9, max_length=12, no_repeat=1)
    for (best,) in search(mixed(7, 3), sources(2), options):
        assert best.finished
        assert sorted(best.tokens[:-1]) == [token for token in range(7) if token not in (0, START, END)]


# -- groups ----------------------------------------------------------------------------------------------------


def grouped(
    next_log_probs: reference.NextLogProbs, *, size: int, groups: int, diversity: float, longest: int
) -> list[reference.Output]:
    """Return what diverse beam search finishes with, at an alpha of 0.6, in plain Python."""
    lanes: list[list[tuple[tuple[int, ...], float]]] = [[((), 0.0)] for _ in range(groups)]
    finished: list[list[reference.Output]] = [[] for _ in range(groups)]
    cut_off: list[reference.Output] = []
    for length in count(1):
        said: dict[int, int] = {}
        for number, live in enumerate(lanes):
            candidates = []
            for rank, (tokens, total) in enumerate(live):
                for token, log_prob in enumerate(next_log_probs(tokens)):
                    if token not in (0, 1):
                        by = total + log_prob - diversity * said.get(token, 0)
                        candidates.append((-by, token, rank, total + log_prob))
            kept = sorted(candidates)[: size // groups - len(finished[number])]
            lanes[number] = []
            for _, token, rank, total in kept:
                tokens = (*live[rank][0], token)
                output = reference.Output(tokens, total, total / reference.penalty(length, 0.6), token == END)
                if token == END:
                    finished[number].append(output)
                elif length == longest:
                    cut_off.append(output)
                else:
                    lanes[number].append((tokens, total))
            for _, token, _, _ in kept:
                said[token] = said.get(token, 0) + 1
        if not any(lanes):
            break
    every = {one.tokens: one for lane in finished for one in lane} or {
        max(cut_off, key=lambda one: one.score).tokens: max(cut_off, key=lambda one: one.score)
    }
    return sorted(every.values(), key=lambda one: -one.score)


@settings(max_examples=100, deadline=None)
@given(
    seed=SEEDS,
    shape=st.sampled_from([(2, 2), (4, 2), (6, 3), (6, 2), (3, 1)]),
    diversity=st.sampled_from([0.0, 0.3, 1.1, 50.0]),
    end=st.sampled_from([-1.0, 0.0, 1.0]),
)
def test_groups_equal_the_plain_ones(seed: int, shape: tuple[int, int], diversity: float, end: float) -> None:
    size, groups = shape
    decoder = mixed(9, seed, end=end)
    mode = Beam(size=size, groups=groups, diversity=diversity)
    found = search(decoder, sources(2, 1, 3), SearchOptions(mode=mode, n_best=size, max_length=7))
    for number, hypotheses in enumerate(found):
        expected = grouped(
            partial(decoder.log_probs, number), size=size, groups=groups, diversity=diversity, longest=7
        )
        assert [one.tokens for one in hypotheses] == [one.tokens for one in expected]
        assert [one.score for one in hypotheses] == pytest.approx([one.score for one in expected], abs=1e-6)
        assert len({one.tokens for one in hypotheses}) == len(hypotheses)


@given(SEEDS)
def test_groups_that_need_not_differ_are_one_small_beam(seed: int) -> None:
    decoder = mixed(9, seed)
    alike = search(decoder, sources(3, 1), SearchOptions(mode=Beam(size=6, groups=3, diversity=0.0), n_best=6))
    small = search(decoder, sources(3, 1), SearchOptions(mode=Beam(size=2), n_best=2))
    assert [[one.tokens for one in best] for best in alike] == [[one.tokens for one in best] for best in small]


@given(SEEDS)
def test_groups_that_must_differ_begin_with_different_tokens(seed: int) -> None:
    mode = Beam(size=4, groups=4, diversity=100.0)
    found = search(mixed(9, seed), sources(3), SearchOptions(mode=mode, n_best=4, max_length=5))[0]
    assert len({one.tokens[0] for one in found}) == len(found)


def test_a_beam_that_does_not_split_is_a_clear_error() -> None:
    with pytest.raises(ValueError, match="a beam of 5 can't be split into 2 equal groups"):
        Beam(size=5, groups=2)


# -- all of them -----------------------------------------------------------------------------------------------


def search_tiny(mode: Mode, pick: Callable[[int], bool] = lambda _: True, **common: int) -> list[list[Hypothesis]]:
    """Return what a tiny model finds for some of the sources."""
    model = lively_model()
    chosen = [ids for number, ids in enumerate(SOURCES) if pick(number)]
    return search(model.decoder, encode(model, chosen), SearchOptions(mode=mode, **common))


MODES = [
    Beam(size=4, coverage=0.4),
    Beam(size=4, groups=2, diversity=0.8),
    Beam(size=6, groups=3, coverage=0.2, alpha=1.0),
    Beam(size=3),
    Sample(seed=3),
]


@pytest.mark.parametrize("mode", MODES, ids=str)
@pytest.mark.parametrize("no_repeat", [0, 1, 2])
def test_a_batch_of_mixed_lengths_gives_what_single_sentences_give(mode: Mode, no_repeat: int) -> None:
    if isinstance(mode, Sample) and no_repeat == 0:
        return
    lines = range(len(SOURCES))
    model = lively_model()
    options = SearchOptions(mode=mode, n_best=2, no_repeat=no_repeat)
    together = search(model.decoder, encode(model, SOURCES), options, lines=lines)
    for number, ids in enumerate(SOURCES):
        alone = search(model.decoder, encode(model, [ids]), options, lines=[number])[0]
        assert [one.tokens for one in alone] == [one.tokens for one in together[number]]
        assert [one.score for one in alone] == pytest.approx([one.score for one in together[number]], abs=1e-5)


def test_a_beam_of_one_is_greedy_with_coverage_and_without_repeats_alike() -> None:
    for no_repeat in (0, 2):
        greedy = search_tiny(Greedy(), no_repeat=no_repeat)
        beam = search_tiny(Beam(size=1, coverage=0.5), no_repeat=no_repeat)
        assert [best[0].tokens for best in greedy] == [best[0].tokens for best in beam]


def test_an_exact_search_refuses_what_it_does_not_know() -> None:
    model = lively_model()
    for options in (
        SearchOptions(mode=Beam(coverage=0.1)),
        SearchOptions(mode=Beam(size=4, groups=2)),
        SearchOptions(no_repeat=2),
    ):
        with pytest.raises(ConfigError, match="An exact search is worked out for searches without"):
            exact_search(model.decoder, encode(model, SOURCES[:1]), options, clock=lambda: 0.0, seconds=1)
