"""Attention rows made by hand."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.errors import ConfigError
from seq2seq.explain import drop, one_hot, renormalised, shift, uniform

ROW = (0.1, 0.2, 0.3, 0.4)


@st.composite
def rows(draw: st.DrawFn) -> tuple[list[float], list[bool]]:
    """Draw weights and a mask, with two real positive ones at least, and rubbish on padding."""
    real = draw(st.lists(st.floats(0, 1e300), min_size=0, max_size=8)) + draw(
        st.lists(st.floats(1e-300, 1e300), min_size=2, max_size=2)
    )
    padding = draw(st.lists(st.floats(0, 9), max_size=3))
    return real + padding, [True] * len(real) + [False] * len(padding)


PRESETS: dict[str, Callable[..., tuple[float, ...]]] = {
    "uniform": uniform,
    "one_hot": lambda row, mask: one_hot(row, 1, mask=mask),
    "one_hot of two": lambda row, mask: one_hot(row, 0, 1, mask=mask),
    "drop": lambda row, mask: drop(row, 0, mask=mask),
    "shift": lambda row, mask: shift(row, 2, mask=mask),
    "shift back": lambda row, mask: shift(row, -100, mask=mask),
    "renormalised": renormalised,
}


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
@given(drawn=rows())
def test_every_row_sums_to_one_is_never_negative_and_leaves_padding_alone(
    preset: Callable[..., tuple[float, ...]], drawn: tuple[list[float], list[bool]]
) -> None:
    row, mask = drawn
    before = list(row)
    if preset is PRESETS["drop"] and not any(row[i] for i in range(1, len(row)) if mask[i]):
        return
    made = preset(row, mask=mask)
    assert len(made) == len(row)
    assert math.fsum(made) == pytest.approx(1)
    assert min(made) >= 0
    assert not any(weight for weight, real in zip(made, mask, strict=True) if not real)
    assert row == before


def test_presets_by_hand() -> None:
    assert uniform(ROW) == (0.25,) * 4
    assert uniform(ROW, mask=[True, True, False, False]) == (0.5, 0.5, 0, 0)
    assert one_hot(ROW, 2) == (0, 0, 1, 0)
    assert one_hot(ROW, 0, 3) == (0.5, 0, 0, 0.5)
    assert drop(ROW, 3) == pytest.approx((1 / 6, 2 / 6, 3 / 6, 0))
    assert drop(ROW, 0, 2) == pytest.approx((0, 1 / 3, 0, 2 / 3))
    assert renormalised((2, 0, 6)) == pytest.approx((0.25, 0, 0.75))


def test_what_is_shifted_over_the_edge_stays_there() -> None:
    assert shift(ROW, 1) == pytest.approx((0, 0.1, 0.2, 0.7))
    assert shift(ROW, -2) == pytest.approx((0.6, 0.4, 0, 0))
    assert shift(ROW, 0) == pytest.approx(ROW)
    # Padding is no place to move to.
    assert shift((0.5, 0.5, 0.0), 1, mask=[True, True, False]) == pytest.approx((0, 1, 0))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: renormalised([0, 0, 0]), "All attention weights are 0"),
        (lambda: renormalised([]), "All attention weights are 0"),
        (lambda: drop([0, 1, 0], 1), "All attention weights are 0"),
        (lambda: one_hot(ROW), "All attention weights are 0"),
        (lambda: renormalised([1, 2], mask=[True] * 3), "There are 2 weights for 3 source pieces"),
        (lambda: renormalised([1, float("nan")]), "The 2nd attention weight is nan"),
        (lambda: renormalised([float("inf"), 1]), "The 1st attention weight is inf"),
        (lambda: renormalised([1] * 10 + [-0.5]), "The 11th attention weight is -0.5"),
        (lambda: one_hot(ROW, 4), "There is no source piece 4; places count from 0 to 3"),
        (lambda: drop(ROW, -1), "There is no source piece -1"),
    ],
)
def test_what_is_no_row_is_one_clear_error(call: Callable[[], object], words: str) -> None:
    with pytest.raises(ConfigError, match=f"^{words}") as caught:
        call()
    assert len(str(caught.value).splitlines()) == 1
