"""French forms: numbers, agreement, conjugation, and the joining of words (elision, contraction).

A sentence is first written with whole words ("je ne ai pas de amis à le Japon") and joined at the end.
"""

import re
import unicodedata
from typing import Literal

from seq2seq.data.grammar.lexicon import Adjective, Gender, Noun, Verb, table, words

Tense = Literal["present", "perfect", "imperfect", "near future", "future", "conditional"]

ASPIRATED = ("hamster", "hibou", "huit", "onze")  # no elision before these
_ELIDING = re.compile(r"\b([JjLlMmTtSsDdNn]e|[Ll]a|[Qq]ue) (?=(\S+))")
_CONTRACTING = re.compile(r"(?<!\S)(de|à) les?(?!\S)")
_CONTRACTIONS = {"de le": "du", "de les": "des", "à le": "au", "à les": "aux"}
_REFLEXIVES = ("me", "te", "se", "nous", "vous", "se")
_ER_ENDINGS = ("e", "es", "e", "ons", "ez", "ent")
_PAST_ENDINGS = ("ais", "ais", "ait", "ions", "iez", "aient")
_FUTURE_ENDINGS = ("ai", "as", "a", "ons", "ez", "ont")


def starts_with_vowel(word: str) -> bool:
    """Return whether le, de, que and the like are elided before `word`."""
    plain = unicodedata.normalize("NFD", word).lower()
    return plain == "y" or (plain[0] in "aeiouhœ" and not plain.startswith(ASPIRATED))


def join(text: str) -> str:
    """Return whole words joined as they are written: j'ai, l'ami, qu'elle, s'il, du, aux."""
    text = _ELIDING.sub(lambda m: m[1][:-1] + "'" if starts_with_vowel(m[2]) else m[0], text)
    text = re.sub(r"\b([Ss])i (?=ils?\b)", r"\1'", text)
    return _CONTRACTING.sub(lambda m: _CONTRACTIONS[m[0]], text)


def before(word: str, following: str) -> str:
    """Return the form of a masculine or possessive `word` in the singular before `following`: bel, cet, mon."""
    return table("before vowel").get(word, word) if starts_with_vowel(following) else word


def number(value: int, gender: Gender = "m") -> str:
    """Return `value` (0-99, or a year 1910-1999) in words, with une where a feminine noun follows."""
    if value >= 1900:
        return f"mille neuf cent {number(value - 1900)}"
    if value < 20:
        return "une" if value == 1 and gender == "f" else words("numbers", "french")[value]
    if value == 80:
        return "quatre-vingts"
    tens, unit = divmod(value, 10)
    base = "quatre-vingt" if value > 80 else words("numbers", "french_tens")[min(tens, 6) - 2]
    if tens in (7, 9):
        unit += 10
    if unit == 0:
        return base
    link = " et " if unit in (1, 11) and value < 80 else "-"
    return base + link + number(unit, gender)


def plural(word: str) -> str:
    """Return the plural of a noun or a masculine adjective."""
    if word.endswith(("s", "x", "z")):
        return word
    if word.endswith("al"):
        return word[:-1] + "ux"
    return word + ("x" if word.endswith("eau") else "s")


def agree(adjective: Adjective, gender: Gender, many: bool) -> str:
    """Return the form of `adjective` for a gender and number."""
    form = adjective.feminine if gender == "f" else adjective.french
    return plural(form) if many else form


def possessive(owner: int, gender: Gender, many: bool) -> str:
    """Return my, your, ... for an owner 0-5 and the gender and number of the noun; `before` turns ma into mon."""
    return words("french", "possessives")[3 * owner + (2 if many else gender == "f")]


def noun_group(noun: Noun, determiner: str, adjective: Adjective | None = None, many: bool = False) -> str:
    """Return determiner, noun and adjective in their order, the determiner already in its gender and number."""
    group = [plural(noun.french) if many else noun.french]
    if adjective is not None:
        form = agree(adjective, noun.gender, many)
        if adjective.before:
            group.insert(0, form if many else before(form, group[0]))
            determiner = "de" if many and determiner == "des" else determiner
        else:
            group.append(form)
    return " ".join([determiner if many else before(determiner, group[0]), *group]).strip()


def conjugate(verb: Verb, tense: Tense, person: int) -> str:
    """Return the finite form of `verb` in a simple tense, without its pronoun."""
    forms = verb.present.split() or [verb.french[:-2] + ending for ending in _ER_ENDINGS]
    if tense == "present":
        return forms[person]
    if tense == "imperfect":
        stem = "ét" if verb.french == "être" else forms[3].removesuffix("ons")
        if stem.endswith("ge") and _PAST_ENDINGS[person][0] == "i":
            stem = stem[:-1]
        return stem + _PAST_ENDINGS[person]
    stem = verb.future or verb.french.removesuffix("e")
    return stem + (_FUTURE_ENDINGS if tense == "future" else _PAST_ENDINGS)[person]


def participle(verb: Verb, gender: Gender, many: bool) -> str:
    """Return the past participle as it agrees with a gender and number."""
    form = verb.participle + ("e" if gender == "f" else "")
    return form + ("s" if many and not form.endswith("s") else "")


def reflexive(verb: Verb, person: int) -> str:
    """Return me, te, se, ... for a reflexive verb, otherwise ""."""
    return _REFLEXIVES[person] if verb.reflexive else ""


def invert(finite: str, pronoun: str) -> str:
    """Return verb and pronoun inverted for a question: manges-tu, mange-t-il."""
    link = "-t-" if finite[-1] in "aec" and pronoun[0] in "aeiou" else "-"
    return f"{finite}{link}{pronoun}"
