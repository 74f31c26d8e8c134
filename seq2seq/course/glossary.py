"""The glossary: the field's words, a sentence each."""

from functools import cache
from pathlib import Path

from pydantic import Field

from seq2seq.config import Settings, parse, read_toml

_FILE = Path(__file__).with_name("glossary.toml")


class Term(Settings):
    """A word of the field."""

    name: str
    also: tuple[str, ...] = ()
    """Other forms of it."""
    symbol: str = ""
    says: str = Field(max_length=140)
    """One sentence."""
    paper: str = ""
    """Who brought the word, or where it is defined."""


class Glossary(Settings):
    """What glossary.toml holds."""

    term: tuple[Term, ...]


@cache
def terms() -> tuple[Term, ...]:
    """Return the terms, in alphabetical order."""
    found = parse(Glossary, read_toml(_FILE), _FILE.name).term
    return tuple(sorted(found, key=lambda term: term.name.casefold()))
