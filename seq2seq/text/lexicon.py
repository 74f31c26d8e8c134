"""A dictionary of single words, and the forms under which it may hold a word of a text."""

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from seq2seq.errors import DataError
from seq2seq.text.lists import words

_TAB, _END = "\t", "\n"
_DOUBLED = re.compile(r"(.+)([bdgmnprt])\2(?:ed|ing|er|est)")
_SHORTEST = 2  # letters that stay of a word


class Lexicon:
    """The dictionary of one direction. It keeps the text of its file, and looks words up there."""

    def __init__(self, text: str, language: str) -> None:
        """text: lines of a word, a tab and its translations, separated by "; ". language: of the words."""
        self._text = _END + text
        self._language = language

    @classmethod
    def load(cls, path: Path, language: str) -> "Lexicon":
        """Return the dictionary in a gzipped file. Raises DataError if it can't be read."""
        try:
            return cls(gzip.decompress(path.read_bytes()).decode(), language)
        except (OSError, EOFError, zlib.error, UnicodeDecodeError) as failure:
            raise DataError(f"{path} is no dictionary ({failure}); copy it again.") from None

    def translations(self, word: str) -> tuple[str, ...]:
        """Return the translations of a word in any of its forms; none if the dictionary lacks it."""
        for form in base_forms(word, self._language):
            at = self._text.find(f"{_END}{form}{_TAB}")
            if at >= 0:
                begins = at + len(form) + 2
                return tuple(self._text[begins : self._text.index(_END, begins)].split("; "))
        return ()


def base_forms(word: str, language: str) -> Iterator[str]:
    """Yield the forms under which a dictionary may hold a word, the likeliest first.

    First as it is, then without endings, if those of its language are known (lists.toml).
    """
    seen = set()
    small = word.lower().replace("’", "'")
    for form in (word, small, *_without_endings(small, language)):
        if form not in seen and len(form) >= _SHORTEST:
            seen.add(form)
            yield form


def _without_endings(word: str, language: str) -> Iterator[str]:
    doubled = _DOUBLED.fullmatch(word)
    if language == "en" and doubled:
        yield doubled[1] + doubled[2]
    for rule in words("inflections", language):
        ending, _, base = rule.partition(">")
        if word.endswith(ending):
            yield word[: len(word) - len(ending)] + base
