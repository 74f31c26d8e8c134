"""The learning-rate range test, with losses from a table."""

import math
from itertools import pairwise

import pytest

from seq2seq.training.rate_test import HIGHEST, LOWEST, sweep
from seq2seq.training.rates import RateTrial, suggest


def test_the_rates_grow_geometrically_from_the_lowest_to_the_highest() -> None:
    rates = [one.rate for one in sweep(lambda rate: 1.0, 6)]
    assert rates[0] == LOWEST
    assert rates[-1] == pytest.approx(HIGHEST)
    assert [after / before for before, after in pairwise(rates)] == pytest.approx([10.0] * 5)


def test_the_smoothed_loss_is_a_mean_without_a_bias_to_zero() -> None:
    losses = iter([4.0, 2.0])
    first, second = sweep(lambda rate: next(losses), 2)
    assert first.smoothed == pytest.approx(4.0)
    assert second.smoothed == pytest.approx((0.9 * 0.1 * 4.0 + 0.1 * 2.0) / (1 - 0.81))


def test_the_test_ends_when_the_loss_is_four_times_its_best() -> None:
    tried = list(sweep(lambda rate: 1.0 if rate < 1e-3 else 100.0, 101))
    assert len(tried) < 101
    assert tried[-1].smoothed > 4 * min(one.smoothed for one in tried)
    assert all(one.smoothed <= 4 for one in tried[:-1])


def test_the_test_ends_when_the_loss_is_no_number() -> None:
    tried = list(sweep(lambda rate: 1.0 if rate < 1e-3 else math.nan, 101))
    assert math.isnan(tried[-1].loss)
    assert suggest(tried).diverged == tried[-1].rate


def test_the_steepest_descent_and_a_tenth_of_the_break_are_suggested() -> None:
    rates = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0]
    smoothed = [8.0, 7.9, 6.0, 3.0, 2.0, 9.0]
    found = suggest([RateTrial(rate, loss, loss) for rate, loss in zip(rates, smoothed, strict=True)])
    assert found.steepest == 1e-3  # from 7.9 to 3.0 around it
    assert found.diverged == 1.0
    assert found.tenth == pytest.approx(0.1)


def test_a_loss_that_has_fallen_far_did_not_break_at_its_beginning() -> None:
    smoothed = [8.0, 7.0, 3.0, 1.0, 0.5, 0.6]
    found = suggest([RateTrial(10.0**n, loss, loss) for n, loss in enumerate(smoothed, -6)])
    assert found.diverged is None
    assert found.tenth is None


def test_a_loss_that_never_falls_suggests_nothing() -> None:
    found = suggest([RateTrial(10.0**-n, 5.0, 5.0) for n in (5, 4, 3, 2, 1)])
    assert found.steepest is None
    assert found.tenth is None
