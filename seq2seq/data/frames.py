"""Pairs made of sentence frames: carriers for names, nations, languages, months, weekdays and amounts.

frames.toml has them: "Il est né de parents {adjective-m-plural}." with "He was born to {adjective-m} parents."
A slot is filled alike on both sides, with articles and elision right.
"""

import random
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter

from seq2seq.data.exchange import Entry, put_in_english, put_in_french
from seq2seq.data.pairs import Pair

_SLOT = re.compile(r"\{([a-z-]+?)(-plural)?(:2)?\}")


def frames() -> list[tuple[str, str]]:
    """Return the frames: French and English, with slots in braces."""
    return _tables()["frames"]


def framed(
    entries: Sequence[Entry], count: int, generator: random.Random, languages: tuple[str, str]
) -> Iterator[Pair]:
    """Yield `count` pairs of frames with slots that `entries` can fill; `languages`: one of them fr, one en."""
    by_kind: Mapping[str, list[Entry]] = defaultdict(list)
    for entry in dict.fromkeys(entries):
        by_kind[entry.kind].append(entry)
    for kind in ("month", "weekday"):
        by_kind[kind].extend(Entry(english, french, kind) for french, english in _tables()[kind])
    possible = [frame for frame in frames() if all(by_kind[k] or k in _FIGURES for k in _kinds(frame[0]))]
    made = 0
    while made < count and possible:
        filled = _filled(*generator.choice(possible), by_kind, generator)
        if filled is not None:
            made += 1
            french, english = filled
            yield Pair(french, english) if languages[0] == "fr" else Pair(english, french)


def _kinds(french: str) -> Iterator[str]:
    return (slot[1] for slot in _SLOT.finditer(french))


def _filled(
    french: str, english: str, by_kind: Mapping[str, list[Entry]], generator: random.Random
) -> tuple[str, str] | None:
    """Return a frame with all slots filled; None if an elision is not certain."""
    while slots := list(_SLOT.finditer(french)):
        slot = slots[-1]  # from the end, so that places of those to come stay right
        kind, plural, second = slot[1], slot[2], slot[3] or ""
        entry = _FIGURES[kind](generator) if kind in _FIGURES else generator.choice(by_kind[kind])
        word = entry.french + ("" if not plural or entry.french[-1] in "sx" else "s")
        put = put_in_french(french, slot.group(), word, slot.start())
        if put is None:
            return None
        french, english = put, put_in_english(english, f"{{{kind}{second}}}", entry.english)
    return french, (english[:1].upper() + english[1:]).replace("m..", "m.")


def _number(generator: random.Random) -> Entry:
    figure = str(generator.randint(2, 99))
    return Entry(figure, figure, "number")


def _thousands(generator: random.Random) -> Entry:
    value = generator.randint(1_000, 10 ** generator.randint(4, 7)) // 10 * 10
    return Entry(f"{value:,}", f"{value:,}".replace(",", " "), "thousands")


def _price(generator: random.Random) -> Entry:
    euros, cents = generator.randint(1, 10 ** generator.randint(1, 3)), generator.choice((0, 20, 50, 75, 90, 99))
    if not cents:
        return Entry(f"{euros} euros", f"{euros} euros", "price")
    return Entry(f"€{euros}.{cents:02}", f"{euros},{cents:02} €", "price")


def _day(generator: random.Random) -> Entry:
    day = str(generator.randint(2, 31))
    return Entry(day, day, "day")


def _year(generator: random.Random) -> Entry:
    year = str(generator.randint(1850, 2030))
    return Entry(year, year, "year")


def _hour(generator: random.Random) -> Entry:
    hour, minute = generator.randint(1, 23), generator.choice((0, 10, 15, 30, 45, 50))
    half = "a.m." if hour < 12 else "p.m."
    if not minute:
        return Entry(f"{(hour - 1) % 12 + 1} {half}", f"{hour} h", "hour")
    return Entry(f"{(hour - 1) % 12 + 1}:{minute:02} {half}", f"{hour} h {minute:02}", "hour")


_FIGURES: Mapping[str, Callable[[random.Random], Entry]] = {
    "number": _number,
    "thousands": _thousands,
    "price": _price,
    "day": _day,
    "year": _year,
    "hour": _hour,
}


@cache
def _tables() -> dict[str, list[tuple[str, str]]]:
    text = files("seq2seq.data").joinpath("frames.toml").read_text(encoding="utf-8")
    return TypeAdapter(dict[str, list[tuple[str, str]]]).validate_python(tomllib.loads(text))
