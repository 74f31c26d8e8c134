"""Phrases, and one clause in both languages: its subject, verb, tense, polarity and the rest.

The rule for the present, so that every French sentence has one translation: an action "is being done"; a state, a
habit (souvent, tous les jours, quand), ne ... jamais and ne ... plus take the simple present.
"""

from typing import Literal, NamedTuple

from seq2seq.data.grammar import english, french
from seq2seq.data.grammar.lexicon import Adjective, Noun, Phrase, Subject, Verb, subjects, verb

Polarity = Literal["yes", "pas", "jamais", "plus"]
Determiner = Literal["a", "the", "some", "this", "number", "own", "none", "of"]
EMPTY = Phrase()
_ARTICLES = {  # masculine, feminine, plural
    "a": ("un", "une", ""),
    "the": ("le", "la", "les"),
    "of": ("le", "la", "les"),
    "some": ("de le", "de la", "des"),
    "this": ("ce", "cette", "ces"),
    "none": ("de", "de", "de"),
}


class Clause(NamedTuple):
    """The meaning of a clause, before it is realised in French or in English."""

    subject: Subject
    verb: Verb
    rest: Phrase = EMPTY  # object, place and time, in their order
    tense: french.Tense = "present"
    polarity: Polarity = "yes"
    adverb: Phrase = EMPTY  # often, always: after the French finite verb, before the English main verb
    habit: bool = False
    clitic: Phrase = EMPTY  # a pronoun as object: before the French finite verb, after the English main verb


def spaced(*words: str) -> str:
    """Return the words that are not empty, with a space between each."""
    return " ".join(word for word in words if word)


def joined(*phrases: Phrase) -> Phrase:
    """Return the phrases that are not empty, with a space between each."""
    return Phrase(*(spaced(*side) for side in zip(*phrases, strict=True)))


def fill(template: str, *phrases: Phrase) -> Phrase:
    """Return a template of both languages ("si {}, {} / if {}, {}") with phrases in its braces."""
    sides = zip(*phrases, strict=True)
    return Phrase(*(half.format(*side) for half, side in zip(template.split(" / "), sides, strict=True)))


def aspect(clause: Clause) -> english.Aspect:
    """Return the English tense of a clause."""
    stative = clause.verb.stative or clause.verb.english == "be"
    habitual = clause.habit or bool(clause.adverb.english) or clause.polarity in ("jamais", "plus")
    aspects: dict[french.Tense, english.Aspect] = {
        "present": "simple" if stative or habitual else "progressive",
        "perfect": "perfect" if clause.polarity == "jamais" else "past",
        "imperfect": "past" if stative else "used to" if clause.habit else "past progressive",
        "near future": "going to",
        "future": "future",
        "conditional": "would",
    }
    return aspects[clause.tense]


def _in_french(clause: Clause, inverted: bool = False) -> str:
    """Return the clause in whole words, for `french.join`; inverted: with the pronoun after the verb."""
    subject, named = clause.subject, clause.verb
    early, late, finite = french.reflexive(named, subject.person), "", ""
    if clause.tense == "perfect":
        finite = french.conjugate(verb("be" if named.etre else "have"), "present", subject.person)
        late = french.participle(named, subject.gender, subject.plural) if named.etre else named.participle
    elif clause.tense == "near future":
        finite = french.conjugate(verb("go"), "present", subject.person)
        early, late = "", spaced(early, named.french)
    else:
        finite = french.conjugate(named, clause.tense, subject.person)
    if inverted:
        return spaced(early, french.invert(finite, subject.french), clause.adverb.french, late, clause.rest.french)
    ne, pas = ("", "") if clause.polarity == "yes" else ("ne", clause.polarity)
    before = (subject.french, ne, early, clause.clitic.french)
    return spaced(*before, finite, pas, clause.adverb.french, late, clause.rest.french)


def _in_english(clause: Clause, inverted: bool = False) -> str:
    """Return the clause; inverted: as a question, with do where there is no auxiliary to invert."""
    parts = english.predicate(clause.verb.english, aspect(clause), clause.subject.person)
    rest = spaced(clause.clitic.english, clause.rest.english, "anymore" if clause.polarity == "plus" else "")
    adverb = "never" if clause.polarity == "jamais" else clause.adverb.english
    negated = clause.polarity in ("pas", "plus")
    supported = negated or inverted
    auxiliary = parts.auxiliary or (parts.support if supported else "")
    main = parts.base if supported and not parts.auxiliary else parts.main
    if inverted:
        return spaced(auxiliary, clause.subject.english, adverb, main, rest)
    middle = spaced(auxiliary, "not" if negated else "", adverb, main).replace("can not", "cannot")
    return spaced(clause.subject.english, middle, rest)


def statement(clause: Clause) -> Phrase:
    """Return the clause as a statement, without capital and stop."""
    return Phrase(_in_french(clause), _in_english(clause))


def question(clause: Clause, inverted: bool, wh: Phrase = EMPTY) -> Phrase:
    """Return the clause as a question, after a question word if there is one.

    Inversion needs a pronoun other than je; a clause without one takes est-ce que.
    """
    inverted = inverted and clause.subject.pronoun and clause.subject.person != 0
    asked = _in_french(clause, inverted=True) if inverted else f"est-ce que {_in_french(clause)}"
    return joined(wh, Phrase(asked, _in_english(clause, inverted=True)))


def sentence(phrase: Phrase, stop: str = ".") -> Phrase:
    """Return a phrase joined, with a capital and a stop."""
    texts = (french.join(phrase.french), phrase.english)
    return Phrase(*(text[0].upper() + text[1:] + stop for text in texts))


def pronoun(subject: Subject) -> Subject:
    """Return the pronoun that stands for `subject` in a second clause."""
    same = (p for p in subjects("pronouns") if (p.person, p.gender) == (subject.person, subject.gender))
    return subject if subject.pronoun else next(same)


def describe(subject: Subject, adjective: Adjective, degree: Phrase = EMPTY) -> Phrase:
    """Return `adjective` as it agrees with `subject`, after its degree."""
    return joined(degree, Phrase(french.agree(adjective, subject.gender, subject.plural), adjective.english))


def noun_phrase(
    noun: Noun,
    determiner: Determiner,
    adjective: Adjective | None = None,
    count: int = 1,
    owner: Subject | None = None,
    bare: bool = False,
) -> Phrase:
    """Return a noun with its determiner and adjective in both languages.

    count: above 1, the noun is plural; the determiner `number` says how many.
    owner: whose it is, for `own` (mon) and `of` (de Paul); without one, mine.
    bare: English leaves out some and any (a habit: "she often eats apples").
    """
    many, owner = count > 1, owner or subjects("pronouns")[0]
    words = spaced(adjective.english if adjective else "", english.plural(noun.english) if many else noun.english)
    if determiner == "number":
        article = french.number(count, noun.gender)
    elif determiner == "own":
        article = french.possessive(owner.person, noun.gender, many)
    else:
        article = _ARTICLES[determiner][2 if many else noun.gender == "f"]
    mine = "her" if owner.person == 2 and owner.gender == "f" else english.OWNERS[owner.person]
    quantity = {
        "a": english.article(words),
        "the": "the",
        "some": "" if bare else "some",
        "this": "these" if many else "this",
        "number": english.number(count),
        "own": mine,
        "of": f"{owner.english}'s",
        "none": "" if bare else "any" if many or noun.mass else english.article(words),
    }[determiner]
    group = french.noun_group(noun, article, adjective, many)
    return Phrase(f"{group} de {owner.french}" if determiner == "of" else group, spaced(quantity, words))


def person(noun: Noun, mine: bool) -> Subject:
    """Return a person as a subject: my brother, the king."""
    return Subject(*noun_phrase(noun, "own" if mine else "the"), 2, noun.gender)


def thing(noun: Noun, words: Phrase, many: bool) -> Subject:
    """Return a thing as a subject; words: the noun with its determiner."""
    return Subject(*words, 5 if many else 2, noun.gender)
