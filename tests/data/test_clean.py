"""What is dropped from a corpus, and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.data import Pair, Rules
from seq2seq.data.clean import (
    DUPLICATE,
    EMPTY,
    NO_LETTER,
    NO_MATCH,
    RATIO,
    TOO_LONG,
    UNTRANSLATED,
    clean,
    dropped_summary,
)
from seq2seq.data.table import Row
from seq2seq.errors import ConfigError
from seq2seq.text import normalise

lists_of_pairs = st.lists(st.builds(Pair, st.text(), st.text()))


@given(lists_of_pairs)
def test_every_pair_is_kept_or_counted(pairs: list[Pair]) -> None:
    cleaned = clean(pairs, Rules())
    assert len(cleaned.pairs) + sum(cleaned.dropped.values()) == len(pairs)


@given(lists_of_pairs)
def test_cleaning_twice_changes_nothing(pairs: list[Pair]) -> None:
    once = clean(pairs, Rules()).pairs
    assert clean(once, Rules()).pairs == once
    assert all(normalise(text) == text for pair in once for text in pair)


@given(lists_of_pairs)
def test_both_directions_keep_the_same_pairs(pairs: list[Pair]) -> None:
    turned = clean([Pair(target, source) for source, target in pairs], Rules()).pairs
    assert [Pair(target, source) for source, target in turned] == clean(pairs, Rules()).pairs


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        ("", "Go.", EMPTY),
        ("Va !", " \u200b ", EMPTY),
        ("...", "Go.", NO_LETTER),
        ("1 000 $", "1,000 $", NO_LETTER),
        ("oui " * 101, "yes " * 100, TOO_LONG),
        ("o" * 601, "y" * 600, TOO_LONG),
        ("o" * 61, "y" * 20, RATIO),
        ("This was left alone.", "This was left alone.", UNTRANSLATED),
    ],
)
def test_a_faulty_pair_is_dropped_for_its_reason(source: str, target: str, reason: str) -> None:
    kept, dropped, _ = clean([Pair(source, target)], Rules())
    assert kept == []
    assert {name: count for name, count in dropped.items() if count} == {reason: 1}


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("oui " * 99 + "oui", "yes " * 99 + "yes"),
        ("o" * 600, "y" * 600),
        ("o" * 60, "y" * 20),
        ("o" * 60, "y"),  # short sentences may differ much
        ("Taxi, taxi, taxi !", "Taxi, taxi, taxi!"),
        (
            "我们昨天晚上一起去看了一场非常有意思的电影。",
            "We went to see a very interesting film together yesterday evening.",
        ),
    ],
)
def test_a_pair_at_the_limit_stays(source: str, target: str) -> None:
    assert len(clean([Pair(source, target)], Rules()).pairs) == 1


def test_pairs_that_differ_in_spaces_and_apostrophes_alone_are_duplicates() -> None:
    kept, dropped, _ = clean([Pair("L’âne\u00a0!", "Donkey!"), Pair("L'âne !", "Donkey!")], Rules())
    assert kept == [("L'âne!", "Donkey!")]
    assert dropped[DUPLICATE] == 1


def test_patterns_keep_what_they_find_anywhere() -> None:
    pairs = [Pair("Je suis là.", "I am here."), Pair("Où suis-je ?", "Where am I?"), Pair("Va.", "I am.")]
    kept, dropped, _ = clean(pairs, Rules(match_source="suis", match_target="^I am"))
    assert kept == [("Je suis là.", "I am here.")]
    assert dropped[NO_MATCH] == 2


def test_the_first_pair_dropped_for_a_reason_is_named_by_its_line() -> None:
    rows = [Row("Va !", "Go.", 3), Row("12", "twelve", 7), Row("13", "thirteen", 8), Row("", "Go.", 9)]
    found = clean(rows, Rules())
    assert found.first == {NO_LETTER: (7, "12", "twelve"), EMPTY: (9, "", "Go.")}
    assert dropped_summary(found.dropped, found.first) == (
        "empty side 1 (first: line 9, '' – 'Go.'); side without a letter 2 (first: line 7, '12' – 'twelve'); if a "
        "column holds numbers, leave it out: --columns -,fr,en has a - for it"
    )


def test_a_pattern_that_is_none_is_a_config_error() -> None:
    with pytest.raises(ConfigError, match=r"--match-target '\(' is not a regular expression"):
        clean([], Rules(match_target="("))
