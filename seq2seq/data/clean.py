"""Corpus cleaning: which pairs are dropped before training, and how many for each reason."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pydantic import Field

from seq2seq.config import Settings
from seq2seq.data.pairs import Pair, shorten
from seq2seq.data.table import Row
from seq2seq.errors import ConfigError
from seq2seq.text import normalise

EMPTY = "empty side"
NO_LETTER = "side without a letter"
TOO_LONG = "too long"
RATIO = "lengths too far apart"
UNTRANSLATED = "same on both sides"
NO_MATCH = "outside --match-source or --match-target"
DUPLICATE = "duplicate"
REASONS = (EMPTY, NO_LETTER, TOO_LONG, RATIO, UNTRANSLATED, NO_MATCH, DUPLICATE)

# "Taxi !" is right in many languages; four or more identical words mean an untranslated pair.
_WORDS_THAT_MAY_BE_SAME = 3
# Short sentences may differ much ("Hi." - "Comment allez-vous ?"); the ratio counts above this length.
_RATIO_FROM = 60
# A Han, kana or hangul character carries about as much as three letters.
_WIDE = 3


class Rules(Settings):
    """Limits that a kept pair must meet; words are separated by spaces, characters are counted per side."""

    max_words: int = Field(default=100, ge=1)
    max_characters: int = Field(default=600, ge=1)
    max_ratio: float = Field(default=3.0, ge=1)
    match_source: str | None = None
    match_target: str | None = None


def _compile(option: str, pattern: str | None) -> re.Pattern[str] | None:
    try:
        return None if pattern is None else re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as failure:
        raise ConfigError(f"{option} {pattern!r} is not a regular expression: {failure}.") from None


class DroppedPair(NamedTuple):
    """A dropped pair, as it was in its file."""

    line: int
    source: str
    target: str


class CleanedPairs(NamedTuple):
    """The kept pairs, normalised, and for each of `REASONS` the number of dropped pairs and the first one."""

    pairs: list[Pair]
    dropped: dict[str, int]
    first: dict[str, DroppedPair]


def clean(pairs: Iterable[Pair | Row], rules: Rules) -> CleanedPairs:
    """Return the normalised pairs that meet the rules, in order, without duplicates.

    Pairs without a line number are numbered from 1.

    Raises:
        ConfigError: a pattern of the rules is not a regular expression.
    """
    # Compiled first, so that a wrong one is reported before any pair is read.
    patterns = _compile("--match-source", rules.match_source), _compile("--match-target", rules.match_target)
    dropped = dict.fromkeys(REASONS, 0)
    first: dict[str, DroppedPair] = {}
    kept: dict[Pair, None] = {}
    for number, given in enumerate(pairs, 1):
        pair = Pair(normalise(given.source), normalise(given.target))
        reason = _fault(pair, rules) or _mismatch(pair, patterns) or (DUPLICATE if pair in kept else None)
        if reason is None:
            kept[pair] = None
        else:
            dropped[reason] += 1
            line = given.line if isinstance(given, Row) else number
            first.setdefault(reason, DroppedPair(line, given.source, given.target))
    return CleanedPairs(list(kept), dropped, first)


def dropped_summary(dropped: Mapping[str, int], first: Mapping[str, DroppedPair]) -> str:
    """Return a summary of the dropped pairs: a count per reason, with its first pair."""
    parts = []
    for reason, count in dropped.items():
        if count:
            one = first.get(reason)
            shown = (
                f" (first: line {one.line}, {shorten(one.source, 40)!r} – {shorten(one.target, 40)!r})"
                if one
                else ""
            )
            parts.append(f"{reason} {count:,}{shown}")
    hint = ""
    if dropped.get(NO_LETTER, 0) > sum(dropped.values()) / 2:
        hint = "; if a column holds numbers, leave it out: --columns -,fr,en has a - for it"
    return "; ".join(parts) + hint


def _mismatch(pair: Pair, patterns: tuple[re.Pattern[str] | None, re.Pattern[str] | None]) -> str | None:
    found = all(pattern is None or pattern.search(text) for text, pattern in zip(pair, patterns, strict=True))
    return None if found else NO_MATCH


def _fault(pair: Pair, rules: Rules) -> str | None:
    """Return the reason to drop a normalised pair, or None."""
    source, target = pair
    if not source or not target:
        return EMPTY
    if not (_has_letter(source) and _has_letter(target)):
        return NO_LETTER
    words = [len(text.split()) for text in pair]
    if max(words) > rules.max_words or max(map(len, pair)) > rules.max_characters:
        return TOO_LONG
    if source == target and words[0] > _WORDS_THAT_MAY_BE_SAME:
        return UNTRANSLATED
    shorter, longer = sorted(map(_extent, pair))
    if longer > _RATIO_FROM and longer > rules.max_ratio * shorter:
        return RATIO
    return None


def _has_letter(text: str) -> bool:
    return any(map(str.isalpha, text))


def _extent(text: str) -> int:
    """Return the length in letters; a wide character counts as `_WIDE`."""
    if text.isascii() or max(text) < "\u1100":  # no script below is wide
        return len(text)
    return sum(_WIDE if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
