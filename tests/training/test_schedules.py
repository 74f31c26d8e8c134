"""Learning rates and teacher-forcing ratios against values worked out by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.training.recipe import Constant, Exponential, InverseSigmoid, InverseSqrt, Linear, OneCycle, OpenEnded
from seq2seq.training.schedules import forcing_ratio, rate_factor


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        (0, 1 / 11),  # up over 10 updates, which come close to the peak at the eleventh
        (4, 5 / 11),
        (9, 10 / 11),
        (10, 1.0),  # the peak
        (55, 0.5),  # half-way down the cosine: 45 of 90
        (40, 0.5 * (1 + math.cos(math.pi / 3))),  # a third: 0.75
        (99, 0.5 * (1 + math.cos(math.pi * 89 / 90))),  # the last update still moves a little
        (100, 0.0),
        (500, 0.0),
    ],
)
def test_one_cycle_by_hand(update: int, expected: float) -> None:
    schedule = OneCycle(updates=100, warmup=0.1)
    assert rate_factor(schedule, update) == pytest.approx(expected)
    assert rate_factor(schedule, update, halvings=3) == pytest.approx(expected)


@given(st.integers(1, 500), st.floats(0, 0.99))
def test_one_cycle_rises_once_and_falls_once(updates: int, warmup: float) -> None:
    factors = [rate_factor(OneCycle(updates=updates, warmup=warmup), update) for update in range(updates)]
    assert all(0 < factor <= 1 for factor in factors)
    peak = factors.index(max(factors))
    assert factors[: peak + 1] == sorted(factors[: peak + 1])
    assert factors[peak:] == sorted(factors[peak:], reverse=True)


@pytest.mark.parametrize(
    ("update", "expected"), [(0, 0.25), (1, 0.5), (3, 1.0), (8, 2 / 3), (15, 0.5), (35, 1 / 3), (399, 0.1)]
)
def test_inverse_sqrt_by_hand(update: int, expected: float) -> None:
    schedule = InverseSqrt(kind="inverse-sqrt", updates=400, warmup=4)
    assert rate_factor(schedule, update) == pytest.approx(expected)
    assert rate_factor(schedule, update, halvings=2) == pytest.approx(expected)


def test_a_longer_inverse_sqrt_training_begins_like_a_shorter_one() -> None:
    short, long = (InverseSqrt(kind="inverse-sqrt", updates=updates) for updates in (10, 10_000))
    assert [rate_factor(short, update) for update in range(10)] == [
        rate_factor(long, update) for update in range(10)
    ]


@pytest.mark.parametrize(
    ("update", "halvings", "expected"),
    [
        (0, 0, 0.2),
        (1, 0, 0.4),
        (4, 0, 1.0),
        (5, 0, 1.0),
        (10**9, 0, 1.0),
        (50, 1, 0.5),
        (50, 3, 0.125),
        (0, 1, 0.1),
    ],
)
def test_open_ended_by_hand(update: int, halvings: int, expected: float) -> None:
    schedule = OpenEnded(kind="open-ended", warmup=4)
    assert rate_factor(schedule, update, halvings) == pytest.approx(expected)


def test_without_warm_up_the_first_update_has_the_peak_rate() -> None:
    assert rate_factor(OpenEnded(kind="open-ended", warmup=0), 0) == 1.0


@pytest.mark.parametrize(
    ("forcing", "update", "expected"),
    [
        (Constant(ratio=0.3), 0, 0.3),
        (Constant(ratio=0.3), 10**6, 0.3),
        (Linear(kind="linear", slope=0.001), 0, 1.0),
        (Linear(kind="linear", slope=0.001), 250, 0.75),
        (Linear(kind="linear", slope=0.001), 2000, 0.0),
        (Linear(kind="linear", slope=0.001, floor=0.4), 2000, 0.4),
        (Exponential(kind="exponential", base=0.5), 0, 1.0),
        (Exponential(kind="exponential", base=0.5), 3, 0.125),
        (Exponential(kind="exponential", base=0.5), 10**6, 0.0),
        (InverseSigmoid(kind="inverse-sigmoid", k=10), 0, 10 / 11),
        (InverseSigmoid(kind="inverse-sigmoid", k=10), 10, 10 / (10 + math.e)),
        (InverseSigmoid(kind="inverse-sigmoid", k=10), 10**9, 0.0),
    ],
)
def test_forcing_ratios_by_hand(
    forcing: Constant | Linear | Exponential | InverseSigmoid, update: int, expected: float
) -> None:
    assert forcing_ratio(forcing, update) == pytest.approx(expected, abs=1e-12)


@given(
    st.one_of(
        st.builds(Linear, kind=st.just("linear"), slope=st.floats(1e-6, 1), floor=st.floats(0, 1)),
        st.builds(Exponential, kind=st.just("exponential"), base=st.floats(0.1, 0.9999)),
        st.builds(InverseSigmoid, kind=st.just("inverse-sigmoid"), k=st.floats(1, 10_000)),
    ),
    st.integers(0, 10**7),
)
def test_forcing_ratios_fall_and_stay_probabilities(
    forcing: Linear | Exponential | InverseSigmoid, update: int
) -> None:
    now, later = forcing_ratio(forcing, update), forcing_ratio(forcing, update + 1000)
    assert 0 <= later <= now <= 1
