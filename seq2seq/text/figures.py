"""Figures in text: numbers, prices and times of day, as a language writes them, and the same value in another.

Only the form changes: "1 500,50" and "1,500.50", "12,50 €" and "€12.50", "14 h 30" and "2:30 p.m.".
"""

import re
from typing import Literal, NamedTuple

FigureKind = Literal["number", "price", "time"]

NARROW_SPACE = "\u202f"
_CURRENCIES = "€$£¥"
_HALF_DAY = 12 * 60  # minutes


class Style(NamedTuple):
    """How a language writes figures."""

    decimal: str
    group: str  # the mark between groups of three digits
    read: str  # the marks that are read as such

    @property
    def is_point(self) -> bool:
        """Whether numbers are written as in English, and so the signs of currencies and per cent."""
        return self.decimal == "."


_POINT = Style(".", ",", ",")
_SPACED = Style(",", NARROW_SPACE, f" {NARROW_SPACE}.")
_STOPPED = Style(",", ".", ".")
_STYLES = dict.fromkeys(("en", "he", "ja", "ko", "zh"), _POINT)
_STYLES |= dict.fromkeys(("cs", "fi", "fr", "hu", "pl", "pt", "ru", "sv", "uk"), _SPACED)
_STYLES |= dict.fromkeys(("da", "de", "el", "es", "it", "nl", "ro", "tr"), _STOPPED)

# A figure touches no letter and no other figure, except that a unit of measurement may follow it without a space.
_START = r"(?<![\w.,:/-])"
_UNITS = r"(?:[kc]?m|k?g|[cm]?l|mm|mg|[kM]o|[KMG]B|h|s|min)\b"
_STOP = rf"(?![.,:/-]?\d)(?:(?!\w)|(?={_UNITS}))"


def style_of(language: str) -> Style | None:
    """Return how a language writes figures; None if that is not known."""
    return _STYLES.get(language)


def number_pattern(language: str) -> str:
    """Return a regular expression of the digits of a number, with its marks."""
    style = style_of(language)
    if style is None:
        return r"\d+"
    return rf"(?:\d{{1,3}}(?:[{style.read}]\d{{3}})+(?!\d)|\d+)(?:[{style.decimal}]\d+)?"


def figure_patterns(language: str) -> list[tuple[FigureKind, str]]:
    """Return regular expressions of the figures of a language, in order of precedence."""
    number = number_pattern(language)
    found: list[tuple[FigureKind, str]] = []
    if language == "fr":
        hours = r"(?:[01]?\d|2[0-4])"
        found.append(("time", rf"{_START}{hours} ?[hH] ?[0-5]\d(?![\w,.]\d|\w)"))
        found.append(("time", rf"{_START}{hours} ?h(?= à [0-2]?\d ?h)"))
        found.append(("time", rf"(?<=\b[àÀ] ){hours} (?:h|heures?)(?!\w)(?! (?:par|d'affilée|de suite)\b)"))
    elif language == "en":
        found.append(
            ("time", rf"{_START}(?:0?\d|1[0-2])(?::[0-5]\d)? ?[aApP](?:\.[mM]\.(?![\"')]*$)|\.?[mM](?!\w))")
        )
    found.append(("time", rf"{_START}(?:[01]?\d|2[0-4]):[0-5]\d(?![\w:])"))
    found.append(("price", rf"(?<!\w)[{_CURRENCIES}] ?{number}{_STOP}|{_START}{number} ?[{_CURRENCIES}](?!\w)"))
    found.append(("number", rf"(?:(?<!\S)-|{_START}){number}(?: ?%(?!\w)|{_STOP})"))
    return found


def value(kind: FigureKind, written: str, language: str) -> str:
    """Return a string that is equal for figures of the same kind and value in any language.

    A time that does not say which half of the day it is in counts as either.
    """
    if kind == "time":
        return str(_minutes(written)[0] % _HALF_DAY)
    sign = "".join(character for character in written if character in f"{_CURRENCIES}%-")
    whole, decimals, _ = _parts(written, language)
    return f"{sign}{whole}.{decimals}".rstrip("0").rstrip(".") if decimals else f"{sign}{whole}"


def rewrite(kind: FigureKind, written: str, source: str, target: str) -> str:
    """Return a figure of the language `source` as `target` writes it.

    It stays as it is if one of the two is not known.
    """
    style = style_of(target)
    if source == target or style is None or style_of(source) is None:
        return written
    if kind == "time":
        return _clock(*_minutes(written), target)
    whole, decimals, grouped = _parts(written, source)
    if grouped:
        whole = style.group.join(_triples(whole))
    number = whole + (style.decimal + decimals if decimals else "")
    minus = "-" if written.startswith("-") else ""
    if kind == "price":
        currency = next(character for character in written if character in _CURRENCIES)
        return f"{minus}{currency}{number}" if style.is_point else f"{minus}{number}\u00a0{currency}"
    percent = "" if "%" not in written else ("%" if style.is_point else "\u00a0%")
    return f"{minus}{number}{percent}"


def _parts(written: str, language: str) -> tuple[str, str, bool]:
    """Return the digits before and after the decimal mark, and whether the former stand in groups."""
    style = style_of(language)
    digits = written.strip(f"{_CURRENCIES}%- {NARROW_SPACE}\u00a0")
    if style is None:
        return digits, "", False
    whole, _, decimals = digits.partition(style.decimal)
    if style.decimal == "." and not decimals and "." in digits:
        whole = digits
    joined = "".join(filter(str.isdigit, whole))
    return joined, decimals, joined != whole


def _triples(digits: str) -> list[str]:
    first = len(digits) % 3
    return [part for part in (digits[:first], *(digits[i : i + 3] for i in range(first, len(digits), 3))) if part]


def _minutes(written: str) -> tuple[int, bool, bool]:
    """Return the minutes after midnight, whether a time says which half of the day, and whether it has minutes."""
    hour, *rest = (int(part) for part in re.findall(r"\d+", written))
    half = re.search(r"[aApP](?=\.?[mM])", written)
    if half:
        hour = hour % 12 + 12 * (half.group() in "pP")
    return hour * 60 + (rest[0] if rest else 0), bool(half) or hour > 12 or hour == 0, bool(rest)


def _clock(minutes: int, sure: bool, exact: bool, language: str) -> str:
    hour, minute = divmod(minutes, 60)
    if language == "fr":
        return f"{hour}\u00a0h\u00a0{minute:02}" if exact and minute else f"{hour}\u00a0h"
    if language == "en":
        shown = f"{(hour - 1) % 12 + 1}" + (f":{minute:02}" if exact or not sure else "")
        return f"{shown} {'p.m.' if 12 <= hour < 24 else 'a.m.'}" if sure else shown
    return f"{hour}:{minute:02}"
