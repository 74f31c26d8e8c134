"""Passages of a sentence that a model should not rewrite: addresses, codes, emoji, figures and rare names.

Each is replaced by a placeholder, a single piece of the vocabulary, and put back into the output: unchanged, or for
a figure in the form of the target language (Luong et al. 2015b; for names and numbers Crego et al. 2016).
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Literal, NamedTuple, get_args

from seq2seq.text.figures import FigureKind, figure_patterns, rewrite, value
from seq2seq.text.lists import words_of_all
from seq2seq.text.number_words import hours_in_words, money_in_words, number_words

PassageKind = Literal["number", "price", "time", "copy", "name"]
FIGURES: tuple[FigureKind, ...] = get_args(FigureKind)

# How many passages of a kind one sentence can hold; the placeholder of the second number is ⟦N2⟧.
LETTERS: dict[PassageKind, tuple[str, int]] = {
    "number": ("N", 6),
    "price": ("P", 3),
    "time": ("T", 2),
    "copy": ("C", 4),
    "name": ("A", 5),
}
_BY_LETTER = {letter: kind for kind, (letter, _) in LETTERS.items()}
PLACEHOLDERS = tuple(f"⟦{letter}{i}⟧" for letter, most in LETTERS.values() for i in range(1, most + 1))
_PLACEHOLDER = re.compile("|".join(map(re.escape, PLACEHOLDERS)))
_BRACKETS = str.maketrans({"⟦": "[", "⟧": "]"})

_ENDINGS = "|".join(words_of_all("endings"))
# Emoji and their modifiers, joiners and flags, but not ° © ® ™.
ONE_EMOJI = (
    "[\u203c\u2049\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u27bf\u2934-\u2b55\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001faff][\ufe0e\ufe0f\u20e3\u200d]*"
)
EMOJI = f"(?:{ONE_EMOJI})+"
_LINK = rf"""
    (?:https?://|www\.)[^\s<>"]*[^\s<>".,;:!?)\]'»]
    |[\w.+-]+@[\w-]+(?:\.[\w-]+)+
    |(?<![\w&])[@\#]\w+(?:[.-]\w+)*
    |(?<![\w@.])[\w-]+(?:\.[\w-]+)*\.(?:{_ENDINGS})(?![\w-])(?:/[^\s<>"]*[^\s<>".,;:!?)\]'»])?
    |{EMOJI}(?:\ ?{EMOJI})*
"""
_PHONE = r"""
    (?<![\w.,:/-])(?:\+\d{1,3}[ ]?(?:\(0\)[ ]?)?\d{1,3}|0\d)(?:[ .-]?\d{2,3}){3,5}(?![.,:/-]?\d|\w)
    |(?<![\w.,:/-])(?:\(\d{3}\)[ ]?|\d{3}[ -])\d{3}-\d{4}(?![.,:/-]?\d|\w)
"""
_CODE = r"""
    (?<![\w.,:/-])(?=[\w-]*[A-Z])(?=[\w-]*\d)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?!\w)
"""
_DATE = r"(?<![\w.,:/-])\d+(?:[-/]\d+)+(?![.,:/-]?\d|\w)"
_OTHER = r"(?<![\w.,:/-])\d+(?:[.,:/-]\d+)+(?!\w)"  # figures of another language, versions, and the like


_SPACE = r"\x20"
_INSIDE = re.compile(r"[\w@#-]")  # beside these a word is part of a longer one
HINT = re.compile(r"[\d@#]|\w\.[a-z]|" + ONE_EMOJI)


class Passage(NamedTuple):
    """A passage of a source sentence, and how it stands in the output."""

    placeholder: str
    source: str
    target: str

    @property
    def kind(self) -> PassageKind:
        """The kind of the passage."""
        return _BY_LETTER[self.placeholder[1]]


class Masked(NamedTuple):
    """A sentence with placeholders."""

    text: str
    passages: tuple[Passage, ...]


class More(NamedTuple):
    """What else becomes a placeholder in training, so that there are enough examples of each kind."""

    numbers: bool = False
    """Number words: "vingt", "twenty"."""
    amounts: bool = False
    """Money and full hours in words: "vingt euros", "five o'clock"."""
    names_as_codes: bool = False
    """Names count as codes."""


class Span(NamedTuple):
    """A passage found in a text, at start..end-1; equal values mark passages that translate each other."""

    start: int
    end: int
    kind: PassageKind
    value: str


def without_brackets(text: str) -> str:
    """Return `text` with other brackets in place of those of placeholders, so that nobody can type one."""
    return text.translate(_BRACKETS)


@cache
def passage_pattern(language: str) -> re.Pattern[str]:
    figures = [(kind, pattern) for kind, pattern in figure_patterns(language)]
    parts = [f"(?P<copy>{_LINK}|{_PHONE}|{_CODE}|{_DATE})"]
    # In verbose patterns a space has to be escaped.
    parts += [f"(?P<{kind}{i}>{pattern.replace(' ', _SPACE)})" for i, (kind, pattern) in enumerate(figures)]
    parts.append(f"(?P<copy1>{_OTHER})")
    return re.compile("|".join(parts), re.VERBOSE)


def spans(text: str, language: str) -> list[Span]:
    """Return the addresses, codes, emoji and figures of a text."""
    found: list[Span] = []
    if not HINT.search(text):  # most sentences have none
        return found
    for match in passage_pattern(language).finditer(text):
        kind = (match.lastgroup or "").rstrip("0123456789")
        written = match.group()
        if kind == "copy":
            found.append(Span(match.start(), match.end(), "copy", written))
        else:
            figure: FigureKind = next(each for each in FIGURES if each == kind)
            found.append(Span(match.start(), match.end(), figure, value(figure, written, language)))
    return found


def is_copied(text: str, language: str) -> bool:
    """Return whether a text has nothing to translate: no letters but those of addresses, codes and the like."""
    rest = text
    for span in reversed(spans(text, language)):
        rest = rest[: span.start] + rest[span.end :]
    return not any(map(str.isalpha, rest))


def mask(text: str, names: Sequence[Span], source: str, target: str) -> Masked:
    """Return a sentence of the language `source` with placeholders.

    names: the spans of names that are to be passed through, outside of which nothing counts as a name.
    target: the language of the output, in whose form figures come back.
    """
    found = merged(spans(text, source), names)
    parts, passages = [], []
    end = 0
    for span, placeholder in zip(found, _numbered(found), strict=True):
        if placeholder is not None:
            parts += [text[end : span.start], placeholder]
            written = text[span.start : span.end]
            passages.append(Passage(placeholder, written, _in_target(written, span.kind, source, target)))
            end = span.end
    return Masked("".join([*parts, text[end:]]), tuple(passages))


def _in_target(written: str, kind: PassageKind, source: str, target: str) -> str:
    figure = next((each for each in FIGURES if each == kind), None)
    return written if figure is None else rewrite(figure, written, source, target)


def _numbered(found: Iterable[Span]) -> Iterator[str | None]:
    """Yield the placeholder of each passage; None for those beyond the number that a sentence can hold."""
    counts: Counter[PassageKind] = Counter()
    for span in found:
        letter, most = LETTERS[span.kind]
        counts[span.kind] += 1
        yield f"⟦{letter}{counts[span.kind]}⟧" if counts[span.kind] <= most else None


def merged(found: Iterable[Span], names: Iterable[Span]) -> list[Span]:
    """Return both in order of the text, without the names that overlap another passage."""
    taken = list(found)
    free = [each for each in names if all(each.end <= one.start or one.end <= each.start for one in taken)]
    return sorted([*taken, *free])


def unmask(text: str, passages: Sequence[Passage]) -> str:
    """Return an output with its passages in place of placeholders; a placeholder of none is dropped."""
    written = {passage.placeholder: passage.target for passage in passages}

    def put_back(match: re.Match[str]) -> str:
        passage = written.get(match.group(), "")
        # "at 2:30 p.m." and a full stop share their point.
        return passage[:-1] if passage.endswith(".") and text[match.end() : match.end() + 1] == "." else passage

    return _PLACEHOLDER.sub(put_back, text)


def lost(output: str, passages: Sequence[Passage]) -> list[Passage]:
    """Return the passages whose placeholder an output lacks."""
    return [passage for passage in passages if passage.placeholder not in output]


def mask_output(text: str, passages: Sequence[Passage]) -> str:
    """Return a text in the target language with placeholders for its passages: the inverse of `unmask`."""
    for passage in sorted(passages, key=lambda each: -len(each.target)):
        written = re.escape(passage.target).replace("\u202f", r"\s?").replace("\xa0", r"\s?")
        text = re.sub(rf"(?<!\w){written}(?!\w)", passage.placeholder, text, count=1)
    return text


_NO_MORE = More()


def mask_pair(
    source: str, target: str, languages: tuple[str, str], names: Collection[str] = (), more: More = _NO_MORE
) -> tuple[str, str]:
    """Return a pair for training, with placeholders for the passages that both sides have.

    names: words that become placeholders if both sides have them. A passage that the other side lacks, or writes in
    another way, stays.
    """
    found = [
        _all_spans(text, language, names, more) for text, language in zip((source, target), languages, strict=True)
    ]
    common = Counter(_key(span) for span in found[0]) & Counter(_key(span) for span in found[1])
    if not common:
        return source, target
    own, other = (_counted(spans_, common) for spans_ in found)
    placeholders = dict(zip(own, _numbered(own.values()), strict=True))
    return _with(source, own, placeholders), _with(target, other, placeholders)


def _all_spans(text: str, language: str, names: Collection[str], more: More) -> list[Span]:
    found = spans(text, language)
    if more.amounts:
        amounts = [Span(*each[:2], "price", each.figure) for each in money_in_words(text, language)]
        hours = [Span(*each[:2], "time", each.figure) for each in hours_in_words(text, language)]
        found = merged([*amounts, *hours], found)
    if more.numbers:
        found = merged(found, (Span(*each[:2], "number", each.figure) for each in number_words(text, language)))
    if not names:
        return found
    kind: PassageKind = "copy" if more.names_as_codes else "name"
    return merged(found, (span._replace(kind=kind) for span in _named(text, names)))


def _named(text: str, names: Collection[str]) -> Iterator[Span]:
    for name in names:
        end = 0
        while (start := text.find(name, end)) >= 0:
            end = start + len(name)
            if not (_INSIDE.match(text[start - 1 : start]) or _INSIDE.match(text[end : end + 1])):
                yield Span(start, end, "name", name)


def _key(span: Span) -> tuple[PassageKind, str]:
    return span.kind, span.value


def _counted(
    found: Iterable[Span], common: Counter[tuple[PassageKind, str]]
) -> dict[tuple[PassageKind, str, int], Span]:
    """Return the spans that both sides have, in order, by kind, value and number of the occurrence."""
    counts: Counter[tuple[PassageKind, str]] = Counter()
    kept = {}
    for span in found:
        counts[_key(span)] += 1
        if counts[_key(span)] <= common[_key(span)]:
            kept[*_key(span), counts[_key(span)]] = span
    return kept


def _with(
    text: str,
    found: Mapping[tuple[PassageKind, str, int], Span],
    placeholders: Mapping[tuple[PassageKind, str, int], str | None],
) -> str:
    parts = []
    end = 0
    for key, span in found.items():
        if placeholder := placeholders[key]:
            parts += [text[end : span.start], placeholder]
            end = span.end
    return "".join([*parts, text[end:]])
