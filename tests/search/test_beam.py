"""The vectorised search against exhaustive search, plain-Python beam search, and its own rules."""

import math
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seq2seq.errors import ConfigError
from seq2seq.search import Beam, Greedy, Hypothesis, Sample, SearchOptions, forced_log_probs, search
from seq2seq.text import END
from tests import reference
from tests.fakes import FakeDecoder, mixed, sources, table
from tests.tiny import encode, lively_model

ALPHAS = [-0.5, 0.0, 0.6, 2.0]


def one(decoder: FakeDecoder, options: SearchOptions, length: int = 3) -> list[Hypothesis]:
    """Return what a search for a single source finds."""
    return search(decoder, sources(length), options)[0]


def same(found: list[Hypothesis], expected: list[reference.Output]) -> None:
    assert [h.tokens for h in found] == [e.tokens for e in expected]
    assert [h.finished for h in found] == [e.finished for e in expected]
    assert [h.log_prob for h in found] == pytest.approx([e.log_prob for e in expected], abs=1e-9)
    assert [h.score for h in found] == pytest.approx([e.score for e in expected], abs=1e-9)


# -- against the reference -------------------------------------------------------------------------------------


@settings(max_examples=250)
@given(
    seed=st.integers(0, 10_000),
    levels=st.sampled_from([None, 2, 3]),
    size=st.integers(1, 6),
    n_best=st.integers(1, 6),
    alpha=st.sampled_from([-1.0, *ALPHAS]),
    shortest=st.integers(1, 4),
    longest=st.integers(4, 8),
    prefix=st.lists(st.integers(3, 6), max_size=3).map(tuple),
    end=st.sampled_from([-2.0, 0.0, 1.0]),
)
def test_the_search_equals_the_plain_one(
    seed: int,
    levels: int | None,
    size: int,
    n_best: int,
    alpha: float,
    shortest: int,
    longest: int,
    prefix: tuple[int, ...],
    end: float,
) -> None:
    decoder = mixed(7, seed, levels, end)
    options = SearchOptions(
        mode=Beam(size=size, alpha=alpha),
        n_best=n_best,
        min_length=shortest,
        max_length=longest,
        prefix=prefix,
    )
    found = search(decoder, sources(2, 1, 3), options)
    for number, hypotheses in enumerate(found):
        expected = reference.beam(
            partial(decoder.log_probs, number),
            size=size,
            n_best=n_best,
            alpha=alpha,
            shortest=shortest,
            longest=longest,
            prefix=prefix,
        )
        same(hypotheses, expected)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    alpha=st.sampled_from([-2.0, -0.5, 0.0, 0.6, 2.0, 4.0]),
    shortest=st.integers(1, 3),
    longest=st.integers(3, 4),
    end=st.sampled_from([-3.0, 0.0, 2.0]),
)
def test_a_wide_beam_finds_the_exhaustive_optimum(
    seed: int, alpha: float, shortest: int, longest: int, end: float
) -> None:
    decoder = mixed(6, seed, end=end)
    options = SearchOptions(mode=Beam(size=200, alpha=alpha), min_length=shortest, max_length=longest)
    ways = reference.every_output(partial(decoder.log_probs, 0), shortest, longest, alpha)
    best = max(ways, key=lambda output: output.score)
    same(one(decoder, options), [best])


@given(seed=st.integers(0, 10_000), shortest=st.integers(1, 4), levels=st.sampled_from([None, 2]))
def test_a_beam_of_one_is_greedy_at_every_alpha(seed: int, shortest: int, levels: int | None) -> None:
    decoder = mixed(8, seed, levels, end=0.5)
    modes = [Greedy(), *(Beam(size=1, alpha=alpha) for alpha in ALPHAS)]
    options = [SearchOptions(mode=mode, min_length=shortest, max_length=7) for mode in modes]
    expected = reference.greedy(partial(decoder.log_probs, 0), shortest, 7)
    for each in options:
        (found,) = one(decoder, each)
        assert found[1:2] + found[3:] == pytest.approx(expected[1:2] + expected[3:])
        assert found.tokens == expected.tokens


# -- the rules by hand -----------------------------------------------------------------------------------------

# After <s>: end 0.4, token 3 with 0.35, token 4 with 0.25; both go on and end for certain.
SLOTS = {(): {END: 0.4, 3: 0.35, 4: 0.25}, (3,): {5: 1.0}, (4,): {5: 1.0}}


def test_a_finished_hypothesis_keeps_its_slot() -> None:
    found = one(table(SLOTS, 6), SearchOptions(mode=Beam(size=2, alpha=2.0), n_best=2, max_length=9))
    # The end takes one of two slots at the first step, so 4 never gets one.
    assert [h.tokens for h in found] == [(3, 5, END), (END,)]
    wider = one(table(SLOTS, 6), SearchOptions(mode=Beam(size=3, alpha=2.0), n_best=3, max_length=9))
    assert [h.tokens for h in wider] == [(3, 5, END), (4, 5, END), (END,)]


def test_an_end_outside_of_the_slots_does_not_count() -> None:
    decoder = table({(): {3: 0.5, 4: 0.3, END: 0.2}, (3,): {5: 1.0}, (4,): {5: 1.0}}, 6)
    found = one(decoder, SearchOptions(mode=Beam(size=2, alpha=-5.0), n_best=2, max_length=9))
    assert (END,) not in [h.tokens for h in found]


def test_scores_by_hand() -> None:
    found = one(table(SLOTS, 6), SearchOptions(mode=Beam(size=2, alpha=0.6), n_best=2, max_length=9))
    scores = {h.tokens: (h.log_prob, h.score) for h in found}
    assert scores[(END,)] == pytest.approx((math.log(0.4), math.log(0.4) / 1.0))
    assert scores[(3, 5, END)] == pytest.approx((math.log(0.35), math.log(0.35) / (8 / 6) ** 0.6), abs=1e-6)


def test_greedy_scores_are_totals() -> None:
    (found,) = one(table(SLOTS, 6), SearchOptions(mode=Greedy(), max_length=9, min_length=2))
    assert found.tokens == (3, 5, END)
    assert found.score == found.log_prob == pytest.approx(math.log(0.35), abs=1e-6)


def test_of_equal_totals_the_lower_token_comes_first() -> None:
    decoder = table({(): {5: 0.25, 3: 0.25, 4: 0.25, 6: 0.25}}, 8)
    found = one(decoder, SearchOptions(mode=Beam(size=3, alpha=0.0), n_best=3, max_length=4))
    assert [h.tokens for h in found] == [(3, END), (4, END), (5, END)]
    assert one(decoder, SearchOptions(mode=Greedy()))[0].tokens == (3, END)


def test_the_shortest_length_forbids_an_earlier_end() -> None:
    decoder = mixed(6, 3, end=5.0)
    for shortest in (1, 2, 5):
        for mode in (Greedy(), Beam(size=3), Sample(seed=4)):
            (found,) = one(decoder, SearchOptions(mode=mode, min_length=shortest, max_length=8))
            assert len(found.tokens) >= shortest
    assert one(decoder, SearchOptions(mode=Greedy()))[0].tokens == (END,)


@pytest.mark.parametrize("mode", [Greedy(), Beam(size=3), Sample(seed=1)])
def test_the_longest_length_cuts_off_and_says_so(mode: Greedy | Beam | Sample) -> None:
    (found,) = one(mixed(6, 1, end=-40.0), SearchOptions(mode=mode, max_length=4))
    assert len(found.tokens) == 4
    assert END not in found.tokens
    assert not found.finished


def test_a_finished_hypothesis_beats_better_ones_that_were_cut_off() -> None:
    decoder = table({(): {3: 0.9, END: 0.1}, (3,): {4: 1.0}, (3, 4): {4: 1.0}}, 6)
    found = one(decoder, SearchOptions(mode=Beam(size=2), n_best=2, max_length=2))
    assert [(h.tokens, h.finished) for h in found] == [((END,), True)]


def test_the_default_longest_length_follows_each_source() -> None:
    found = search(mixed(6, 1, end=-40.0), sources(3, 1, 7), SearchOptions(mode=Greedy()))
    assert [len(best[0].tokens) for best in found] == [16, 12, 24]


@pytest.mark.parametrize("mode", [Greedy(), Beam(size=4), Sample(seed=2)])
def test_every_output_begins_with_the_forced_prefix(mode: Greedy | Beam | Sample) -> None:
    decoder = mixed(8, 5)
    found = one(decoder, SearchOptions(mode=mode, n_best=2, prefix=(7, 3), max_length=6))
    assert all(h.tokens[:2] == (7, 3) for h in found)
    # The prefix costs what the model thinks of it.
    log_probs = [decoder.log_probs(0, h.tokens[:i])[t] for h in found[:1] for i, t in enumerate(h.tokens)]
    assert found[0].log_prob == pytest.approx(sum(log_probs), abs=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (SearchOptions(min_length=9, max_length=8), "minimum length of 9 is over .* 8 tokens"),
        (SearchOptions(prefix=(3,) * 9, max_length=8), "forced prefix of 9 is over .* 8 tokens"),
        (SearchOptions(min_length=17), "minimum length of 17 is over .* 16 tokens"),
        (SearchOptions(prefix=(3, 8)), "forced prefix has token 8, the last one is 7"),
    ],
)
def test_options_that_do_not_fit_together_are_refused(options: SearchOptions, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        one(mixed(8), options)


# -- batches, real models, threads -----------------------------------------------------------------------------


def test_samples_of_one_line_differ_and_come_again() -> None:
    options = SearchOptions(mode=Sample(seed=3), n_best=4, max_length=60)
    first, again = (one(mixed(9, 2), options) for _ in range(2))
    assert first == again
    assert len({h.tokens for h in first}) > 1
    assert len(first) == 4
    other = one(mixed(9, 2), options.model_copy(update={"mode": Sample(seed=4)}))
    assert [h.tokens for h in other] != [h.tokens for h in first]


def test_a_sample_depends_on_seed_and_line_alone() -> None:
    decoder = mixed(9, 2)
    options = SearchOptions(mode=Sample(seed=3, temperature=1.5), max_length=8)
    together = search(decoder, sources(3, 2, 5, first=10), options, lines=[40, 41, 42])
    for place, (length, line) in enumerate(((3, 40), (2, 41), (5, 42))):
        assert search(decoder, sources(length, first=10 + place), options, lines=[line])[0] == together[place]


def test_sampled_tokens_come_as_often_as_their_probabilities_say() -> None:
    decoder = table({(): {3: 0.5, 4: 0.3, 5: 0.15, END: 0.05}}, 6)
    options = SearchOptions(mode=Sample(seed=7), max_length=1)
    found = search(decoder, sources(*[1] * 4000), options)
    # The table is the same for every source number, and each line has a generator of its own.
    shares = [sum(best[0].tokens == (token,) for best in found) / 4000 for token in (3, 4, 5, END)]
    assert shares == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=0.03)


MODELS = [
    {"attention": "general"},
    {"attention": "additive", "attention_at": "before", "cell": "gru"},
    {"attention": "dot", "input_feeding": True, "encoder_layers": 2, "decoder_layers": 2},
]
LINES = [[3 + (7 * line + 5 * place) % 8 for place in range(1 + line % 9)] for line in range(64)]


def alike(found: list[Hypothesis], expected: list[Hypothesis]) -> None:
    """Equal totals within 1e-4; tokens may differ where two totals are closer than that."""
    assert [h.score for h in found] == pytest.approx([h.score for h in expected], abs=1e-4)
    for a, b in zip(found, expected, strict=True):
        if a.tokens != b.tokens:
            near = [abs(a.log_prob - other.log_prob) for other in expected if other.tokens != a.tokens]
            assert min(near) < 1e-4


@pytest.mark.parametrize("shape", MODELS, ids=lambda shape: shape["attention"])
@pytest.mark.parametrize("mode", [Greedy(), Beam(size=4), Sample(seed=5)], ids=lambda mode: mode.kind)
def test_a_batch_of_64_equals_batches_of_one(shape: dict[str, object], mode: Greedy | Beam | Sample) -> None:
    model = lively_model(**shape)
    options = SearchOptions(mode=mode, n_best=2 if mode.kind == "beam" else 1, max_length=16)
    together = search(model.decoder, encode(model, LINES), options)
    assert len({best[0].tokens for best in together}) > 1
    for number, line in enumerate(LINES):
        (alone,) = search(model.decoder, encode(model, [line]), options, lines=[number])
        alike(together[number], alone)


@pytest.mark.parametrize("shape", MODELS, ids=lambda shape: shape["attention"])
def test_forced_scores_add_up_to_the_totals_of_the_search(shape: dict[str, object]) -> None:
    model = lively_model(**shape)
    memory = encode(model, LINES)
    found = search(model.decoder, memory, SearchOptions(mode=Beam(size=3), max_length=40))
    ended = [row for row, best in enumerate(found) if best[0].finished]
    assert len(ended) > 4
    targets = [found[row][0].tokens[:-1] for row in ended]
    forced = forced_log_probs(model.decoder, memory.select(torch.tensor(ended)), targets)
    for row, values in zip(ended, forced, strict=True):
        assert len(values) == len(found[row][0].tokens)
        assert sum(values) == pytest.approx(found[row][0].log_prob, abs=1e-4)


def test_an_empty_target_is_scored_by_its_end_alone() -> None:
    model = lively_model()
    memory = encode(model, [[4], [5, 6]])
    (short, long) = forced_log_probs(model.decoder, memory, [[], [5, 6, 7]])
    assert (len(short), len(long)) == (1, 4)
    assert forced_log_probs(model.decoder, encode(model, [[4]]), [[]])[0] == pytest.approx(short, abs=1e-5)


def test_threads_on_one_model_get_what_one_gets() -> None:
    model = lively_model()
    options = SearchOptions(mode=Beam(size=4), n_best=4, max_length=20)

    def work(line: list[int]) -> list[Hypothesis]:
        return search(model.decoder, encode(model, [line]), options)[0]

    with ThreadPoolExecutor(2) as pool:
        shared = list(pool.map(work, LINES[:24]))
    assert shared == [work(line) for line in LINES[:24]]


def test_a_search_leaves_its_memory_as_it_was() -> None:
    model = lively_model()
    memory = encode(model, LINES[:3])
    before = memory.states.clone()
    search(model.decoder, memory, SearchOptions(mode=Beam(size=3)))
    assert torch.equal(memory.states, before)


def test_the_bound_stops_a_search_as_soon_as_nothing_better_can_come() -> None:
    steps = []

    class Watcher:
        def step(self, step: object) -> None:
            steps.append(step)

    decoder = table({(): {END: 0.6, 3: 0.4}, (3,): {4: 0.5, 5: 0.5}, (3, 4): {4: 1.0}}, 6)
    # alpha 0: ended with log 0.6, and log 0.4 can't rise any more.
    search(decoder, sources(3), SearchOptions(mode=Beam(size=2, alpha=0.0), max_length=9), Watcher())
    assert len(steps) == 1
    # alpha 5: log 0.4 / lp(9) may still win.
    search(decoder, sources(3), SearchOptions(mode=Beam(size=2, alpha=5.0), max_length=9), Watcher())
    assert len(steps) > 2
