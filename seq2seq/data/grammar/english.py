"""English forms: numbers, plurals, a or an, comparison and the parts of a verb, all without contractions."""

from functools import cache
from typing import Literal, NamedTuple

from seq2seq.data.grammar.lexicon import rows, words

Aspect = Literal[
    "simple", "progressive", "past", "past progressive", "perfect", "used to", "future", "going to", "would"
]
_BE, _WAS = ("am", "are", "is", "are", "are", "are"), ("was", "were", "was", "were", "were", "were")
OBJECTS = ("me", "you", "him", "us", "you", "them")
OWNERS = ("my", "your", "his", "our", "your", "their")


class Predicate(NamedTuple):
    """A verb in two parts: the auxiliary, which questions invert and "not" follows, and the rest."""

    auxiliary: str  # empty where English adds do
    main: str
    support: str = ""  # the form of do where the auxiliary is empty
    base: str = ""


@cache
def _irregular(name: str) -> dict[str, list[str]]:
    return {base: forms for base, *forms in rows("english", name)}


def number(value: int) -> str:
    """Return `value` (0-99, or a year 1910-1999) in words."""
    if value >= 1900:
        return f"nineteen {number(value - 1900)}"
    if value < 20:
        return words("numbers", "english")[value]
    tens, unit = divmod(value, 10)
    return words("numbers", "english_tens")[tens - 2] + (f"-{number(unit)}" if unit else "")


def plural(word: str) -> str:
    """Return the plural of a noun."""
    return _irregular("plurals").get(word, [_add_s(word)])[0]


def article(word: str) -> str:
    """Return `a` or `an`, as the word that follows sounds."""
    return "an" if word[0] in "aeiou" and not word.startswith(("uni", "use", "one", "eu")) else "a"


def compare(adjective: str, ending: Literal["er", "est"]) -> str:
    """Return the comparative or superlative: taller, more serious, most serious."""
    if adjective not in words("english", "one_syllable"):
        return f"{'more' if ending == 'er' else 'most'} {adjective}"
    return _stem(adjective, ending) + ending


def third(verb: str) -> str:
    """Return the third person singular: goes, looks for."""
    first, *rest = verb.split()
    return " ".join([{"be": "is", "have": "has"}.get(first) or _add_s(first), *rest])


def ing(verb: str) -> str:
    """Return the verb in -ing: going, looking for."""
    first, *rest = verb.split()
    return " ".join([(first if first in ("be", "see") else _stem(first, "ing")) + "ing", *rest])


def past(verb: str, form: Literal[0, 1] = 0) -> str:
    """Return the simple past (went, looked for), or with form 1 the past participle (gone)."""
    first, *rest = verb.split()
    regular = _stem(first, "ed") + "ed"
    return " ".join([_irregular("pasts").get(first, [regular, regular])[form], *rest])


@cache
def predicate(verb: str, aspect: Aspect, person: int) -> Predicate:
    """Return the parts of `verb` for a person 0-5; `be` and `can` are their own auxiliaries."""
    if verb == "can" and aspect == "simple":
        return Predicate("can", "")
    if verb.split()[0] == "be" and aspect in ("simple", "past"):
        rest = verb.removeprefix("be").strip()
        return Predicate((_BE if aspect == "simple" else _WAS)[person], rest, "", rest)
    he = person == 2
    return {
        "simple": Predicate("", third(verb) if he else verb, "does" if he else "do", verb),
        "past": Predicate("", past(verb), "did", verb),
        "used to": Predicate("", f"used to {verb}", "did", f"use to {verb}"),
        "progressive": Predicate(_BE[person], ing(verb)),
        "past progressive": Predicate(_WAS[person], ing(verb)),
        "perfect": Predicate("has" if he else "have", past(verb, 1)),
        "future": Predicate("will", verb),
        "going to": Predicate(_BE[person], f"going to {verb}"),
        "would": Predicate("would", verb),
    }[aspect]


def _add_s(word: str) -> str:
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) or word in ("go", "do") else "s")


def _stem(word: str, ending: str) -> str:
    """Return `word` ready for -ing, -ed, -er or -est: danc(ing), runn(ing), cri(ed)."""
    if word in words("english", "doubling"):
        return word + word[-1]
    if word.endswith("e"):
        return word[:-1]
    if word.endswith("y") and word[-2] not in "aeiou" and ending != "ing":
        return word[:-1] + "i"
    return word
