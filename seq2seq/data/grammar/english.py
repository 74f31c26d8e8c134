"""English forms: numbers, plurals, a or an, comparison and the parts of a verb, all without contractions."""

from typing import Literal, NamedTuple

Aspect = Literal[
    "simple", "progressive", "past", "past progressive", "perfect", "used to", "future", "going to", "would"
]

_UNITS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_PLURALS = {
    "child": "children", "man": "men", "woman": "women", "mouse": "mice", "scarf": "scarves", "tomato": "tomatoes",
}  # fmt: skip
_PASTS = {  # base: past, participle
    "be": ("was", "been"), "have": ("had", "had"), "go": ("went", "gone"), "do": ("did", "done"),
    "eat": ("ate", "eaten"), "drink": ("drank", "drunk"), "read": ("read", "read"), "write": ("wrote", "written"),
    "buy": ("bought", "bought"), "sell": ("sold", "sold"), "wear": ("wore", "worn"), "find": ("found", "found"),
    "lose": ("lost", "lost"), "know": ("knew", "known"), "see": ("saw", "seen"), "speak": ("spoke", "spoken"),
    "sleep": ("slept", "slept"), "sing": ("sang", "sung"), "run": ("ran", "run"), "leave": ("left", "left"),
    "fall": ("fell", "fallen"), "get": ("got", "gotten"), "draw": ("drew", "drawn"),
}  # fmt: skip
_DOUBLING = ("run", "get", "sad", "big", "hot")
_BE = ("am", "are", "is", "are", "are", "are")
_WAS = ("was", "were", "was", "were", "were", "were")
_ONE_SYLLABLE = (
    "tall",
    "rich",
    "young",
    "kind",
    "strong",
    "smart",
    "old",
    "small",
    "big",
    "new",
    "pretty",
    "funny",
)
OBJECTS = ("me", "you", "him", "us", "you", "them")
OWNERS = ("my", "your", "his", "our", "your", "their")


class Predicate(NamedTuple):
    """A verb in two parts: the auxiliary, which questions invert and "not" follows, and the rest."""

    auxiliary: str  # empty where English adds do
    main: str
    support: str  # the form of do where the auxiliary is empty
    base: str


def number(value: int) -> str:
    """Return `value` (0-99, or a year 1910-1999) in words."""
    if value >= 1900:
        return f"nineteen {number(value - 1900)}"
    if value < 20:
        return _UNITS[value]
    tens, unit = divmod(value, 10)
    return _TENS[tens] + (f"-{_UNITS[unit]}" if unit else "")


def plural(word: str) -> str:
    """Return the plural of a noun."""
    if word in _PLURALS:
        return _PLURALS[word]
    return _add_s(word)


def article(word: str) -> str:
    """Return `a` or `an`, as the word that follows sounds."""
    return "an" if word[0] in "aeiou" and not word.startswith(("uni", "use", "one", "eu")) else "a"


def comparative(adjective: str) -> str:
    """Return the comparative: taller, more serious."""
    if adjective not in _ONE_SYLLABLE:
        return f"more {adjective}"
    return _stem(adjective, "er") + "er"


def superlative(adjective: str) -> str:
    """Return the superlative: tallest, most serious."""
    if adjective not in _ONE_SYLLABLE:
        return f"most {adjective}"
    return _stem(adjective, "est") + "est"


def third(verb: str) -> str:
    """Return the third person singular: goes, looks for."""
    first, *rest = verb.split()
    return " ".join([{"be": "is", "have": "has"}.get(first) or _add_s(first), *rest])


def ing(verb: str) -> str:
    """Return the verb in -ing: going, looking for."""
    first, *rest = verb.split()
    return " ".join([(first if first in ("be", "see") else _stem(first, "ing")) + "ing", *rest])


def past(verb: str) -> str:
    """Return the simple past: went, looked for."""
    return _past(verb, 0)


def participle(verb: str) -> str:
    """Return the past participle: gone, looked for."""
    return _past(verb, 1)


def predicate(verb: str, aspect: Aspect, person: int) -> Predicate:
    """Return the parts of `verb` for a person 0-5; `be` and `can` are their own auxiliaries."""
    if verb == "can" and aspect == "simple":
        return Predicate("can", "", "", "")
    if verb.split()[0] == "be" and aspect in ("simple", "past"):
        rest = verb.removeprefix("be").strip()
        return Predicate((_BE if aspect == "simple" else _WAS)[person], rest, "", rest)
    match aspect:
        case "simple":
            return Predicate("", third(verb) if person == 2 else verb, "does" if person == 2 else "do", verb)
        case "past":
            return Predicate("", past(verb), "did", verb)
        case "used to":
            return Predicate("", f"used to {verb}", "did", f"use to {verb}")
        case "progressive":
            return Predicate(_BE[person], ing(verb), "", "")
        case "past progressive":
            return Predicate(_WAS[person], ing(verb), "", "")
        case "perfect":
            return Predicate("has" if person == 2 else "have", participle(verb), "", "")
        case "future":
            return Predicate("will", verb, "", "")
        case "going to":
            return Predicate(_BE[person], f"going to {verb}", "", "")
        case "would":
            return Predicate("would", verb, "", "")


def _add_s(word: str) -> str:
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) or word in ("go", "do") else "s")


def _past(verb: str, form: Literal[0, 1]) -> str:
    first, *rest = verb.split()
    regular = _stem(first, "ed") + "ed"
    return " ".join([_PASTS.get(first, (regular, regular))[form], *rest])


def _stem(word: str, ending: str) -> str:
    """Return `word` ready for -ing, -ed, -er or -est: danc(ing), runn(ing), cri(ed)."""
    if word in _DOUBLING:
        return word + word[-1]
    if word.endswith("e"):
        return word[:-1]
    if word.endswith("y") and word[-2] not in "aeiou" and ending != "ing":
        return word[:-1] + "i"
    return word
