"""One normaliser for all text."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seq2seq.text import add_french_spaces, normalise

# hypothesis leaves surrogates out of its own alphabet; a command line may hand them on.
ANY = st.text(st.characters(codec=None, exclude_categories=()))
TYPED = st.text(st.sampled_from("aé'’`´ \u00a0\u202f\u2028?!:;»«.,\"()▁￭\u200d\u0301\ud800<\t\n"))


@given(ANY | TYPED)
@example("« \u0338»")
@example("e\u0000\u0301")
@example("\u1ffd\u0301")
@example("« « a ! ? »  : »")
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(ANY | TYPED)
def test_normalised_text_is_one_clean_line(text: str) -> None:
    clean = normalise(text)
    assert len(clean.splitlines()) <= 1
    assert clean == clean.strip()
    assert "  " not in clean
    assert not any(character.isspace() and character != " " for character in clean)
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Co", "Cn"} for c in clean)
    clean.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("l’eau", "l'eau"),
        ("l\u02bceau `oui´", "l'eau 'oui'"),
        ("Où ça\u00a0?", "Où ça?"),
        ("Quoi\u202f!\u00a0?", "Quoi!?"),
        ("« oui »", "«oui»"),
        ("« oui », dit-il", "«oui», dit-il"),
        ("er sagte »ja«.", "er sagte »ja«."),  # the other way round, as German prints them
        ("a : b", "a: b"),
        ("a :b", "a :b"),  # a smiley or a ratio, not a French colon
        ("e\u0301te\u0301", "été"),
        ("ca\u00adfé", "café"),
        ("a\u2028b\u2029c\u0085d\r\ne\x0bf", "a b c d e f"),
        ("a\x00\x1b[31mb", "a[31mb"),
        ("\ud800a\udfff", "a"),
        ("\ufeffa\u200eb\u200b", "ab"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("  \t ", ""),
        ("C'est où, Élodie ?", "C'est où, Élodie?"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
    ],
)
def test_what_readers_do_not_see_goes_and_the_rest_stays(text: str, expected: str) -> None:
    assert normalise(text) == expected


@given(ANY | TYPED)
@example("«\u00a0\u00a0a")
def test_french_spaces_are_taken_back_by_normalising(text: str) -> None:
    clean = normalise(text)
    printed = add_french_spaces(clean)
    assert normalise(printed) == clean
    assert add_french_spaces(normalise(printed)) == printed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Où?", "Où\u00a0?"),
        ("Quoi?!", "Quoi\u00a0?!"),
        ("«oui»", "«\u00a0oui\u00a0»"),
        ("Il a dit: non; merci!", "Il a dit\u00a0: non\u00a0; merci\u00a0!"),
        ("à 10:30", "à 10:30"),
        ("http://a.fr?b=1;c", "http://a.fr?b=1;c"),
        ("«»", "«\u00a0»"),
        ("«oui», dit-il", "«\u00a0oui\u00a0», dit-il"),
    ],
)
def test_french_is_printed_with_its_spaces(text: str, expected: str) -> None:
    assert add_french_spaces(text) == expected
