"""Correct French-English sentence pairs, made by the rules of this project, as many as training needs.

The same French always has the same English: which English tense a French one takes follows from the words of
the sentence (see `clauses`), tu and vous are both "you", and son is his or her depending on the subject.
English has no contractions here, so that "do not" is never "don't".
"""

import re
from collections.abc import Callable
from functools import cache

from seq2seq.data.grammar import questions, scenes, statements, two_clauses
from seq2seq.data.grammar.deeds import Draw
from seq2seq.data.grammar.lexicon import Phrase, nouns, subjects
from seq2seq.data.pairs import Pair
from seq2seq.errors import ConfigError

AT_MOST = 300_000  # guaranteed number of distinct pairs; there are more, but they become slow to find
_WORDS = range(3, 15)  # allowed words of a sentence, on either side
_KINDS: dict[Callable[[Draw], Phrase], int] = {  # with their weights
    statements.action: 18,
    statements.negated: 8,
    statements.never: 3,
    statements.habit: 7,
    statements.mood: 5,
    statements.feeling: 4,
    statements.owning: 4,
    statements.liking: 6,
    statements.modal: 6,
    statements.wish: 4,
    scenes.there_is: 4,
    scenes.weather: 2,
    scenes.figures: 4,
    scenes.comparison: 5,
    statements.job: 3,
    scenes.description: 5,
    statements.clitic: 4,
    questions.asking: 7,
    questions.asking_where: 4,
    questions.asking_what: 5,
    questions.asking_age: 1,
    two_clauses.because: 4,
    two_clauses.but: 5,
    two_clauses.when: 7,
}
_DECK = tuple(kind for kind, weight in _KINDS.items() for _ in range(weight))


def generate(count: int, seed: int) -> list[Pair]:
    """Return `count` pairs, French to English, each French sentence once; a seed gives the same ones everywhere.

    Raises:
        ConfigError: `count` is negative or above `AT_MOST`.
    """
    if not 0 <= count <= AT_MOST:
        raise ConfigError(f"The grammar makes 0 to {AT_MOST} different pairs, but {count} were requested.")
    draw = Draw(seed)
    pairs: dict[str, str] = {}
    while len(pairs) < count:
        french, english = draw.pick(_DECK)(draw)
        if _is_sensible(french, english):
            pairs.setdefault(french, english)
    return [Pair(french, english) for french, english in pairs.items()]


@cache
def _somebody() -> re.Pattern[str]:
    named = [one.english for one in subjects("names")] + [one.english for one in nouns("family people")]
    return re.compile("|".join(rf"\b{name}\b" for name in named))


def _is_sensible(french: str, english: str) -> bool:
    """Return whether a sentence has a suitable length, names nobody twice and gives no wine to children."""
    if len(french.split()) not in _WORDS or len(english.split()) not in _WORDS:
        return False
    mentioned = _somebody().findall(english)
    if len(mentioned) != len(set(mentioned)):
        return False
    return not ("enfant" in french and any(word in french for word in (" vin", " né")))


@cache
def vocabulary() -> tuple[frozenset[str], frozenset[str]]:
    """Return the French and the English words, in lower case and without stops, of many sentences."""
    pairs = generate(20_000, seed=0)
    french, english = ({word for text in side for word in _words(text)} for side in zip(*pairs, strict=True))
    return frozenset(french), frozenset(english)


def _words(text: str) -> list[str]:
    return text.lower().replace("'", "' ").replace(",", "").rstrip(".?").split()
