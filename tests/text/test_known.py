"""The words that a model knows: rare names, and the usual case of text in capitals."""

import re
from pathlib import Path

import pytest

from seq2seq.errors import CheckpointError
from seq2seq.text.capitals import is_in_capitals
from seq2seq.text.known import KnownWords

TEXTS = [
    "Je m'appelle Tom et je vis à Londres.",
    "Tom dort.",
    "Le chat de Tom dort à Londres.",
    "Zoé mange. Luc et Zoé, où est Zoé ?",
    "Mange une pomme, puis dort encore.",
    "Il vit là, le chat mange une pomme.",
    "Où est le saint ? Viens-tu ?",
    "Je viens, où vis-tu ?",
    "Où vis-tu, viens-tu ?",
    "Il dort.",
]
ENGLISH = {"Tom": "He", "Londres": "London"}  # Tom stands for a name that is not copied


def translated(text: str) -> str:
    """Return a translation that repeats the names that are copied."""
    return " ".join(ENGLISH.get(word, word) for word in re.findall("Tom|Londres|Zoé|Luc", text))


KNOWN = KnownWords.of([(text, translated(text)) for text in TEXTS * 2], rare=3)


def test_frequent_names_and_repeated_words_are_known() -> None:
    assert {"Tom", "Londres", "chat", "dort", "mange", "pomme"} <= KNOWN.words
    assert "Zoé" not in KNOWN  # frequent, but copied
    often = KnownWords.of([("Zoé dort.", "Zoé sleeps.")] * 300, rare=3)
    assert "Zoé" in often  # so frequent that a model learns to copy it
    assert "Le" not in KNOWN.words
    assert "mange" in KNOWN


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Je m'appelle Sophie.", ["Sophie"]),
        ("Nadia dort à Londres avec Tom.", ["Nadia"]),
        ("Le chat dort.", []),
        ("Priya Ramanathan mange.", ["Priya Ramanathan"]),
        ("M. Van den Berghe dort.", ["Van den Berghe"]),
        ("Il vit à Saint-Étienne.", ["Saint-Étienne"]),
        ("Vis-tu là ?", []),
        ("Le chat d'Ousmane dort.", ["Ousmane"]),
        ("Où est ⟦A1⟧ ?", []),
        ("Mme Martin dort.", ["Martin"]),
        ("O'Brien dort.", ["O'Brien"]),
    ],
)
def test_capitalised_words_that_training_hardly_had_are_names(text: str, names: list[str]) -> None:
    assert [span.value for span in KNOWN.names(text)] == names


def test_text_in_capitals_gets_its_usual_case_back() -> None:
    assert KNOWN.restored("LE CHAT DE TOM DORT À LONDRES.") == "Le chat de Tom dort à Londres."
    assert KNOWN.restored("OÙ EST SOPHIE ?") == "Où est Sophie ?"


def test_names_that_both_sides_share() -> None:
    assert KNOWN.shared_names("Tom et Léa dorment. Le chat", "Tom and Léa sleep. Le") == {"Tom", "Léa"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LE CHAT DORT.", True),
        ("DÉFENSE DE FUMER", True),
        ("STOP", False),
        ("SNCF", False),
        ("ENTRÉE", True),
        ("OÙ ÇA ?", True),
        ("Le CHAT DORT", False),
        ("42", False),
        ("你好 ABCD EF", False),
    ],
)
def test_what_counts_as_text_in_capitals(text: str, expected: bool) -> None:
    assert is_in_capitals(text) == expected


def test_the_words_are_kept_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text(KNOWN.text(), encoding="utf-8")
    assert KnownWords.load(tmp_path / "words.txt").words == KNOWN.words
    with pytest.raises(CheckpointError, match="copy the checkpoint again"):
        KnownWords.load(tmp_path / "missing.txt")
