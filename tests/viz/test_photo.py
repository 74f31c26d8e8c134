"""Attention over photos: in light where it was looked, at the photo's own shape."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from seq2seq.viz.photo import label_bars, photo_attention, photo_words, smoothed

GRID = (2, 3)


@pytest.fixture(scope="module")
def photo() -> bytes:
    """A JPEG of 60 x 40 pixels."""
    file = io.BytesIO()
    Image.new("RGB", (60, 40), (90, 120, 30)).save(file, "JPEG")
    return file.getvalue()


def test_the_veil_is_thin_where_the_word_looked(photo: bytes) -> None:
    figure = photo_attention(photo, (60, 40), [0, 0, 0.1, 0, 0.9, 0], GRID, smoothing=0)
    veil = np.array(figure.data[0].z)
    assert veil.shape == (16, 24)
    assert veil[12, 12] == 1  # region 5: second row, second column
    assert veil[0, 20] == pytest.approx(0.1 / 0.9, abs=1e-3)
    assert figure.data[0].colorscale[1][1].endswith(",0)")


def test_the_axes_are_the_photos_pixels(photo: bytes) -> None:
    figure = photo_attention(photo, (60, 40), None, GRID)
    assert (tuple(figure.layout.xaxis.range), tuple(figure.layout.yaxis.range)) == ((0, 60), (40, 0))
    assert figure.layout.yaxis.scaleanchor == "x"
    marks = figure.data[0]
    assert list(zip(marks.x, marks.y, strict=True))[:4] == [(10, 10), (30, 10), (50, 10), (10, 30)]
    assert list(marks.customdata) == [1, 2, 3, 4, 5, 6]


def test_regions_say_their_weight_and_show_their_number(photo: bytes) -> None:
    figure = photo_attention(photo, (60, 40), [0.5, 0.5, 0, 0, 0, 0], GRID, numbers=True)
    marks = figure.data[1]
    assert marks.hovertext[0] == "region 1: 50 % of the attention"
    assert marks.mode == "markers+text"


@given(st.integers(1, 8), st.integers(1, 8), st.floats(0, 2))
def test_smoothing_keeps_what_is_even_and_the_mean_within_bounds(rows: int, columns: int, width: float) -> None:
    even = smoothed(np.full((rows, columns), 0.25), width)
    assert even == pytest.approx(0.25)
    assert even.shape == (8 * rows, 8 * columns)
    weights = np.random.default_rng(1).random((rows, columns))
    soft = smoothed(weights, width)
    assert weights.min() - 1e-9 <= soft.min() <= soft.max() <= weights.max() + 1e-9


def test_every_word_gets_its_own_photo(photo: bytes) -> None:
    rows = [(f"word{number}" * (1 + 5 * (number == 2)), [1 / 6] * 6) for number in range(7)]
    figure = photo_words(photo, (60, 40), rows, GRID, columns=3)
    assert len(figure.layout.images) == len(figure.data) == 7
    assert figure.layout.annotations[2].text.endswith("…")
    axes = [figure.layout[f"yaxis{number or ''}"].domain for number in (0, 4, 7)]
    assert axes[0][0] > axes[1][1]
    assert axes[1][0] > axes[2][1]
    assert min(axis[0] for axis in axes) >= 0


def test_labels_are_named_with_their_probability() -> None:
    figure = label_bars([("golden retriever", 0.61), ("<b>tench</b>", 0.0004)])
    texts = [note.text for note in figure.layout.annotations]
    assert texts[0] == "golden retriever <b>61 %</b>"
    assert texts[1].startswith("&lt;b&gt;tench")
    assert "under 0.1 %" in texts[1]
