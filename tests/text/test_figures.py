"""Numbers, prices and times keep their value in the form of another language."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.text.figures import FigureKind, figure_patterns, rewrite, value

TO_ENGLISH = [
    ("number", "1 234 567", "1,234,567"),
    ("number", "1,83", "1.83"),
    ("number", "1987", "1987"),
    ("number", "1.500", "1,500"),
    ("number", "-5", "-5"),
    ("number", "60 %", "60%"),
    ("price", "12,50 €", "€12.50"),
    ("price", "2 300 €", "€2,300"),
    ("time", "14 h 45", "2:45 p.m."),
    ("time", "9 h 30", "9:30"),
    ("time", "20h15", "8:15 p.m."),
    ("time", "0 h 30", "12:30 a.m."),
    ("time", "14:45", "2:45 p.m."),
]
TO_FRENCH = [
    ("number", "1,234,567", "1\u202f234\u202f567"),
    ("number", "1.83", "1,83"),
    ("number", "60%", "60\u00a0%"),
    ("price", "€12.50", "12,50\u00a0€"),
    ("price", "$3.50", "3,50\u00a0$"),
    ("time", "2:45 p.m.", "14\u00a0h\u00a045"),
    ("time", "8 pm", "20\u00a0h"),
    ("time", "12:30 a.m.", "0\u00a0h\u00a030"),
    ("time", "9:30", "9\u00a0h\u00a030"),
]
DIRECTIONS = [("fr", "en", each) for each in TO_ENGLISH] + [("en", "fr", each) for each in TO_FRENCH]


@pytest.mark.parametrize(("source", "target", "example"), DIRECTIONS)
def test_a_figure_is_found_and_written_as_the_other_language_writes_it(
    source: str, target: str, example: tuple[FigureKind, str, str]
) -> None:
    kind, written, expected = example
    found = next(
        (kind, match.group())
        for kind, pattern in figure_patterns(source)
        if (match := re.search(pattern, f"x {written} x"))
    )
    assert found == (kind, written)
    assert rewrite(kind, written, source, target) == expected
    assert value(kind, written, source) == value(kind, expected, target)


@given(st.integers(0, 10**12), st.integers(0, 10**6), st.booleans())
def test_a_number_that_goes_and_comes_back_is_the_same(whole: int, decimals: int, grouped: bool) -> None:
    written = (f"{whole:,}" if grouped else str(whole)) + (f".{decimals}" if decimals else "")
    there = rewrite("number", written, "en", "fr")
    assert value("number", there, "fr") == value("number", written, "en")
    assert rewrite("number", there, "fr", "en") == written


@given(st.integers(0, 23), st.integers(0, 59))
def test_a_time_of_day_keeps_its_minutes(hour: int, minute: int) -> None:
    written = f"{hour} h {minute:02}"
    assert value("time", rewrite("time", written, "fr", "en"), "en") == str((hour * 60 + minute) % 720)


def test_figures_of_an_unknown_language_stay_as_they_are() -> None:
    assert rewrite("number", "1 234,5", "fr", "xx") == "1 234,5"
    assert rewrite("time", "14 h 45", "xx", "en") == "14 h 45"
