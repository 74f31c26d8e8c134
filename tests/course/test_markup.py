"""Texts of lessons: facts in braces, comparisons, and Markdown that stays text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.course.markup import UnknownFact, blocks, fill, holds

FACTS = {"a.b": 0.256, "n": 1234, "text": "so", "yes": True, "few": ("x", "y"), "below": -1.5}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{text} it is", "so it is"),
        ("{a.b:.0%}, {a.b:.1f}, {a.b}", "26 %, 0.3, 0.26"),
        ("{n:,d} {n}", "1,234 1234"),
        ("{below:.1f} and {below}", "−1.5 and −1.50"),
        ("{yes} {few}", "yes x, y"),
        ("“{text}.”.", "“so.”"),
    ],
)
def test_facts_are_put_in(text: str, said: str) -> None:
    assert fill(text, FACTS) == said


@pytest.mark.parametrize(
    "text", ["{unknown}", "{text:.1f}", "{n:>999999999}", "{a.b:d}", "{yes:d}", "{n:s}", "{n", "n}", "{ }", "{A B}"]
)
def test_what_is_no_fact_or_no_format_is_refused(text: str) -> None:
    with pytest.raises(UnknownFact):
        fill(text, FACTS)


@pytest.mark.parametrize(
    ("comparison", "holding"),
    [
        ("n > a.b", True),
        ("a.b >= 0.256", True),
        ("below < -1", True),
        ("n == 1234", True),
        ("n != 1234", False),
        ('text == "so"', True),
        ("text != 'so'", False),
        ('yes == "yes"', True),
        ("yes == yes", True),
        ("yes == no", False),
    ],
)
def test_points_compare_facts(comparison: str, holding: bool) -> None:
    assert holds(comparison, FACTS) is holding


@pytest.mark.parametrize("comparison", ["n", "n > ", "text > n", "n > unknown", "", "n => 3"])
def test_a_point_that_can_not_be_read_is_refused(comparison: str) -> None:
    with pytest.raises(UnknownFact):
        holds(comparison, FACTS)


def test_markdown_becomes_runs() -> None:
    found = blocks("One **two** and *three* `four`\nfive\n\n- six\n- seven")
    assert [block.kind for block in found] == ["p", "li", "li"]
    assert found[0].runs == [
        ("One ", ""), ("two", "strong"), (" and ", ""), ("three", "em"), (" ", ""), ("four", "code"), (" ", ""),
        ("five", ""),
    ]  # fmt: skip
    assert found[2].runs == [("seven", "")]


def test_html_stays_text() -> None:
    (block,) = blocks("<script>alert(1)</script> [a](javascript:1)")
    assert "".join(text for text, _ in block.runs) == "<script>alert(1)</script> [a](javascript:1)"
    assert {style for _, style in block.runs} == {""}


@given(st.text(max_size=200))
def test_any_text_can_be_shown(text: str) -> None:
    for block in blocks(text):
        assert block.kind in ("p", "li")
        assert all(style in ("", "strong", "em", "code") for _, style in block.runs)
