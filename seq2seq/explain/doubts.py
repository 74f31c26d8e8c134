"""Words of a sentence that a model has hardly seen, beside what a dictionary has for them."""

from typing import NamedTuple

from seq2seq.text import KnownWords, group_words
from seq2seq.text.lexicon import Lexicon, base_forms
from seq2seq.trace import Trace

RARE = 3  # pieces, from which on a word was rare: pieces are merged by frequency (Sennrich et al. 2016)
_FAR = 0.75  # share of known words, below which a sentence is unlike those of the training


class Doubt(NamedTuple):
    """A word that was rare or unknown in training."""

    word: str
    unknown: bool
    """Whether training had it at most once; otherwise it was rare."""
    alternatives: tuple[str, ...]
    """What the dictionary has for it; none if it lacks the word."""
    used: tuple[str, ...]
    """Those that the translation uses, in any of their forms."""


def doubts(trace: Trace, lexicon: Lexicon, target: str, known: KnownWords | None = None) -> tuple[Doubt, ...]:
    """Return the rare and unknown words of a trace's sentence, in its order, each once.

    lexicon: from its language to `target`, the code of the output's. known: the words that the model knows from
    training, where its checkpoint keeps them. Names and figures that pass through as they are are left out.
    """
    written = {form for word in trace.best.text.split() for form in base_forms(word.strip('.,;:!?«»"()'), target)}
    found: dict[str, Doubt] = {}
    for word in group_words(trace.source.pieces):
        pieces = word.last - word.first
        unknown = known is not None and word.text.islower() and word.text not in known
        if not word.text.replace("-", "").isalpha() or word.text in found or not (unknown or pieces >= RARE):
            continue
        alternatives = lexicon.translations(word.text)
        used = tuple(one for one in alternatives if _is_in(one, written, target))
        found[word.text] = Doubt(word.text, unknown, alternatives, used)
    return tuple(found.values())


def is_far(text: str, known: KnownWords) -> bool:
    """Return whether a sentence of four words or more is made of words that training hardly had."""
    share = known.share(text)
    return share is not None and share < _FAR


def _is_in(phrase: str, written: set[str], language: str) -> bool:
    """Return whether all words of a dictionary's phrase are written, each in some form."""
    return all(not written.isdisjoint(base_forms(word, language)) for word in phrase.split())
