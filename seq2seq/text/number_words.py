"""Figures that are written in words: "vingt" and "twenty", "vingt euros", "cinq heures" and "five o'clock"."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from seq2seq.text.lists import words


class NumberWord(NamedTuple):
    """A number at start..end-1 of a text, and its figure."""

    start: int
    end: int
    figure: str


_HOURS = {
    "fr": re.compile(r"(?<=\b[àÀ] )(\w+) heures(?!\w)(?! et)"),
    "en": re.compile(r"(?<![\w.,:-])(\w+) o'clock(?!\w)"),
}
_HALF_DAY = 12  # hours


@cache
def _figures(language: str) -> dict[str, str]:
    return dict(zip(words("numbers", language), words("numbers", "values"), strict=False))


@cache
def _money(language: str) -> re.Pattern[str] | None:
    names = "|".join(words("currencies", language))
    if not names:
        return None
    numbers = "|".join(sorted(_figures(language), key=len, reverse=True))
    return re.compile(rf"(?<![\w.,-])(\d+|{numbers}) ({names})(?!\w)")


def money_in_words(text: str, language: str) -> Iterator[NumberWord]:
    """Yield each amount of money whose currency is a word, with its figure: the sign and the number."""
    pattern = _money(language)
    if pattern is None:
        return
    signs = dict(zip(words("currencies", language), words("currencies", "signs"), strict=True))
    for match in pattern.finditer(text):
        number = _figures(language).get(match[1], match[1])
        yield NumberWord(match.start(), match.end(), f"{signs[match[2]]}{number}")


def hours_in_words(text: str, language: str) -> Iterator[NumberWord]:
    """Yield each full hour in words, with its minutes after midnight or noon, as `figures.value` has them."""
    pattern = _HOURS.get(language)
    if pattern is None:
        return
    for match in pattern.finditer(text):
        number = _figures(language).get(match[1], match[1])
        if number.isdigit() and int(number) <= _HALF_DAY:
            yield NumberWord(match.start(), match.end(), str(int(number) * 60 % (_HALF_DAY * 60)))


def number_words(text: str, language: str) -> Iterator[NumberWord]:
    """Yield each number that is one word; none if the language is not known."""
    values = _figures(language)
    others = values.keys() | set(words("beside_numbers", language))
    found = list(re.finditer(r"[^\W_]+(?:-[^\W_]+)*", text))
    for i, match in enumerate(found):
        number = values.get(match.group())
        if number is None:
            continue
        before = found[i - 1].group().lower() if i and text[found[i - 1].end() : match.start()] == " " else ""
        after = found[i + 1].group().lower() if i + 1 < len(found) and text[match.end()] == " " else ""
        if before not in others and after not in others:
            yield NumberWord(match.start(), match.end(), number)
