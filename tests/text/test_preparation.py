"""The step before and after a model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.text import KnownWords, Preparation, shown_pieces

WORDS = """le chat dort il a des chats est là Tom ouvrez la porte bien joué un mai"""
KNOWN = KnownWords(WORDS.split())
PREPARATION = Preparation("fr", "en", KNOWN)
PLAIN = Preparation("fr", "en")


def given_text(text: str) -> str:
    return PREPARATION(text).masked.text


def test_a_row_of_emoji_that_is_not_at_the_end_takes_no_exponential_time() -> None:
    prepared = PREPARATION(f"Tom {'😀' * 200} dort.")
    assert prepared.after == ""
    assert PREPARATION(f"Tom dort. {'😀' * 200}").after == " " + "😀" * 200


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Il a 231 chats.", "Il a ⟦N1⟧ chats."),
        ("Sophie dort.", "⟦A1⟧ dort."),
        ("LE CHAT DORT.", "Le chat dort."),
        ("1. Ouvrez la porte.", "Ouvrez la porte."),
        ("– Tom dort.", "Tom dort."),
        ("Bien joué 👍", "Bien joué"),
        ("😀 Tom dort 😀 là", "Tom dort ⟦C1⟧ là"),
        ("C&#39;est là.", "C'est là."),
        ("C’est là.", "C'est là."),
        ("Un oeuf.", "Un œuf."),
        ("La fe\u0301e dort.", "La fée dort."),
        ("« Tom »", "«Tom»"),
    ],
)
def test_what_the_model_is_given(text: str, seen: str) -> None:
    assert given_text(text) == seen


@pytest.mark.parametrize(
    ("text", "decoded", "output"),
    [
        ("Il a 231 chats.", "He has ⟦N1⟧ cats.", "He has 231 cats."),
        ("LE CHAT DORT.", "The cat sleeps.", "THE CAT SLEEPS."),
        ("1. Ouvrez la porte.", "Open the door.", "1. Open the door."),
        ("Bien joué 👍", "Well done", "Well done 👍"),
        ("LE 3 MAI, SOPHIE DORT.", "On ⟦N1⟧, ⟦A1⟧ sleeps.", "ON 3, SOPHIE SLEEPS."),
        ("231", "Nonsense.", "231"),
    ],
)
def test_the_output_gets_everything_back(text: str, decoded: str, output: str) -> None:
    prepared = PREPARATION(text)
    assert prepared.output(decoded) == output
    if not prepared.is_copied:
        assert prepared.reference(output) == decoded


def test_the_check_at_the_end_knows_what_got_lost() -> None:
    prepared = PREPARATION("Sophie a 231 chats.")
    assert [passage.source for passage in prepared.lost("She has ⟦N1⟧ cats.")] == ["Sophie"]
    assert prepared.lost("⟦A1⟧ has ⟦N1⟧ cats.") == []


def test_french_output_is_set_in_french_typography() -> None:
    english = Preparation("en", "fr")
    assert english('He said "yes"!').output('Il a dit "oui"!') == "Il a dit «\u00a0oui\u00a0»\u00a0!"
    assert PLAIN("« oui »").output("«yes»") == '"yes"'


def test_without_placeholders_words_stay_as_they_are() -> None:
    assert PLAIN("Sophie a 231 chats.").masked.text == "Sophie a 231 chats."
    assert PLAIN("LE CHAT EST LÀ").masked.text == "Le chat est là"
    assert PLAIN.pair("1 chat", "1 cat") == ("1 chat", "1 cat")
    assert PREPARATION.pair("1 chat", "1 cat") == ("⟦N1⟧ chat", "⟦N1⟧ cat")


def test_pieces_are_shown_with_the_passages_that_they_stand_for() -> None:
    prepared = PREPARATION("Il a 1 500 chats.")
    assert shown_pieces(["▁", "⟦N1⟧", "▁cats"], prepared) == ["▁", "1,500", "▁cats"]
    assert shown_pieces(["▁", "⟦N1⟧", "▁chats"], prepared, source=True) == ["▁", "1 500", "▁chats"]


@given(st.text(max_size=60))
def test_any_text_can_be_prepared_and_keeps_its_figures(text: str) -> None:
    for sentence in PREPARATION.sentences(text):
        prepared = PREPARATION(sentence)
        # A model that repeats what it is given loses nothing.
        assert prepared.lost(prepared.masked.text) == []
        assert "⟦" not in prepared.output(prepared.masked.text)
