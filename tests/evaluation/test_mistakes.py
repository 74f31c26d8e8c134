"""Kinds of mistakes, by hand-made outputs that have one each."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.cli import main
from seq2seq.evaluation import Mistake, by_kind
from seq2seq.text import normalise
from tests.tiny import PAIRS


def kinds(source: str, output: str, reference: str, target: str = "en") -> list[str]:
    """Return the kinds of one output."""
    return [kind.name for kind in by_kind([source], [output], [reference], target) if kind.mistakes]


@pytest.mark.parametrize(
    ("source", "output", "reference", "expected"),
    [
        ("Il a 12 ans.", "He is 20 years old.", "He is 12 years old.", ["number"]),
        ("Il a douze ans.", "He is 20 years old.", "He is 12 years old.", ["other wording"]),
        ("J'aime Marie.", "I like Mary a lot.", "I like Marie a lot.", ["name"]),
        ("Tu viens ?", "You are coming.", "You are coming?", ["question or statement"]),
        ("Il pleut fort.", "It is raining, raining hard.", "It is raining really hard.", ["repeated words"]),
        ("Il pleut.", "It rains.", "It is raining cats and dogs.", ["words missing"]),
        ("Il pleut.", "It is raining cats and dogs.", "It rains.", ["words added"]),
        ("Je sais.", "I do not know that.", "I do know that.", ["negation"]),
        ("Je sais.", "I don't know that.", "I never know that.", ["other wording"]),
        ("Le chat dort.", "A boy runs.", "The cat sleeps.", ["far from the reference"]),
        ("Le chat dort.", "The cat is sleeping.", "The cat sleeps.", ["other wording"]),
        ("Le chat dort.", "The cat sleeps.", "The cat sleeps.", []),
        ("Tu as 3 ans ?", "You you have 4 years.", "You are 3 years old?",
         ["number", "question or statement", "repeated words"]),
    ],
)  # fmt: skip
def test_an_output_is_of_the_kinds_that_its_rules_name(
    source: str, output: str, reference: str, expected: list[str]
) -> None:
    assert kinds(source, output, reference) == expected


def test_negation_is_known_in_french_and_in_no_third_language() -> None:
    assert kinds("I know it.", "Je ne le sais pas.", "Je le sais.", "fr") == ["negation"]
    assert kinds("You know it?", "Tu le sais ?", "Tu le sais?", "fr") == []
    assert kinds("I know it.", "Je n'en sais trop.", "J'en sais trop.", "fr") == ["negation"]
    assert kinds("I know it.", "Ich weiß es nicht.", "Ich weiß es wohl.", "de") == ["other wording"]


@given(st.lists(st.tuples(*[st.text(max_size=20)] * 3), max_size=5))
def test_every_output_that_differs_is_of_some_kind(rows: list[tuple[str, str, str]]) -> None:
    columns: list[list[str]] = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    found = {mistake for kind in by_kind(*columns, "en") for mistake in kind.mistakes}
    assert found == {Mistake(*row) for row in rows if normalise(row[1]) != normalise(row[2])}


def test_evaluate_counts_them_and_shows_the_worst_first(tiny_checkpoint: Path, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("".join(f"{source}\t{target}\n" for source, target in PAIRS), encoding="utf-8")
    words = ["evaluate", "--model", str(tiny_checkpoint), "--beam-size", "1", "--mistakes", "1", str(pairs)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    assert "outputs   share" in result.stdout
    assert result.stdout.count("  reference  ") >= 1
    assert result.stdout.splitlines()[-1].startswith("BLEU = ")
