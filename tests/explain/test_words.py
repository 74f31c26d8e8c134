"""Sentences split at a position."""

import pytest

from seq2seq.explain.words import split_at_source, split_at_target
from seq2seq.text import Tokenizer
from tests.tiny import PAIRS

PIECES = ["▁It", "'", "s", "▁co", "ld", "."]


@pytest.mark.parametrize(
    ("read", "split"),
    [
        (0, ("", "", "It's cold.", "It's")),
        (1, ("", "It's", " cold.", "·'s")),
        (3, ("", "It's", " cold.", "cold")),
        (4, ("It's ", "cold", ".", "·ld")),
        (5, ("It's ", "cold", ".", ".")),
        (6, ("It's cold", ".", "", "</s>")),
    ],
)
def test_a_target_is_split_around_the_word_read_last(read: int, split: tuple[str, str, str, str]) -> None:
    assert split_at_target(PIECES, read) == split


@pytest.mark.parametrize(
    ("position", "split"),
    [
        (0, ("", "It's", " cold.", "cold")),
        (3, ("It's ", "cold", ".", ".")),
        (5, ("It's cold", ".", "", "</s>")),
        (6, ("It's cold. ", "</s>", "", "")),
    ],
)
def test_a_source_is_split_around_the_word_of_its_piece(position: int, split: tuple[str, str, str, str]) -> None:
    assert split_at_source(PIECES, position) == split


def test_the_parts_of_every_position_make_up_the_sentence(tokenizers: tuple[Tokenizer, Tokenizer]) -> None:
    for pair in PAIRS:
        for tokenizer, text in zip(tokenizers, pair, strict=True):
            ids = tokenizer.encode(text)
            pieces = tokenizer.pieces(ids)
            for position in range(len(pieces) + 1):
                split = split_at_target(pieces, position)
                assert split.before + split.word + split.after == tokenizer.decode(ids)
            for place in range(len(pieces)):
                split = split_at_source(pieces, place)
                assert split.before + split.word + split.after == tokenizer.decode(ids)
