"""Spearman's rank correlation."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.explain import average_ranks, spearman

VALUES = st.floats(-100, 100)


def test_equal_values_share_the_average_of_their_ranks() -> None:
    assert average_ranks([3.0, 1.0, 3.0, 2.0, 3.0]) == [4.0, 1.0, 4.0, 2.0, 4.0]
    assert average_ranks([]) == []


@given(st.lists(st.integers(-3, 3)))
def test_a_rank_counts_what_is_lower_and_half_of_what_is_equal(values: list[int]) -> None:
    expected = [sum(b < a for b in values) + (1 + sum(b == a for b in values)) / 2 for a in values]
    assert average_ranks(values) == expected


@given(st.permutations(range(6)))
def test_without_ties_it_is_the_textbook_formula(order: list[int]) -> None:
    squares = sum((a - b) ** 2 for a, b in enumerate(order))
    assert spearman(range(6), order) == pytest.approx(1 - 6 * squares / (6 * (36 - 1)))


def test_with_ties_it_is_the_correlation_of_average_ranks() -> None:
    # Ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4 about their mean of 2.5: covariance 4.5, squares 4.5 and 5.
    assert spearman([1, 2, 2, 3], [10, 30, 20, 40]) == pytest.approx(4.5 / math.sqrt(4.5 * 5))


@pytest.mark.parametrize(
    ("one", "other"), [([], []), ([1, 2], [2, 1]), ([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [0] * 3)]
)
def test_it_is_undefined_for_few_values_and_for_constants(one: list[float], other: list[float]) -> None:
    assert spearman(one, other) is None


@given(st.lists(st.tuples(VALUES, VALUES), min_size=3))
def test_it_is_symmetric_and_only_the_order_counts(pairs: list[tuple[float, float]]) -> None:
    one, other = ([pair[side] for pair in pairs] for side in (0, 1))
    found = spearman(one, other)
    assert found == spearman(other, one)
    if found is not None:
        assert -1 - 1e-9 <= found <= 1 + 1e-9
        turned = spearman([-value for value in one], other)
        assert turned == pytest.approx(-found, abs=1e-9)
