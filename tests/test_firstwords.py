"""The sentences that people type first, and how it is told whether a translation keeps what matters in them."""

from collections import Counter

import pytest

from benchmarks.firstwords import First, judge, keeps, read, table

FIRSTS = read()


def test_there_are_enough_of_every_kind_and_none_twice() -> None:
    assert len(FIRSTS) >= 300
    assert len({first.french for first in FIRSTS}) == len({first.english for first in FIRSTS}) == len(FIRSTS)
    assert min(Counter(first.kind for first in FIRSTS).values()) >= 3


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_sentence_has_its_own_key_words(language: str) -> None:
    judged = judge(FIRSTS, [first.side(language) for first in FIRSTS], language)
    assert [one.first for one in judged if not one.kept] == []
    assert min(one.chrf for one in judged) == pytest.approx(100)


@pytest.mark.parametrize(
    ("output", "forms", "kept"),
    [
        ("My name is Sophie.", ("Sophie",), True),
        ("I'm calling Shopy.", ("Sophie",), False),
        ("I live in Toulouses.", ("Toulouse",), False),
        ("It costs €12.50.", ("12.50",), True),
        ("It costs 12,50 €.", ("12.50",), True),
        ("It costs €12.5.", ("12.50",), False),
        ("He has 1\u202f234\u202f567 euros.", ("1,234,567",), True),
        ("He has 234,567 euros.", ("1,234,567",), False),
        ("At 2:45 p.m.", ("2:45", "14:45"), True),
        ("Well done 👍", ("👍",), True),
        ("Write to a@b.fr.", ("a@b.fr",), True),
    ],
)
def test_a_key_word_is_kept_as_a_whole_and_a_number_by_its_digits(
    output: str, forms: tuple[str, ...], kept: bool
) -> None:
    assert keeps(output, forms) == kept


def test_capitals_count_where_they_are_what_matters() -> None:
    assert keeps("THE CAT", ("CAT",), capitals=True)
    assert not keeps("the cat", ("CAT",), capitals=True)


def test_the_table_counts_by_hand() -> None:
    firsts = [First("name", "a", "Tom is here.", (("Tom", ("Tom",)),)), First("greeting", "b", "Hello!", ())]
    assert table(judge(firsts, ["Tom is here.", "Nothing."], "en")).splitlines()[2:] == [
        "| name | 1 | 100% | 100% |",
        "| greeting | 1 | – | 0% |",
        "| all | 2 | 100% | 50% |",
    ]
