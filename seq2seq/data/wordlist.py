"""Words of a bag of words: lower case, without accents and punctuation; and indexed lists of them."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from seq2seq.data.noise import without_accents
from seq2seq.text import normalise

_WORD = re.compile(r"[^\W_]+")
_SUGGESTIONS = 3


def plain_words(text: str) -> list[str]:
    """Return the words and numbers of `text`, in lower case and without accents."""
    return _WORD.findall(without_accents(normalise(text)).casefold())


class WordList:
    """Distinct words, each with its index. Immutable, so threads may share it."""

    def __init__(self, words: Iterable[str]) -> None:
        """words: as `plain_words` returns them; of duplicates the first counts."""
        self.words = tuple(dict.fromkeys(words))
        self._numbers = {word: number for number, word in enumerate(self.words)}

    @classmethod
    def of(cls, texts: Iterable[Sequence[str]], least: int = 1) -> "WordList":
        """Return all words of `texts`, lists of words, that occur at least `least` times; frequent ones first."""
        counts = Counter(word for text in texts for word in text)
        return cls(sorted((w for w, n in counts.items() if n >= least), key=lambda word: (-counts[word], word)))

    def __len__(self) -> int:
        """Return how many words there are."""
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        """Return whether `word` is one of them."""
        return word in self._numbers

    def numbers(self, words: Iterable[str]) -> list[int]:
        """Return the indices of `words`, in their order; unknown ones are left out."""
        return [self._numbers[word] for word in words if word in self._numbers]

    def similar(self, word: str) -> list[str]:
        """Return up to three known words spelt similarly to `word`, the most similar first."""
        return difflib.get_close_matches(word, self.words, _SUGGESTIONS, 0.8)
