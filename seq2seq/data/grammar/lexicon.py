"""The words of the grammar, by semantic class, as `lexicon.toml` lists them.

Regular plurals and conjugations are left to `french` and `english`.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

T = TypeVar("T")
Gender = Literal["m", "f"]


class Phrase(NamedTuple):
    """Words and their translation, ready to use in a sentence."""

    french: str = ""
    english: str = ""


class Noun(NamedTuple):
    """A noun in the singular. A mass noun takes du / some and has no plural."""

    french: str
    gender: Gender
    english: str
    mass: bool = False


class Adjective(NamedTuple):
    """An adjective in the masculine singular, with its feminine; `before` says that it precedes its noun."""

    french: str
    feminine: str
    english: str
    before: bool = False


class Verb(NamedTuple):
    """A verb: infinitive and English base form, other forms where they are irregular.

    present: six forms from je to ils, or empty for a regular verb in -er.
    future: the future stem, or empty where it is the infinitive.
    stative: its present is "likes", not "is liking".
    """

    french: str
    english: str
    present: str = ""
    participle: str = ""
    future: str = ""
    etre: bool = False
    stative: bool = False
    reflexive: bool = False


class Place(NamedTuple):
    """A place: where one is and where one goes are the same words in French, not in English."""

    french: str
    at: str
    to: str


class Subject(NamedTuple):
    """Who does it. person: 0 je, 1 tu, 2 il or elle, 3 nous, 4 vous, 5 ils or elles."""

    french: str
    english: str
    person: int
    gender: Gender = "m"
    pronoun: bool = False

    @property
    def plural(self) -> bool:
        """Return whether adjectives and participles agree in the plural."""
        return self.person >= 3


@cache
def _file() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = tomllib.loads(
        Path(__file__).with_name("lexicon.toml").read_text(encoding="utf-8")
    )
    return found


def rows(section: str, name: str) -> Iterator[list[str]]:
    """Yield the cells of the rows of one entry of the file."""
    entry = _file()[section][name]
    return (row.strip().split("/") for row in (entry.split(",") if isinstance(entry, str) else entry))


def table(name: str) -> Mapping[str, str]:
    """Return a whole table of the file."""
    return _file()[name]


@cache
def words(section: str, name: str) -> tuple[str, ...]:
    """Return the words of an entry that are separated by spaces."""
    return tuple(_file()[section][name].split())


def _classes(classes: str, find: Callable[[str], tuple[T, ...]]) -> tuple[T, ...]:
    """Return what is in some classes, together; a class may be cut, as in "texts[1:5]"."""
    found: list[T] = []
    for one in classes.split():
        name, _, cut = one.rstrip("]").partition("[")
        start, _, end = cut.partition(":")
        found += find(name)[int(start or 0) : int(end) if end else None]
    return tuple(found)


@cache
def nouns(classes: str) -> tuple[Noun, ...]:
    """Return the nouns of some classes."""

    def find(name: str) -> tuple[Noun, ...]:
        section = "nouns" if name in _file()["nouns"] else "mass"
        return tuple(
            Noun(word, _gender(gender), english, section == "mass") for word, gender, english in rows(section, name)
        )

    return _classes(classes, find)


@cache
def adjectives(classes: str) -> tuple[Adjective, ...]:
    """Return the adjectives of some classes."""

    def find(name: str) -> tuple[Adjective, ...]:
        section = "before" if name in _file()["before"] else "adjectives"
        return tuple(Adjective(m, f, english, section == "before") for m, f, english in rows(section, name))

    return _classes(classes, find)


@cache
def verb(name: str, english: str = "") -> Verb:
    """Return the verb with an English base form. english: another one that it has here, as in avoir faim."""
    kinds = {kind: [name] in rows("kinds", kind) for kind in ("etre", "stative", "reflexive")}
    (forms,) = rows("verbs", name)
    infinitive, present, participle, future = (*forms, "", "", "")[:4]
    return Verb(infinitive, english or name, present, participle or f"{infinitive[:-2]}é", future, **kinds)


@cache
def verbs(names: str) -> tuple[Verb, ...]:
    """Return verbs by their English base forms, separated by commas, or those of a kind."""
    named = (name for (name,) in rows("kinds", names)) if names in _file()["kinds"] else names.split(", ")
    return tuple(map(verb, named))


@cache
def places(classes: str) -> tuple[Place, ...]:
    """Return the places of some classes."""
    return _classes(classes, lambda name: tuple(Place(*forms) for forms in rows("places", name)))


@cache
def phrases(classes: str) -> tuple[Phrase, ...]:
    """Return the phrases of some classes; the class is the whole name where it has spaces."""
    if classes in _file()["phrases"]:
        return tuple(Phrase(*forms) for forms in rows("phrases", classes))
    return _classes(classes, phrases)


@cache
def subjects(name: str) -> tuple[Subject, ...]:
    """Return the subjects of a class."""
    return tuple(
        Subject(french, english, int(person), _gender(gender), name == "pronouns")
        for french, english, person, gender in rows("subjects", name)
    )


def _gender(letter: str) -> Gender:
    return "f" if letter == "f" else "m"
