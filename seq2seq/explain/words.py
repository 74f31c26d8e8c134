"""Sentences split at a position, so that the last word read can be marked."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from seq2seq.text import Word, group_words

_END = "</s>"


class MarkedSentence(NamedTuple):
    """A sentence in three parts, before + word + after, and the next word."""

    before: str
    word: str
    after: str
    next: str


def split_at_target(pieces: Sequence[str], read: int) -> MarkedSentence:
    """Return the sentence split around the word of the last of the `read` pieces; if `read` is 0, none is marked.

    next is "</s>" at the end, and in the middle of a word "·" with the rest of the word.
    """
    words = group_words(pieces)
    following = _END if read >= len(pieces) else _from(pieces, words, read)
    if read == 0:
        return MarkedSentence("", "", _text(pieces, words), following)
    return MarkedSentence(*_around(pieces, words, read - 1), following)


def split_at_source(pieces: Sequence[str], position: int) -> MarkedSentence:
    """Return the sentence split around the word of the piece at `position`; one past the last it is "</s>"."""
    words = group_words(pieces)
    if position >= len(pieces):
        return MarkedSentence(_text(pieces, words) + " ", _END, "", "")
    ends = next(word.last for word in words if word.last > position)
    following = _END if ends >= len(pieces) else _from(pieces, words, ends)
    return MarkedSentence(*_around(pieces, words, position), following)


def _from(pieces: Sequence[str], words: Sequence[Word], place: int) -> str:
    """Return the word that begins at a piece, or the rest of a word after a dot."""
    word = next(word for word in words if word.last > place)
    if word.first == place:
        return word.text
    return "·" + "".join(part.text for part in group_words(pieces[place : word.last]))


def _around(pieces: Sequence[str], words: Sequence[Word], place: int) -> tuple[str, str, str]:
    number = next(i for i, word in enumerate(words) if word.last > place)
    before = _text(pieces, words[:number])
    upto = _text(pieces, words[: number + 1])
    whole = _text(pieces, words)
    # The space between belongs to `before`, so that the three parts join to the sentence.
    space = upto[len(before) : len(upto) - len(words[number].text)]
    return before + space, words[number].text, whole[len(upto) :]


def _text(pieces: Sequence[str], words: Sequence[Word]) -> str:
    """Return the text of a sentence's first words."""
    text = words[0].text if words else ""
    for _, word in pairwise(words):
        first = pieces[word.first]
        # In whole-word vocabularies a joiner marks a token that is attached to the previous word.
        text += (" " if first.startswith("▁") and "￭" not in first else "") + word.text
    return text
