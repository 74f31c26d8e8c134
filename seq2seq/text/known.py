"""The words that a model knows from training, in their usual case; other capitalised words are names to copy.

The usual case restores that of text in capitals (truecasing: Lita et al. 2003).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from seq2seq.errors import CheckpointError
from seq2seq.text.lists import words
from seq2seq.text.passages import Span
from seq2seq.text.sentences import TITLES

WORD = re.compile(r"(?:O'(?=[A-ZÀ-Þ]))?[^\W\d_]+(?:-[^\W\d_]+)*")
BEGINS = re.compile(r"(?:^|[.!?…:]) *[\"'«“(\[–—-]* *$")  # what stands before a word that begins a sentence
PARTICLES = frozenset(words("names", "particles"))
_COPIED_SHARE = 0.5  # of a name's pairs, from which on it counts as one that is copied
_FREQUENT = 300  # pairs, from which on a model copies a name by itself
_ENOUGH = 4  # words, to tell a language
_LEAST = 2  # a lower-case word that occurs only once may be a typing error


class KnownWords:
    """The words of a training text. Immutable, and safe to share between threads."""

    def __init__(self, words: Iterable[str]) -> None:
        """words: each in its usual case; a word can have several."""
        self.words = frozenset(words)
        self._usual = {
            word.lower(): word for word in sorted(self.words)
        }  # "Pierre" before "pierre": lower case wins

    @classmethod
    def load(cls, path: Path) -> "KnownWords":
        """Return the words in a file, one a line. Raises CheckpointError if it can't be read."""
        try:
            return cls(path.read_text(encoding="utf-8").splitlines())
        except (OSError, UnicodeDecodeError) as failure:
            raise CheckpointError(f"{path} can't be read ({failure}); copy the checkpoint again.") from None

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]], rare: int) -> "KnownWords":
        """Return the words of the sources of training pairs.

        rare: a name that occurs less often than this counts as unknown. So does one that translations repeat as it
        is, unless it is very frequent: copying it is safer than spelling it from pieces.
        """
        counts: Counter[str] = Counter()
        copied: Counter[str] = Counter()
        for source, target in pairs:
            for match in WORD.finditer(source):
                word = match.group()
                if word[0].isupper() and word in target:
                    copied[word] += 1
                # The capital of a word that begins a sentence says nothing.
                if word[0].isupper() and not word.isupper() and BEGINS.search(source[: match.start()]):
                    word = f"^{word}"
                counts[word] += 1
        return cls(
            word
            for forms in _forms(counts)
            for word, total in forms.items()
            if total >= (_LEAST if word.islower() else rare)
            and not _COPIED_SHARE * total <= copied[word] < _FREQUENT
        )

    def text(self) -> str:
        """Return the words for a file, one a line."""
        return "".join(f"{word}\n" for word in sorted(self.words))

    def __contains__(self, word: str) -> bool:
        return word in self.words

    def share(self, text: str) -> float | None:
        """Return the share of a text's lower-case words that are known; None if there are fewer than four."""
        found = [match.group() for match in WORD.finditer(text) if match.group().islower()]
        return sum(word in self.words for word in found) / len(found) if len(found) >= _ENOUGH else None

    def names(self, text: str) -> list[Span]:
        """Return the capitalised words of a sentence that are not known; adjacent ones are one name."""
        found: list[Span] = []
        for match in WORD.finditer(text):
            word, before = match.group(), text[: match.start()]
            if not word[0].isupper() or len(word) == 1 or text[match.end() : match.end() + 1] == "_":
                continue
            if before[-1:] in {"_", "@", "#", "⟦"} or before[-1:].isdigit() or self._knows(word, before):
                continue
            between = text[found[-1].end : match.start()] if found else None
            if between is not None and (between == " " or between.strip() in PARTICLES):
                start = found.pop().start
            else:
                start = match.start()
            found.append(Span(start, match.end(), "name", text[start : match.end()]))
        return found

    def _knows(self, word: str, before: str) -> bool:
        if word in self.words or (word in TITLES):
            return True
        parts = word.split("-")
        if BEGINS.search(before) and (
            word.lower() in self.words or self._are_known([parts[0].lower(), *parts[1:]])
        ):
            return True
        # Viens-tu and celui-là are no names, Saint-Étienne is one.
        return len(parts) > 1 and not all(part[:1].isupper() for part in parts) and self._are_known(parts)

    def _are_known(self, parts: Sequence[str]) -> bool:
        return len(parts) > 1 and all(part in self.words for part in parts)

    def shared_names(self, source: str, target: str) -> set[str]:
        """Return the capitalised words, known ones too, that a source and its translation have in common."""
        words = {match.group() for match in WORD.finditer(source)} & {
            match.group() for match in WORD.finditer(target)
        }
        return {word for word in words if word[0].isupper() and len(word) > 1 and word.lower() not in self.words}

    def restored(self, text: str) -> str:
        """Return a text in capitals with each word in its usual case, and a capital at its beginning."""
        lowered = WORD.sub(lambda match: self._cased(match.group()), text)
        start = next((i for i, character in enumerate(lowered) if character.isalpha()), 0)
        return lowered[:start] + lowered[start : start + 1].upper() + lowered[start + 1 :]

    def _cased(self, word: str) -> str:
        lower = word.lower()
        if lower in self._usual:
            return self._usual[lower]
        if len(word) > 1 and "-" in word:
            return "-".join(self._cased(part) for part in word.split("-"))
        return word.capitalize() if len(word) > 1 else lower  # an unknown word is probably a name


def _forms(counts: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """Yield the forms of each word, Pierre and pierre, with their counts.

    counts: of words; those that begin a sentence with a ^ before them.
    """
    by_word: dict[str, dict[str, int]] = defaultdict(dict)
    for word, count in counts.items():
        if not word.startswith("^"):
            by_word[word.lower()][word] = count
    for word, count in counts.items():
        if word.startswith("^"):
            forms = by_word[word[1:].lower()]
            # Where it begins a sentence it is taken for the most frequent form. In a small text some words only
            # ever begin sentences.
            form = max(forms, key=forms.__getitem__) if forms else word[1:]
            forms[form] = forms.get(form, 0) + count
    yield from by_word.values()
