"""Plain words and word lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.data.wordlist import WordList, plain_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A Dog, on the Beach !", ["a", "dog", "on", "the", "beach"]),
        ("tri-colored t-shirts", ["tri", "colored", "t", "shirts"]),
        ("the café’s 2 dogs", ["the", "cafe", "s", "2", "dogs"]),
        ("", []),
        ("?! …", []),
    ],
)
def test_plain_words_are_small_and_bare(text: str, words: list[str]) -> None:
    assert plain_words(text) == words


@given(st.text())
def test_plain_words_of_plain_words_are_the_same(text: str) -> None:
    words = plain_words(text)
    assert plain_words(" ".join(words)) == words


def test_frequent_words_come_first_and_rare_ones_not_at_all() -> None:
    words = WordList.of([["b", "a", "a"], ["b", "a", "c"]], least=2)
    assert words.words == ("a", "b")
    assert words.numbers(["c", "b", "a", "b"]) == [1, 0, 1]
    assert "a" in words
    assert "c" not in words


def test_words_spelt_alike_are_suggested() -> None:
    assert WordList(["bicycle", "dog", "icicle"]).similar("bicycel")[0] == "bicycle"
    assert WordList(["dog"]).similar("xyzzy") == []
