"""What people do, drawn at random but plausibly: verbs with fitting objects, places and subjects."""

import random
from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeVar

from seq2seq.data.grammar import french
from seq2seq.data.grammar import lexicon as words
from seq2seq.data.grammar.clauses import EMPTY, Clause, Determiner, noun_phrase, person, spaced, statement
from seq2seq.data.grammar.lexicon import Adjective, Noun, Phrase, Subject, Verb

T = TypeVar("T")
Mood = Literal["plain", "negative", "habit"]  # some apples / any apples, apples


class Draw:
    """Random choices made from `random.random` alone, the one method whose sequence Python promises to keep."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options, uniformly drawn."""
        return options[int(self._random.random() * len(options))]

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self._random.random() < probability

    def between(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + int(self._random.random() * (high - low + 1))


class Deed(NamedTuple):
    """A verb and what follows it."""

    verb: Verb
    rest: Phrase


class Use(NamedTuple):
    """A verb with the nouns, adjectives and determiners that its object may have."""

    verb: Verb
    nouns: tuple[Noun, ...]
    adjectives: tuple[Adjective, ...]
    determiners: tuple[Determiner, ...]
    tenses: str = "nhpf"  # now, habit, past, future


_GOOD = (words.LOOKS[0], Adjective("bon", "bonne", "good", before=True), words.TASTES[0])
_READABLE = words.CONTENTS
_A_THE: tuple[Determiner, ...] = ("a", "the", "number", "some")
USES = (
    Use(words.EAT, words.FOOD, _GOOD, _A_THE),
    Use(words.EAT, words.FOOD_MASS, (), ("some", "the")),
    Use(words.DRINK, words.DRINKS, words.TASTES[1:], ("some", "the")),
    Use(words.READ, words.TEXTS, _READABLE, ("a", "the", "this", "of", "some")),
    Use(words.WRITE, words.TEXTS[1:5], _READABLE, ("a", "the", "this", "own", "number")),
    Use(words.WATCH, words.SHOWS, _READABLE, ("a", "the", "this", "some")),
    Use(words.LOOK, words.PICTURES, _READABLE[2:], ("a", "the", "this", "own")),
    Use(words.LISTEN, words.SONGS, _READABLE, ("a", "the", "this", "own")),
    Use(words.BUY, words.FOOD, _GOOD, ("a", "some", "number")),
    Use(words.BUY, words.FOOD_MASS + words.DRINKS, (), ("some",)),
    Use(words.BUY, words.CLOTHES, words.LOOKS + words.COLORS, ("a", "the", "this", "some")),
    Use(words.BUY, words.THINGS, words.LOOKS, ("a", "this", "number")),
    Use(words.SELL, words.LARGE + words.THINGS, words.LOOKS, ("own", "the", "this", "of"), "npf"),
    Use(words.WEAR, words.CLOTHES, words.COLORS + words.LOOKS, ("a", "own", "this", "of"), "nhpf"),
    Use(words.COOK, words.FOOD_MASS[2:], (), ("some", "the"), "nhpf"),
    Use(words.SEEK, words.THINGS + words.CLOTHES, words.COLORS, ("own", "the", "of"), "np"),
    Use(words.SEEK, words.ANIMALS[:2], words.FURS, ("own", "the", "of"), "np"),
    Use(words.FIND, words.THINGS + words.ANIMALS[:2], words.LOOKS, ("own", "the", "of"), "p"),
    Use(words.LOSE, words.THINGS + words.CLOTHES, (), ("own", "this", "of"), "p"),
    Use(words.OPEN, words.OPENINGS, words.LOOKS + words.COLORS, ("the", "this"), "npf"),
    Use(words.CLOSE, words.OPENINGS, words.LOOKS + words.COLORS, ("the", "this"), "npf"),
    Use(words.SEE, words.ANIMALS, words.SIZES + words.FURS, ("a", "the", "number", "some", "of"), "np"),
    Use(words.SEE, words.BUILDINGS, words.LOOKS, ("a", "the", "this"), "npf"),
    Use(words.VISIT, words.BUILDINGS, words.LOOKS, ("a", "the", "this"), "npf"),
    Use(words.DRAW, words.ANIMALS, words.SIZES + words.FURS, ("a", "the", "number"), "nhpf"),
)
_ALONE = (words.SLEEP, words.WORK, words.SING, words.DANCE, words.RUN, words.WALK, words.CRY, words.LAUGH)
_SLEEPING = (words.HOME, words.INDOORS[2], words.INDOORS[0], words.PUBLIC[1], words.PUBLIC[6])
_PLURAL_ONLY_WITH_MANY: tuple[Determiner, ...] = ("some", "the", "own", "this")


def subject(draw: Draw) -> Subject:
    """Return somebody: a pronoun, a name, one of the family or several people."""
    kind = draw.between(1, 20)
    if kind <= 11:
        return draw.pick(words.PRONOUNS)
    if kind <= 15:
        return draw.pick(words.NAMES)
    if kind <= 17:
        return draw.pick(words.CROWDS)
    return person(draw.pick(words.FAMILY), mine=True) if kind == 18 else person(draw.pick(words.PEOPLE), mine=False)


def somebody_else(draw: Draw) -> Subject:
    """Return one person who is not a pronoun: a name, one of the family, a stranger."""
    kind = draw.between(1, 4)
    if kind <= 2:
        return draw.pick(words.NAMES)
    return person(draw.pick(words.FAMILY), mine=True) if kind == 3 else person(draw.pick(words.PEOPLE), mine=False)


def thing(draw: Draw, use: Use, owner: Subject, mood: Mood = "plain") -> Phrase:
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
        whose = draw.pick(words.NAMES) if draw.chance(0.7) else person(draw.pick(words.FAMILY), mine=True)
        return noun_phrase(noun, "of", owner=whose)
    if determiner == "own" and use.verb is not words.WEAR and draw.chance(0.3):
        owner = draw.pick((words.PRONOUNS[0], words.PRONOUNS[2], words.PRONOUNS[8]))
    several = not noun.mass and determiner in _PLURAL_ONLY_WITH_MANY and (determiner == "some" or draw.chance(0.25))
    return noun_phrase(noun, determiner, adjective, 2 if several else 1, owner, bare=mood == "habit")


def deed(draw: Draw, owner: Subject, tense: str = "n", mood: Mood = "plain") -> Deed:
    """Return something that somebody does; `tense` is one of the letters of `Use`."""
    kind = draw.between(1, 20)
    if kind <= 11:
        use = draw.pick([use for use in USES if tense in use.tenses])
        return Deed(use.verb, thing(draw, use, owner, mood))
    if kind <= 13:
        return alone(draw, _ALONE)
    if kind <= 16:
        return trip(draw, habitual=tense == "h")
    if kind == 17:
        return Deed(words.PLAY, draw.pick(words.GAMES))
    if kind == 18 and tense in "nf":
        tongue = draw.pick(words.TONGUES)
        return Deed(words.LEARN, Phrase(f"le {tongue.french}", tongue.english))
    return Deed(draw.pick((words.AWAIT, words.HELP)), other_person(draw))


def alone(draw: Draw, verbs: Sequence[Verb]) -> Deed:
    """Return one of the verbs that take no object, with a place where it is done."""
    verb = draw.pick(verbs)
    if verb in (words.SLEEP, words.RUN, words.WALK):
        spot = draw.pick(_SLEEPING if verb is words.SLEEP else words.OUTDOORS)
        return Deed(verb, Phrase(spot.french, spot.at))
    return Deed(verb, place(draw))


def other_person(draw: Draw) -> Phrase:
    """Return a person as an object."""
    other = draw.pick(words.NAMES) if draw.chance(0.6) else person(draw.pick(words.FAMILY), mine=True)
    return Phrase(other.french, other.english)


def place(draw: Draw) -> Phrase:
    """Return where something is done."""
    kind = draw.between(1, 6)
    if kind == 1:
        return Phrase(words.HOME.french, words.HOME.at)
    spot = draw.pick(words.INDOORS if kind <= 3 else words.PUBLIC)
    return Phrase(spot.french, spot.at)


def trip(draw: Draw, habitual: bool = False) -> Deed:
    """Return a verb of going, staying or arriving with its place; a habit is always one of going."""
    ways = (words.GO, words.GO, words.GO, words.RETURN, words.STAY, words.ARRIVE)
    verb = words.GO if habitual else draw.pick(ways)
    spots = words.PUBLIC + words.ABROAD
    if verb is words.STAY:
        spot = draw.pick((*spots, words.HOME))
        return Deed(verb, Phrase(spot.french, spot.at))
    if verb is words.ARRIVE:
        spot = draw.pick(spots)
        return Deed(verb, Phrase(spot.french, spot.at))
    spot = draw.pick((*spots, words.HOME) if verb is words.RETURN else spots)
    return Deed(verb, Phrase(spot.french, spot.to))


def infinitive(draw: Draw, owner: Subject, mood: Mood = "plain") -> Phrase:
    """Return a deed as an infinitive, the English one without to."""
    verb, rest = deed(draw, owner, "h" if mood == "habit" else "f", mood)
    if verb in (words.CRY, words.LAUGH, words.ARRIVE):
        verb, rest = alone(draw, _ALONE[:6])
    return Phrase(spaced(verb.french, rest.french), spaced(verb.english, rest.english))


def timed(draw: Draw, phrase: Phrase, times: Sequence[Phrase], front: float = 0.25) -> Phrase:
    """Return the phrase with a time after it, or before it with a comma."""
    time = draw.pick(times)
    if draw.chance(front):
        return Phrase(f"{time.french}, {phrase.french}", f"{time.english}, {phrase.english}")
    return Phrase(spaced(phrase.french, time.french), spaced(phrase.english, time.english))


def with_place(draw: Draw, rest: Phrase, verb: Verb) -> Phrase:
    """Return the object, followed by a place if the deed can be done anywhere."""
    if verb not in (words.EAT, words.DRINK, words.READ, words.AWAIT, words.LISTEN, words.WRITE):
        return rest
    where = place(draw)
    return Phrase(spaced(rest.french, where.french), spaced(rest.english, where.english))


def clock(hour: int, minutes: int) -> Phrase:
    """Return the time of day in words: hour 0 (midnight) to 12 (noon), minutes a multiple of 5, up to 50.

    Above 30, both languages count from the next hour: moins le quart, a quarter to.
    """
    hour += minutes > 30
    hour_french = {0: "minuit", 12: "midi", 1: "une heure"}.get(hour, f"{french.number(hour)} heures")
    hour_english = {0: "midnight", 12: "noon"}.get(hour, words.HOURS[hour])
    if minutes == 0:
        return Phrase(hour_french, hour_english if hour in (0, 12) else f"{hour_english} o'clock")
    half = "et demi" if hour in (0, 12) else "et demie"
    french_part, english_part = {
        15: ("et quart", "a quarter past"),
        30: (half, "half past"),
        45: ("moins le quart", "a quarter to"),
        5: ("cinq", "five past"),
        10: ("dix", "ten past"),
        20: ("vingt", "twenty past"),
        40: ("moins vingt", "twenty to"),
        50: ("moins dix", "ten to"),
    }[minutes]
    return Phrase(f"{hour_french} {french_part}", f"{english_part} {hour_english}")


def say(
    subject: Subject, deed: Deed, tense: french.Tense = "present", habit: bool = False, rest: Phrase = EMPTY
) -> Phrase:
    """Return the plain statement that `subject` does the deed, followed by `rest`."""
    more = Phrase(spaced(deed.rest.french, rest.french), spaced(deed.rest.english, rest.english))
    return statement(Clause(subject, deed.verb, more, tense, habit=habit))
