"""One clause in both languages: its subject, verb, tense, polarity and the rest.

The rule for the present, so that every French sentence has one translation: an action "is being done"; a state, a
habit (souvent, tous les jours, quand), ne ... jamais and ne ... plus take the simple present.
"""

from typing import Literal, NamedTuple

from seq2seq.data.grammar import english, french
from seq2seq.data.grammar.lexicon import BE, GO, HAVE, PRONOUNS, Adjective, Noun, Phrase, Subject, Verb

Polarity = Literal["yes", "pas", "jamais", "plus"]
Determiner = Literal["a", "the", "some", "this", "number", "own", "none", "of"]

EMPTY = Phrase("", "")


class Clause(NamedTuple):
    """The meaning of a clause, before it is realised in French or in English."""

    subject: Subject
    verb: Verb
    rest: Phrase = EMPTY  # object, place and time, in their order
    tense: french.Tense = "present"
    polarity: Polarity = "yes"
    adverb: Phrase = EMPTY  # often, always: after the French finite verb, before the English main verb
    habit: bool = False


def aspect(clause: Clause) -> english.Aspect:
    """Return the English tense of a clause."""
    stative = clause.verb.stative or clause.verb.english == "be"
    match clause.tense:
        case "present":
            habitual = clause.habit or bool(clause.adverb.english) or clause.polarity in ("jamais", "plus")
            return "simple" if stative or habitual else "progressive"
        case "perfect":
            return "perfect" if clause.polarity == "jamais" else "past"
        case "imperfect":
            if stative:
                return "past"
            return "used to" if clause.habit else "past progressive"
        case "near future":
            return "going to"
        case "future":
            return "future"
        case "conditional":
            return "would"


def finite_parts(clause: Clause) -> tuple[str, str]:
    """Return the French finite verb and the participle or infinitive that goes with it."""
    subject, verb = clause.subject, clause.verb
    if clause.tense == "perfect":
        auxiliary = BE if verb.etre else HAVE
        return french.conjugate(auxiliary, "present", subject.person), french.participle(verb, subject)
    if clause.tense == "near future":
        infinitive = spaced(french.reflexive(verb, subject.person), verb.french)
        return french.conjugate(GO, "present", subject.person), infinitive
    return french.conjugate(verb, clause.tense, subject.person), ""


def in_french(clause: Clause) -> str:
    """Return the French statement in whole words, for `french.join`."""
    finite, other = finite_parts(clause)
    negation = "" if clause.polarity == "yes" else clause.polarity
    early = "" if clause.tense == "near future" else french.reflexive(clause.verb, clause.subject.person)
    words = [clause.subject.french, "ne" if negation else "", early, finite, negation, clause.adverb.french, other]
    return spaced(*words, clause.rest.french)


def in_french_inverted(clause: Clause) -> str:
    """Return the French question with the pronoun after the verb, for `french.join`."""
    finite, other = finite_parts(clause)
    early = "" if clause.tense == "near future" else french.reflexive(clause.verb, clause.subject.person)
    inverted = french.invert(finite, clause.subject.french)
    return spaced(early, inverted, clause.adverb.french, other, clause.rest.french)


def in_english(clause: Clause) -> str:
    """Return the English statement."""
    parts = english.predicate(clause.verb.english, aspect(clause), clause.subject.person)
    adverb = "never" if clause.polarity == "jamais" else clause.adverb.english
    if clause.polarity in ("pas", "plus"):
        middle = spaced(
            parts.auxiliary or parts.support, "not", adverb, parts.main if parts.auxiliary else parts.base
        )
        middle = middle.replace("can not", "cannot")
    else:
        middle = spaced(parts.auxiliary, adverb, parts.main)
    return spaced(
        clause.subject.english, middle, clause.rest.english, "anymore" if clause.polarity == "plus" else ""
    )


def in_english_inverted(clause: Clause) -> str:
    """Return the English question, with do where there is no auxiliary to invert."""
    parts = english.predicate(clause.verb.english, aspect(clause), clause.subject.person)
    main = parts.main if parts.auxiliary else parts.base
    return spaced(
        parts.auxiliary or parts.support, clause.subject.english, clause.adverb.english, main, clause.rest.english
    )


def statement(clause: Clause) -> Phrase:
    """Return the clause as a statement, without capital and stop."""
    return Phrase(in_french(clause), in_english(clause))


def question(clause: Clause, inverted: bool, wh: Phrase = EMPTY) -> Phrase:
    """Return the clause as a question, after a question word if there is one.

    Inversion needs a pronoun other than je; a clause without one takes est-ce que.
    """
    asked = in_english_inverted(clause)
    if inverted and clause.subject.pronoun and clause.subject.person != 0:
        return Phrase(spaced(wh.french, in_french_inverted(clause)), spaced(wh.english, asked))
    return Phrase(spaced(wh.french, "est-ce que", in_french(clause)), spaced(wh.english, asked))


def sentence(phrase: Phrase, stop: str = ".") -> Phrase:
    """Return a phrase joined, with a capital and a stop."""
    texts = (french.join(phrase.french), phrase.english)
    return Phrase(*(text[0].upper() + text[1:] + stop for text in texts))


def spaced(*words: str) -> str:
    """Return the words that are not empty, with a space between each."""
    return " ".join(word for word in words if word)


def pronoun(subject: Subject) -> Subject:
    """Return the pronoun that stands for `subject` in a second clause."""
    if subject.pronoun:
        return subject
    return next(p for p in PRONOUNS if (p.person, p.gender) == (subject.person, subject.gender))


def describe(subject: Subject, adjective: Adjective) -> Phrase:
    """Return `adjective` as it agrees with `subject`."""
    return Phrase(french.agree(adjective, subject.gender, subject.plural), adjective.english)


def owner_name(owner: Subject) -> str:
    """Return my, your, his, her, our or their."""
    return "her" if owner.person == 2 and owner.gender == "f" else english.OWNERS[owner.person]


def noun_phrase(
    noun: Noun,
    determiner: Determiner,
    adjective: Adjective | None = None,
    count: int = 1,
    owner: Subject = PRONOUNS[0],
    bare: bool = False,
) -> Phrase:
    """Return a noun with its determiner and adjective in both languages.

    count: above 1, the noun is plural; the determiner `number` says how many.
    owner: whose it is, for `own` (mon) and `of` (de Paul).
    bare: English leaves out some and any (a habit: "she often eats apples").
    """
    many = count > 1
    words = spaced(adjective.english if adjective else "", english.plural(noun.english) if many else noun.english)
    feminine = noun.gender == "f"
    match determiner:
        case "a":
            return Phrase(
                french.noun_group(noun, "une" if feminine else "un", adjective), f"{english.article(words)} {words}"
            )
        case "the":
            article = "les" if many else "la" if feminine else "le"
            return Phrase(french.noun_group(noun, article, adjective, many), f"the {words}")
        case "some":
            article = "des" if many else "de la" if feminine else "de le"
            return Phrase(french.noun_group(noun, article, adjective, many), words if bare else f"some {words}")
        case "this":
            article = "ces" if many else "cette" if feminine else "ce"
            return Phrase(
                french.noun_group(noun, article, adjective, many), f"{'these' if many else 'this'} {words}"
            )
        case "number":
            article = french.number(count, noun.gender)
            return Phrase(french.noun_group(noun, article, adjective, many), f"{english.number(count)} {words}")
        case "own":
            article = french.possessive(owner.person, noun.gender, many)
            return Phrase(french.noun_group(noun, article, adjective, many), f"{owner_name(owner)} {words}")
        case "of":
            article = "les" if many else "la" if feminine else "le"
            whose = f"{french.noun_group(noun, article, adjective, many)} de {owner.french}"
            return Phrase(whose, f"{owner.english}'s {words}")
        case "none":
            if bare:
                quantity = words
            elif many or noun.mass:
                quantity = f"any {words}"
            else:
                quantity = f"{english.article(words)} {words}"
            return Phrase(french.noun_group(noun, "de", adjective, many), quantity)


def person(noun: Noun, mine: bool) -> Subject:
    """Return a person as a subject: my brother, the king."""
    words = noun_phrase(noun, "own" if mine else "the")
    return Subject(words.french, words.english, 2, noun.gender, False)
