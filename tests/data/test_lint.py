"""Warnings about pairs: each fires on its own kind, and on nothing that is in order."""

import pytest

from seq2seq.data import Languages, Pair
from seq2seq.data.languages import ANY, code_of, english_name, language_of
from seq2seq.data.lint import Lint, valid_warnings
from tests.data.test_table import ES_EN, PAIRS


def told(pairs: list[Pair], languages: Languages = ES_EN) -> str:
    lint = Lint("t", languages)
    assert list(lint.watch(pairs)) == pairs
    return " ".join(lint.warnings())


def test_pairs_in_order_have_no_warning() -> None:
    assert told(PAIRS) == ""
    assert told([]) == ""
    assert told(PAIRS, ANY) == ""


@pytest.mark.parametrize(
    ("source", "target", "says"),
    [
        ("&iquest;{}", "{} &amp; <b>so</b>", "have HTML entities or tags"),
        ('""{}""', "{}", "have doubled quotes"),
        ("{}\0", "{}", "have a null byte, which is left out"),
        ("{}", "{} , and so .", "have spaces before stops and commas"),
    ],
)
def test_marks_are_told(source: str, target: str, says: str) -> None:
    assert says in told([Pair(source.format(one), target.format(other)) for one, other in PAIRS])


def test_letters_of_a_wrong_encoding_are_told() -> None:
    wrong = [Pair(one.encode().decode("latin-1"), other) for one, other in PAIRS]
    assert "letters of a wrong encoding" in told(wrong)


def test_languages_are_told() -> None:
    assert "columns look swapped: what should be Spanish reads like English" in told(
        [Pair(other, one) for one, other in PAIRS]
    )
    assert "the source side reads like Spanish, not French" in told(PAIRS, Languages("fr", "en"))


def test_a_side_that_repeats_is_told() -> None:
    assert "the target 'Yes.' stands in 210 of 210 pairs" in told([Pair(one, "Yes.") for one, _ in PAIRS])


def test_validation_that_stands_in_training_or_is_small_is_told() -> None:
    assert valid_warnings(PAIRS[:100], PAIRS[100:]) == []
    shared, few = valid_warnings(PAIRS, PAIRS[:50])
    assert "50 of 50 validation sources stand in training too" in shared
    assert few.startswith("50 validation pairs: scores of so few")


def test_languages_go_by_many_names() -> None:
    fr_en = Languages("fr", "en")
    assert [code_of(name, fr_en) for name in ("French", "français", "fra", "Source", "EN", "Bonjour", "")] == [
        "fr", "fr", "fr", "fr", "en", "", ""
    ]  # fmt: skip
    assert code_of("Chinese", Languages("zh-TW", "en")) == "zh-TW"
    assert (english_name("zh-TW"), english_name("tlh")) == ("Chinese", "tlh")
    assert language_of(["Je ne sais pas où il est allé hier soir.", "Elle habite à Paris avec sa mère."]) == "fr"
    assert language_of(["Oui."]) is None
