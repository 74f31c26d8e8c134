"""A dictionary of single words: forms of a word, and what a file may hold."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.errors import DataError
from seq2seq.text.lexicon import Lexicon, base_forms

ROOT = Path(__file__).parents[2]
FRENCH = (
    "cheval\thorse\nchuchoter\twhisper\nhérisson\thedgehog; urchin\nhérisser\tbristle\nnager\tswim\nvif\tlively\n"
)


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("cheval", ("horse",)),
        ("Chevaux", ("horse",)),
        ("chuchotait", ("whisper",)),
        ("hérissons", ("hedgehog", "urchin")),  # the noun's plural before the verb's form
        ("nageaient", ("swim",)),
        ("vives", ("lively",)),
        ("chev", ()),
        ("", ()),
    ],
)
def test_french_words_are_found_in_their_forms(word: str, found: tuple[str, ...]) -> None:
    assert Lexicon(FRENCH, "fr").translations(word) == found


@pytest.mark.parametrize(
    ("word", "base"),
    [("whispered", "whisper"), ("stopped", "stop"), ("ponies", "pony"), ("making", "make"), ("wolves", "wolf")],
)
def test_english_words_are_found_in_their_forms(word: str, base: str) -> None:
    assert Lexicon(f"{base}\tyes\n", "en").translations(word) == ("yes",)


@given(st.text(), st.sampled_from(["fr", "en", "de"]))
def test_the_word_itself_comes_first_and_no_form_twice(word: str, language: str) -> None:
    forms = list(base_forms(word, language))
    assert len(forms) == len(set(forms))
    assert all(len(form) > 1 for form in forms)
    if len(word) > 1:
        assert forms[0] == word


@given(st.text(max_size=30))
def test_whatever_is_typed_has_translations_or_none(word: str) -> None:
    assert all(Lexicon(FRENCH, "fr").translations(word))


def test_what_is_no_dictionary_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "fr-en.tsv.gz"
    for damaged in (b"horse", gzip.compress(FRENCH.encode())[:-9], gzip.compress(b"\xff\xfe")):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match="no dictionary"):
            Lexicon.load(path, "fr")


@pytest.mark.parametrize(
    ("name", "word", "has"), [("fr-en", "moutarde", "mustard"), ("en-fr", "mustard", "moutarde")]
)
def test_what_ships_is_a_dictionary(name: str, word: str, has: str) -> None:
    assert has in Lexicon.load(ROOT / "lexicon" / f"{name}.tsv.gz", name[:2]).translations(word)
