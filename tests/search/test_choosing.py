"""The one function that picks tokens."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.search import Sample, choose

VALUES = st.sampled_from([-3.0, -2.0, -1.0, -0.5, float("-inf")])
ROWS = st.integers(1, 9).flatmap(
    lambda width: st.lists(st.lists(VALUES, min_size=width, max_size=width), min_size=1, max_size=4)
)


@given(rows=ROWS, count=st.integers(1, 12))
def test_exactly_the_asked_number_comes_as_a_stable_sort_has_it(rows: list[list[float]], count: int) -> None:
    log_probs = torch.tensor(rows)
    picked = choose(log_probs, count)
    assert picked.shape == (len(rows), min(count, len(rows[0])))
    for row, tokens in zip(rows, picked.tolist(), strict=True):
        assert tokens == sorted(range(len(row)), key=lambda token: (-row[token], token))[:count]


def test_a_wide_row_of_equals_gives_the_lowest_ids() -> None:
    log_probs = torch.zeros(2, 5000)
    log_probs[1, 4321] = 1.0
    assert choose(log_probs, 7).tolist() == [[0, 1, 2, 3, 4, 5, 6], [4321, 0, 1, 2, 3, 4, 5]]
    assert choose(log_probs).tolist() == [[0], [4321]]
    many = log_probs.repeat(20, 1)  # so many that blocks are searched
    assert choose(many).tolist() == [[0], [4321]] * 20


# Probabilities 0.4, 0.3, 0.2, 0.1, not in order.
FOUR = torch.tensor([[0.2, 0.4, 0.1, 0.3]]).log()


def drawn(sample: Sample, times: int = 1000, log_probs: torch.Tensor = FOUR) -> list[float]:
    """Return the share of each token in many draws."""
    generator = torch.Generator().manual_seed(11)
    picked = choose(log_probs.expand(times, -1), 1, sample, [generator] * times).flatten()
    return (picked.bincount(minlength=log_probs.shape[1]) / times).tolist()


@pytest.mark.parametrize(
    ("sample", "kept"),
    [
        (Sample(top_k=1), {1}),
        (Sample(top_k=2), {1, 3}),
        (Sample(top_k=9), {0, 1, 2, 3}),
        (Sample(top_p=0.39), {1}),
        (Sample(top_p=0.41), {1, 3}),  # the token that crosses is still in
        (Sample(top_p=0.69), {1, 3}),
        (Sample(top_p=0.71), {0, 1, 3}),
        (Sample(top_p=1.0), {0, 1, 2, 3}),
        (Sample(top_p=1e-9), {1}),
        (Sample(top_p=0.95, top_k=2), {1, 3}),
        (Sample(temperature=0.01), {1}),
    ],
)
def test_the_kept_set_by_hand(sample: Sample, kept: set[int]) -> None:
    assert {token for token, share in enumerate(drawn(sample)) if share} == kept


def test_shares_follow_the_probabilities() -> None:
    assert drawn(Sample(), 20_000) == pytest.approx([0.2, 0.4, 0.1, 0.3], abs=0.015)
    assert drawn(Sample(top_k=2), 20_000) == pytest.approx([0, 4 / 7, 0, 3 / 7], abs=0.015)
    # Temperature 0.5 squares: 4, 16, 1, 9 of 30.
    assert drawn(Sample(temperature=0.5), 20_000) == pytest.approx([4 / 30, 16 / 30, 1 / 30, 9 / 30], abs=0.015)


def test_top_k_keeps_exactly_k_of_equals() -> None:
    equal = torch.full((1, 6), math.log(1 / 6))
    assert [share > 0 for share in drawn(Sample(top_k=2), log_probs=equal)] == [True] * 2 + [False] * 4


@given(st.integers(0, 2**31 - 1), st.floats(0.01, 1.0), st.floats(0.05, 20))
def test_a_forbidden_token_is_never_drawn(seed: int, top_p: float, temperature: float) -> None:
    log_probs = torch.tensor([[float("-inf"), -1.0, float("-inf"), -30.0, float("-inf")]])
    generator = torch.Generator().manual_seed(seed)
    sample = Sample(top_p=top_p, temperature=temperature)
    assert choose(log_probs, 1, sample, [generator]).item() in (1, 3)


def test_a_row_draws_by_its_own_generator() -> None:
    log_probs = torch.linspace(0, 3, 20).reshape(2, 10).log_softmax(1)
    both = [torch.Generator().manual_seed(seed) for seed in (1, 2)]
    together = choose(log_probs, 1, Sample(), both)
    alone = choose(log_probs[1:], 1, Sample(), [torch.Generator().manual_seed(2)])
    assert together[1:].tolist() == alone.tolist()


def test_choosing_changes_nothing() -> None:
    log_probs = torch.tensor([[-1.0, -2.0, -1.0]])
    before = log_probs.clone()
    choose(log_probs, 2)
    choose(log_probs, 1, Sample(), [torch.Generator()])
    assert torch.equal(log_probs, before)


@given(
    st.integers(0, 2**31 - 1),
    st.integers(1, 6),
    st.sampled_from([700, 1024, 1091]),
    st.sampled_from([3, 50, 10**6]),
)
def test_the_best_of_a_large_vocabulary_are_those_of_a_full_sort(
    seed: int, count: int, size: int, kinds: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    log_probs = -torch.randint(0, kinds, (4, size), generator=generator).float()  # few kinds: many ties
    expected = log_probs.sort(dim=1, descending=True, stable=True).indices[:, :count]
    assert torch.equal(choose(log_probs, count), expected)


def test_the_likeliest_of_all_tokens_are_drawn_as_all_tokens_are() -> None:
    generator = torch.Generator().manual_seed(4)
    log_probs = torch.randn(50, 300, generator=generator).round(decimals=1).log_softmax(1)  # with many equals
    log_probs[:, 7] = float("-inf")

    def draw(sample: Sample) -> list[int]:
        generators = [torch.Generator().manual_seed(row) for row in range(50)]
        return choose(log_probs, 1, sample, generators).squeeze(1).tolist()

    assert draw(Sample(top_k=300)) == draw(Sample())
    assert draw(Sample(top_k=299, top_p=0.5)) == draw(Sample(top_p=0.5))
