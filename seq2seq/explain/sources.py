"""A source sentence with a word deleted or two words swapped, as text."""

from seq2seq.errors import ConfigError
from seq2seq.text import normalise
from seq2seq.trace import TextSource


def drop_word(source: TextSource, place: int) -> str:
    """Return the sentence without the word at `place`, counted from 0.

    Raises ConfigError if there is no such word.
    """
    words, spaces = _words(source, place)
    if place + 1 < len(words) and words[place + 1][0].isalnum():
        # A word joined to an elided one now stands alone: l'eau -> eau.
        spaces[place + 1] = spaces[place] or spaces[place + 1]
    del words[place], spaces[place]
    return _sentence(words, spaces)


def swap_words(source: TextSource, one: int, other: int) -> str:
    """Return the sentence with two words swapped, by index from 0; the spaces stay where they were.

    Raises ConfigError if there is no such word.
    """
    words, spaces = _words(source, one, other)
    words[one], words[other] = words[other], words[one]
    return _sentence(words, spaces)


def _words(source: TextSource, *places: int) -> tuple[list[str], list[bool]]:
    """Return the words without </s>, and whether each has a space before it."""
    words = source.words[:-1]
    for place in places:
        if not 0 <= place < len(words):
            raise ConfigError(f"The sentence has no word {place}; its words count from 0 to {len(words) - 1}.")
    first = [source.pieces[start] for start in source.starts[:-1]]
    return words, [piece.startswith("▁") and "￭" not in piece for piece in first]


def _sentence(words: list[str], spaces: list[bool]) -> str:
    return normalise("".join((" " if space else "") + word for word, space in zip(words, spaces, strict=True)))
