"""Words for the word tokenizer and words for the screen."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seq2seq.text import Tokenizer, group_words, normalise
from seq2seq.text.words import rejoin, split_words
from tests.text.test_normalise import ANY, TYPED
from tests.tiny import PAIRS


@given(ANY | TYPED)
@example("a ￭b￭ ▁c")
@example("क्षि _a_ 'a' l''eau")
def test_split_words_rejoin_exactly(text: str) -> None:
    clean = normalise(text)
    assert rejoin(split_words(clean)) == clean


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("l'eau, oui", ["l'", "￭eau", "￭,", "oui"]),
        ("Qu'est-ce que c'est?", ["Qu'", "￭est", "￭-", "￭ce", "que", "c'", "￭est", "￭?"]),
        ("aujourd'hui", ["aujourd'", "￭hui"]),
        ("'oui'", ["'", "￭oui", "￭'"]),
        ("3,5 km", ["3", "￭,", "￭5", "km"]),
        ("", []),
    ],
)
def test_punctuation_and_elisions_stand_alone(text: str, tokens: list[str]) -> None:
    assert split_words(text).split() == tokens


@pytest.fixture(scope="module", params=["bpe", "unigram", "word", "char"])
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    sizes = {"bpe": 330, "unigram": 330, "word": 200, "char": 100}
    return Tokenizer.train([source for source, _ in PAIRS], request.param, sizes[request.param])


@given(ANY | TYPED | st.sampled_from([source for source, _ in PAIRS]))
def test_every_piece_belongs_to_exactly_one_word(tokenizer: Tokenizer, text: str) -> None:
    pieces = tokenizer.pieces([*tokenizer.encode(text), 2])
    words = group_words(pieces)
    assert [place for word in words for place in range(word.first, word.last)] == list(range(len(pieces)))
    assert all(word.first < word.last for word in words)


def test_no_pieces_make_no_words() -> None:
    assert group_words([]) == []


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        (["▁fro", "id", ".", "</s>"], ["froid", ".", "</s>"]),
        (["▁l", "'", "eau", "▁est"], ["l'", "eau", "est"]),
        (["▁l'", "￭eau", "￭."], ["l'", "eau", "."]),
        (["▁caf", "<0xC3>", "<0xA9>"], ["café"]),
        (["▁", "<0xF0>", "<0x9F>", "<0x98>", "<0x80>"], ["😀"]),
        (["▁a", "▁b"], ["a", "b"]),
        (["▁", "a", "b", "▁", "c"], ["ab", "c"]),
        (["▁est", "-", "ce"], ["est-ce"]),
        (["▁x", "<unk>", "▁y"], ["x", "<unk>", "y"]),
    ],
)
def test_pieces_are_shown_as_words(pieces: list[str], words: list[str]) -> None:
    assert [word.text for word in group_words(pieces)] == words
