"""Search options and the length penalty."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from seq2seq.search import Beam, Greedy, Sample, SearchOptions, length_penalty


@pytest.mark.parametrize(
    ("length", "alpha", "expected"),
    [
        (1, 0.6, 1.0),  # (6 / 6) ** 0.6
        (7, 1.0, 2.0),  # 12 / 6
        (19, 0.5, 2.0),  # sqrt(24 / 6)
        (7, -1.0, 0.5),
        (31, 2.0, 36.0),  # (36 / 6) ** 2
        (12, 0.0, 1.0),
    ],
)
def test_the_length_penalty_by_hand(length: int, alpha: float, expected: float) -> None:
    assert length_penalty(length, alpha) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("mode", "width", "alpha"),
    [(Greedy(), 1, 0.0), (Beam(size=7, alpha=0.3), 7, 0.3), (Sample(), 3, 0.0)],
)
def test_width_and_alpha_follow_from_the_mode(mode: Greedy | Beam | Sample, width: int, alpha: float) -> None:
    options = SearchOptions(mode=mode, n_best=3)
    assert (options.width, options.alpha) == (width, alpha)


@given(
    st.builds(
        SearchOptions,
        mode=st.one_of(
            st.just(Greedy()),
            st.builds(Beam, size=st.integers(1, 200), alpha=st.floats(-5, 5)),
            st.builds(Sample, temperature=st.floats(0.1, 9), top_k=st.integers(0, 9), seed=st.integers(0, 99)),
        ),
        n_best=st.integers(1, 9),
        prefix=st.lists(st.integers(0, 9)).map(tuple),
    )
)
def test_options_survive_json(options: SearchOptions) -> None:
    assert SearchOptions.model_validate_json(options.model_dump_json()) == options


@pytest.mark.parametrize(
    "values",
    [
        {"mode": {"kind": "beam", "size": 0}},
        {"mode": {"kind": "sample", "top_p": 0}},
        {"mode": {"kind": "sample", "temperature": float("nan")}},
        {"mode": {"kind": "greedy", "size": 3}},
        {"mode": {"kind": "beams"}},
        {"n_best": 0},
        {"min_length": 0},
        {"max_length": 0},
        {"prefix": (-1,)},
        {"beam_size": 3},
    ],
)
def test_impossible_options_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SearchOptions.model_validate(values)
