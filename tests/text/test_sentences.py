"""Several sentences on one line."""

import time

import pytest
from hypothesis import given

from seq2seq.text import normalise, split_sentences
from tests.text.test_normalise import ANY, TYPED


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Il dort. Elle mange.", ["Il dort.", "Elle mange."]),
        ("Où ? Là ! Bon… Oui.", ["Où?", "Là!", "Bon…", "Oui."]),
        ("Il est 3.5 km plus loin.", ["Il est 3.5 km plus loin."]),
        ("M. Dupont dort. Mme Dupont aussi.", ["M. Dupont dort.", "Mme Dupont aussi."]),
        ("J. R. R. Tolkien écrit.", ["J. R. R. Tolkien écrit."]),
        ("Il a dit « oui. » Puis rien.", ["Il a dit «oui.»", "Puis rien."]),
        ("un\ndeux\u2028trois\r\n\n", ["un", "deux", "trois"]),
        ("etc. Puis", ["etc. Puis"]),
        ("fin. 3 chats", ["fin.", "3 chats"]),
        ("quoi ... rien", ["quoi ... rien"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences_by_hand(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


@given(ANY | TYPED)
def test_nothing_is_lost_and_each_sentence_is_normal(text: str) -> None:
    sentences = split_sentences(text)
    assert all(sentence and normalise(sentence) == sentence for sentence in sentences)
    lines = [line for line in map(normalise, text.splitlines()) if line]
    assert " ".join(sentences) == " ".join(lines)


@pytest.mark.parametrize(
    "text", ["M. " * 3400, "A.) " * 2500, "?" * 10_000, ". A" * 3400, "«" * 10_000, '."' * 5000]
)
def test_ten_thousand_characters_take_no_time(text: str) -> None:
    start = time.perf_counter()
    split_sentences(text)
    assert time.perf_counter() - start < 1
