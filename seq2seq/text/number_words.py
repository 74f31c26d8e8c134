"""Numbers that are written as one word, as in "vingt" and "twenty"."""

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


@cache
def _figures(language: str) -> dict[str, str]:
    return dict(zip(words("numbers", language), words("numbers", "values"), strict=False))


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
