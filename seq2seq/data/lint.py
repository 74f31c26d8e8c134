"""Lint for readable pairs: non-fatal warnings about what looks wrong."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from seq2seq.data.languages import ANY, Languages, base, english_name, is_known, language_of
from seq2seq.data.split import sentence_key

_SAMPLE = 2000  # pairs checked for languages and marks
_TEXTS = 300  # sentences per side that identify its language
_SHARE = 0.02  # of the pairs; from this share on, a mark is no accident
FEW_VALID = 100
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|[A-Za-z]{2,8});|</?[A-Za-z][^<>]{0,40}>")
_DOUBLED = re.compile(r'""')
_MOJIBAKE = re.compile("[\u00c2\u00c3\u00e2][\u0080-\u00bf\u2013-\u2122\u0152-\u0178]")
_APART = re.compile(r"\w [.,](?: |$)")
_MARKS: dict[str, re.Pattern[str]] = {
    "have HTML entities or tags": _ENTITY,
    "have doubled quotes": _DOUBLED,
    "have letters of a wrong encoding (UTF-8 that was read as Latin-1)": _MOJIBAKE,
    "have a null byte, which is left out": re.compile("\0"),
}


class Sides(Protocol):
    """A pair, with or without its position in a file."""

    @property
    def source(self) -> str:
        """The source sentence."""

    @property
    def target(self) -> str:
        """Its translation."""


P = TypeVar("P", bound=Sides)


class Lint:
    """Checks pairs as they stream through, and reports at the end what looks odd."""

    def __init__(self, name: str, languages: Languages = ANY) -> None:
        """name: of the pairs, for the warnings. languages: the expected ones."""
        self._name = name
        self._languages = languages
        self._pairs = 0
        self._sample: list[Sides] = []
        self._targets: Counter[str] = Counter()
        self._sources: Counter[str] = Counter()

    def watch(self, pairs: Iterable[P]) -> Iterator[P]:
        """Yield the pairs unchanged; the first `_SAMPLE`, and a few of the others, are checked."""
        for pair in pairs:
            if self._pairs < _SAMPLE or self._pairs % _SAMPLE == 0:
                self._sample.append(pair)
                self._sources[pair.source.strip()] += 1
                self._targets[pair.target.strip()] += 1
            self._pairs += 1
            yield pair

    def warnings(self) -> list[str]:
        """Return a sentence for each thing that looks wrong."""
        if not self._sample:
            return []
        return [f"{self._name}: {each}" for each in (*self._in_languages(), *self._marked(), *self._repeated())]

    def _in_languages(self) -> Iterator[str]:
        if self._languages == ANY or not all(map(is_known, self._languages)):
            return
        found = [language_of(texts[:_TEXTS]) for texts in _columns(self._sample)]
        wanted = [base(code) for code in self._languages]
        if found == wanted[::-1] or (found[0] == wanted[1] and found[1] is None):
            first, second = map(english_name, self._languages)
            yield (
                f"the columns look swapped: what should be {first} reads like {second}; name them in their order "
                "(--columns)."
            )
            return
        for side, code, expected in zip(("source", "target"), found, self._languages, strict=True):
            if code is not None and code != base(expected):
                yield f"the {side} side reads like {english_name(code)}, not {english_name(expected)}."

    def _marked(self) -> Iterator[str]:
        for what, pattern in _MARKS.items():
            rows = [pair for pair in self._sample if pattern.search(pair.source) or pattern.search(pair.target)]
            if len(rows) >= max(1, _SHARE * len(self._sample)):
                shown = next(text for text in (rows[0].source, rows[0].target) if pattern.search(text))
                yield f"{len(rows)} of {len(self._sample)} pairs {what}; the first is {shown[:40]!r}."
        apart = sum(bool(_APART.search(pair.target)) for pair in self._sample)
        if apart > 0.5 * len(self._sample):
            yield (
                f"{apart} of {len(self._sample)} targets have spaces before stops and commas, as tokenisers write "
                "them; scores expect detokenised text."
            )
        tabbed = sum("\t" in pair.source for pair in self._sample)
        if tabbed:
            yield f"{tabbed} of {len(self._sample)} lines have a tab; a file of pairs is not a text to translate."

    def _repeated(self) -> Iterator[str]:
        for side, counts in (("source", self._sources), ("target", self._targets)):
            text, count = counts.most_common(1)[0]
            if count > max(5, 0.2 * len(self._sample)):
                yield f"the {side} {text[:40]!r} stands in {count} of {len(self._sample)} pairs."


def _columns(pairs: Sequence[Sides]) -> tuple[list[str], list[str]]:
    step = max(1, len(pairs) // _TEXTS)
    return [pair.source for pair in pairs[::step]], [pair.target for pair in pairs[::step]]


def valid_warnings(train: Sequence[Sides], valid: Sequence[Sides]) -> list[str]:
    """Return warnings on what makes validation scores unreliable: few pairs, or sentences seen in training."""
    found = []
    keys = {sentence_key(pair.source) for pair in train}
    shared = sum(sentence_key(pair.source) in keys for pair in valid)
    if shared > _SHARE * len(valid):
        found.append(
            f"{shared:,} of {len(valid):,} validation sources stand in training too, so its scores say little "
            "about new sentences; `prepare` splits pairs so that none does."
        )
    if len(valid) < FEW_VALID:
        found.append(f"{len(valid)} validation pair{'s' * (len(valid) > 1)}: scores of so few jump by chance.")
    return found
