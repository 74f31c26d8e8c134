"""Text in a language that a model has not learnt to read is said to be so."""

import pytest

from seq2seq.foreign import language_warning
from seq2seq.text import KnownWords

WORDS = """je suis allé au marché hier avec ma sœur et nous avons acheté des pommes il fait froid"""
KNOWN = KnownWords(WORDS.split())


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ich habe gestern einen alten Freund getroffen.", "German"),
        ("Yesterday my sister went to the market and bought some apples.", "English"),
        ("Ayer mi hermana fue al mercado y compró muchas manzanas.", "Spanish"),
    ],
)
def test_another_language_is_named(text: str, language: str) -> None:
    said = language_warning(text, "fr", KNOWN)
    assert said is not None
    assert said.startswith(f"This looks like {language}, and the model has learnt to read French alone: ")


@pytest.mark.parametrize(
    "text",
    [
        "Je suis allé au marché avec ma sœur.",
        "Hier nous avons acheté des pommes rouges et des poires.",
        "Oui.",
        "",
        "La belle tortue mangeait une salade fraîche dans notre jardin.",  # unknown words, but French
    ],
)
def test_its_own_language_and_short_text_are_not_doubted(text: str) -> None:
    assert language_warning(text, "fr", KNOWN) is None


def test_without_known_words_nothing_is_said() -> None:
    assert language_warning("Ich habe gestern einen alten Freund getroffen.", "fr", None) is None
