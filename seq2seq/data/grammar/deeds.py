"""What people do, drawn at random but plausibly: verbs with fitting objects, places and subjects."""

import random
from collections.abc import Sequence
from functools import cache
from typing import Literal, NamedTuple, TypeVar, get_args

from seq2seq.data.grammar import french
from seq2seq.data.grammar.clauses import EMPTY, Clause, Determiner, fill, joined, noun_phrase, person, statement
from seq2seq.data.grammar.lexicon import (
    Adjective,
    Noun,
    Phrase,
    Place,
    Subject,
    Verb,
    adjectives,
    nouns,
    phrases,
    places,
    rows,
    subjects,
    verb,
    verbs,
    words,
)

T = TypeVar("T")
Mood = Literal["plain", "negative", "habit"]  # some apples / any apples, apples
_MINUTES = {
    15: ("et quart", "a quarter past"),
    30: ("et demie", "half past"),
    45: ("moins le quart", "a quarter to"),
    5: ("cinq", "five past"),
    10: ("dix", "ten past"),
    20: ("vingt", "twenty past"),
    40: ("moins vingt", "twenty to"),
    50: ("moins dix", "ten to"),
}


class Draw:
    """Random choices made from `random.random` alone, the one method whose sequence Python promises to keep."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options, uniformly drawn."""
        return options[int(self._random.random() * len(options))]

    def noun(self, classes: str) -> Noun:
        """Return a noun of some classes."""
        return self.pick(nouns(classes))

    def adjective(self, classes: str) -> Adjective:
        """Return an adjective of some classes."""
        return self.pick(adjectives(classes))

    def verb(self, names: str) -> Verb:
        """Return one of some verbs."""
        return self.pick(verbs(names))

    def place(self, classes: str) -> Place:
        """Return a place of some classes."""
        return self.pick(places(classes))

    def phrase(self, classes: str) -> Phrase:
        """Return a phrase of some classes."""
        return self.pick(phrases(classes))

    def subject(self, name: str) -> Subject:
        """Return a subject of a class."""
        return self.pick(subjects(name))

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self._random.random() < probability

    def between(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + int(self._random.random() * (high - low + 1))


class Deed(NamedTuple):
    """A verb and what follows it."""

    verb: Verb
    rest: Phrase = EMPTY


class Use(NamedTuple):
    """A verb with the nouns, adjectives and determiners that its object may have."""

    verb: Verb
    nouns: tuple[Noun, ...]
    adjectives: tuple[Adjective, ...]
    determiners: tuple[Determiner, ...]
    tenses: str  # now, habit, past, future, by their first letters


@cache
def uses() -> tuple[Use, ...]:
    """Return the verbs that take an object."""
    return tuple(
        Use(verb(name), nouns(things), adjectives(looks), _determiners(found), tenses)
        for name, things, looks, found, tenses in rows("objects", "rows")
    )


def _determiners(names: str) -> tuple[Determiner, ...]:
    known = {name: name for name in get_args(Determiner)}
    return tuple(known[name] for name in names.split())


def at(spot: Place) -> Phrase:
    """Return where one is."""
    return Phrase(spot.french, spot.at)


def to(spot: Place) -> Phrase:
    """Return where one goes."""
    return Phrase(spot.french, spot.to)


def subject(draw: Draw) -> Subject:
    """Return somebody: a pronoun, a name, one of the family or several people."""
    kind = draw.between(1, 20)
    if kind <= 17:
        return draw.subject("pronouns" if kind <= 11 else "names" if kind <= 15 else "crowds")
    return person(draw.noun("family" if kind == 18 else "people"), mine=kind == 18)


def somebody_else(draw: Draw) -> Subject:
    """Return one person who is not a pronoun: a name, one of the family, a stranger."""
    kind = draw.between(1, 4)
    if kind <= 2:
        return draw.subject("names")
    return person(draw.noun("family" if kind == 3 else "people"), mine=kind == 3)


def other_person(draw: Draw, name: float = 0.6) -> Subject:
    """Return a name, with this probability, or one of the family."""
    return draw.subject("names") if draw.chance(name) else person(draw.noun("family"), mine=True)


def thing_for(draw: Draw, use: Use, owner: Subject, mood: Mood = "plain") -> Phrase:
    """Return an object for the verb of `use`, whose determiner suits the mood."""
    noun = draw.pick(use.nouns)
    determiner = draw.pick(use.determiners)
    adjective = draw.pick(use.adjectives) if use.adjectives and draw.chance(0.35) else None
    if mood == "negative" and determiner in ("a", "some", "number"):
        one = determiner == "a" or noun.mass or french.plural(noun.french) == noun.french
        return noun_phrase(noun, "none", count=1 if one else 2)
    if mood == "habit" and determiner in ("a", "number", "the", "this"):
        determiner = "some"
    if determiner == "number":
        return noun_phrase(noun, "number", count=draw.between(2, 10))
    if determiner == "of":
        return noun_phrase(noun, "of", owner=other_person(draw, name=0.7))
    if determiner == "own" and use.verb != verb("wear") and draw.chance(0.3):
        owner = draw.pick([subjects("pronouns")[index] for index in (0, 2, 8)])
    always = determiner == "some"
    several = not noun.mass and determiner in ("some", "the", "own", "this") and (always or draw.chance(0.25))
    return noun_phrase(noun, determiner, adjective, 2 if several else 1, owner, bare=mood == "habit")


def deed(draw: Draw, owner: Subject, tense: str = "n", mood: Mood = "plain") -> Deed:
    """Return something that somebody does; `tense` is one of the letters of `Use`."""
    kind = draw.between(1, 20)
    if kind <= 11:
        use = draw.pick([use for use in uses() if tense in use.tenses])
        return Deed(use.verb, thing_for(draw, use, owner, mood))
    if kind <= 13:
        return alone(draw, verbs("alone"))
    if kind <= 16:
        return trip(draw, habitual=tense == "h")
    if kind == 17:
        return Deed(verb("play"), draw.phrase("games"))
    if kind == 18 and tense in "nf":
        return Deed(verb("learn"), draw.phrase("tongues"))
    return Deed(draw.verb("wait for, help"), Phrase(*other_person(draw)[:2]))


def alone(draw: Draw, options: Sequence[Verb]) -> Deed:
    """Return one of the verbs that take no object, with a place where it is done."""
    one = draw.pick(options)
    if one == verb("sleep"):
        return Deed(one, at(draw.place("home indoors[2:] indoors[:1] public[1:2] public[6:7]")))
    if one in verbs("run, walk"):
        return Deed(one, at(draw.place("outdoors")))
    return Deed(one, place(draw))


def place(draw: Draw) -> Phrase:
    """Return where something is done."""
    kind = draw.between(1, 6)
    return at(places("home")[0] if kind == 1 else draw.place("indoors" if kind <= 3 else "public"))


def trip(draw: Draw, habitual: bool = False) -> Deed:
    """Return a verb of going, staying or arriving with its place; a habit is always one of going."""
    one = verb("go") if habitual else draw.verb("go, go, go, go back, stay, arrive")
    homely = one in verbs("stay, go back")
    spot = draw.place("public abroad home" if homely else "public abroad")
    return Deed(one, at(spot) if one in verbs("stay, arrive") else to(spot))


def infinitive(draw: Draw, owner: Subject, mood: Mood = "plain") -> Phrase:
    """Return a deed as an infinitive, the English one without to."""
    one = deed(draw, owner, "h" if mood == "habit" else "f", mood)
    if one.verb in verbs("cry, laugh, arrive"):
        one = alone(draw, verbs("alone")[:6])
    return as_infinitive(one)


def as_infinitive(one: Deed) -> Phrase:
    """Return a deed as an infinitive, the English one without to."""
    return joined(Phrase(*one.verb[:2]), one.rest)


def timed(draw: Draw, phrase: Phrase, times: str, front: float = 0.25) -> Phrase:
    """Return the phrase with one of the times after it, or before it with a comma."""
    time = draw.phrase(times)
    return fill("{}, {} / {}, {}", time, phrase) if draw.chance(front) else joined(phrase, time)


def clock(hour: int, minutes: int) -> Phrase:
    """Return the time of day in words: hour 0 (midnight) to 12 (noon), minutes one of 0 and `_MINUTES`.

    Above 30, both languages count from the next hour: moins le quart, a quarter to.
    """
    hour += minutes > 30
    whole = {0: Phrase("minuit", "midnight"), 12: Phrase("midi", "noon")}.get(hour)
    named = whole or Phrase(
        f"{french.number(hour, 'f')} heure{'s' if hour > 1 else ''}", words("numbers", "english")[hour]
    )
    if minutes == 0:
        return whole or fill("{} / {} o'clock", named)
    after, before = _MINUTES[minutes]
    after = "et demi" if whole and minutes == 30 else after  # midi and minuit are masculine
    return Phrase(f"{named.french} {after}", f"{before} {named.english}")


def say(
    who: Subject, one: Deed, tense: french.Tense = "present", habit: bool = False, rest: Phrase = EMPTY
) -> Phrase:
    """Return the plain statement that `who` does the deed, followed by `rest`."""
    return statement(Clause(who, one.verb, joined(one.rest, rest), tense, habit=habit))
