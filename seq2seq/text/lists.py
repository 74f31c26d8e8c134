"""The word lists in lists.toml."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def _lists() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files("seq2seq.text").joinpath("lists.toml").read_text(encoding="utf-8"))


def words(table: str, name: str) -> tuple[str, ...]:
    """Return a list of words; an empty one if there is none of that name, as of a language that is not known."""
    return tuple(_lists()[table].get(name, "").split())


def words_of_all(table: str) -> tuple[str, ...]:
    """Return the words of all lists of a table."""
    return tuple(word for name in _lists()[table] for word in words(table, name))


def has(table: str, name: str) -> bool:
    """Return whether there is a list."""
    return name in _lists()[table]
