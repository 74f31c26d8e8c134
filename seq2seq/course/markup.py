"""A lesson's texts: facts put in, and Markdown read into paragraphs of runs, which the runner shows as text."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from markdown_it import MarkdownIt

from seq2seq.course.experiments.base import Fact

_FACT = re.compile(r"\{([A-Za-z0-9_.-]+)(?::([^{}]*))?\}")
_FORMAT = re.compile(r"(,|\.[0-6])?[df%]?")
_COMPARISON = re.compile(r"\s*(.+?)\s*(>=|<=|==|!=|>|<)\s*(.+?)\s*")
_STYLES = {"strong_open": "strong", "em_open": "em"}

Run = tuple[str, str]
"""A text and its style: "", strong, em or code."""


class Block(NamedTuple):
    """A paragraph or an item of a list."""

    kind: str  # p or li
    runs: list[Run]


class UnknownFact(Exception):
    """A text names a fact that the experiment does not give, or a format that is none."""


def fill(text: str, facts: Mapping[str, Fact]) -> str:
    """Return `text` with each {fact} or {fact:format} replaced. Raises UnknownFact.

    A format is Python's, as far as numbers need it: .2f, .0%, d and a comma for thousands.
    """
    if re.search(r"[{}]", _FACT.sub("", text)):
        raise UnknownFact("a brace is not closed, or what stands in it is no name of a fact.")
    said = _FACT.sub(lambda found: _shown(facts, found[1], found[2]), text)
    return re.sub(r"([.!?])”\.", r"\1”", said)  # a quoted sentence brings its own full stop


def _shown(facts: Mapping[str, Fact], name: str, form: str | None) -> str:
    value = fact(facts, name)
    if form is not None:
        if not _FORMAT.fullmatch(form) or not isinstance(value, int | float) or isinstance(value, bool):
            raise UnknownFact(f"{{{name}:{form}}} is not possible; for numbers there are .2f, .0%, d and a comma.")
        try:
            return format(value, form).replace("-", "−").replace("%", " %")
        except ValueError:
            raise UnknownFact(f"{{{name}:{form}}} is not possible; {name} is {value}.") from None
    return in_words(value)


def fact(facts: Mapping[str, Fact], name: str) -> Fact:
    """Return a fact. Raises UnknownFact, naming those there are."""
    if name not in facts:
        raise UnknownFact(f"there is no fact {name!r} here; there are {', '.join(sorted(facts))}.")
    return facts[name]


def in_words(value: Fact) -> str:
    """Return a fact as a text shows it without a format."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.2f}".replace("-", "−")
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def holds(comparison: str, facts: Mapping[str, Fact]) -> bool:
    """Return whether a comparison of two facts, or of a fact and a number or a quoted text, holds.

    Raises UnknownFact if it can't be read.
    """
    found = _COMPARISON.fullmatch(comparison)
    if found is None:
        raise UnknownFact(f"{comparison!r} compares nothing; write two facts with >, <, >=, <=, == or != between.")
    left, sign, right = found[1], found[2], found[3]
    values = _value(left, facts), _value(right, facts)
    if sign not in ("==", "!=") and not all(isinstance(each, int | float) for each in values):
        raise UnknownFact(f"{comparison!r} compares texts; they can only be equal (==) or not (!=).")
    return _SIGNS[sign](*values)


_SIGNS: dict[str, Callable[..., bool]] = {
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


def _value(word: str, facts: Mapping[str, Fact]) -> Fact:
    if word in ("yes", "no"):
        return word
    if len(word) > 1 and word[0] == word[-1] and word[0] in "\"'":
        return word[1:-1]
    if re.fullmatch(r"[-+]?\d+(\.\d+)?", word):
        return float(word)
    found = fact(facts, word)
    return ("yes" if found else "no") if isinstance(found, bool) else found


def blocks(text: str) -> list[Block]:
    """Return Markdown as paragraphs and items of lists. HTML in it stays text."""
    found: list[Block] = []
    kind = "p"
    for token in MarkdownIt("zero").enable(["list", "emphasis", "backticks", "escape", "newline"]).parse(text):
        if token.type in ("list_item_open", "list_item_close"):
            kind = "li" if token.type == "list_item_open" else "p"
        elif token.type == "inline":
            runs: list[Run] = []
            styles: list[str] = []
            for part in token.children or ():
                if part.type in _STYLES:
                    styles.append(_STYLES[part.type])
                elif part.type.endswith("_close"):
                    styles.pop()
                else:
                    said = " " if part.type in ("softbreak", "hardbreak") else part.content
                    runs.append((said, "code" if part.type == "code_inline" else (styles or [""])[-1]))
            found.append(Block(kind, [run for run in runs if run[0]]))
    return found
