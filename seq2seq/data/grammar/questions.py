"""Questions: yes or no, where, when, why, what, which, how many, how old.

Each function draws one sentence and its translation, complete with capital and stop.
"""

from seq2seq.data.grammar import english, french
from seq2seq.data.grammar import lexicon as words
from seq2seq.data.grammar.clauses import (
    Clause,
    describe,
    in_english_inverted,
    noun_phrase,
    question,
    sentence,
    spaced,
)
from seq2seq.data.grammar.deeds import USES, Draw, deed, say, somebody_else, subject, timed
from seq2seq.data.grammar.lexicon import BE, HAVE, Phrase, Subject, Verb
from seq2seq.data.grammar.scenes import OWNERS
from seq2seq.data.grammar.statements import FEEL, TENSES


def _asked_about(draw: Draw) -> Subject:
    """Return somebody one asks questions about: nobody asks whether I am hungry."""
    who = subject(draw)
    return draw.pick(words.PRONOUNS[2:6] + words.PRONOUNS[8:]) if who.person in (0, 3) else who


def asking(draw: Draw) -> Phrase:
    """Est-ce que Marie a vu le musée? Manges-tu une pomme?"""
    who = _asked_about(draw)
    if draw.chance(0.2):
        rest = describe(who, draw.pick(words.MOODS)) if draw.chance(0.5) else draw.pick(words.FEELINGS)
        verb = BE if rest not in words.FEELINGS else FEEL
        return sentence(question(Clause(who, verb, rest), draw.chance(0.5)), "?")
    letter = draw.pick("nnppf")
    verb, rest = deed(draw, who, letter)
    phrase = question(Clause(who, verb, rest, TENSES[letter][0]), draw.chance(0.5))
    return sentence(timed(draw, phrase, TENSES[letter][1], 0) if draw.chance(0.25) else phrase, "?")


def asking_where(draw: Draw) -> Phrase:
    """Où vas-tu? Où sont mes clés? Quand est-ce que Paul est parti?"""
    kind = draw.between(1, 5)
    who, inverted = _asked_about(draw), draw.chance(0.5)
    tense: french.Tense = draw.pick(("present", "perfect", "near future"))
    if kind == 1:
        noun, many = draw.pick(words.THINGS + words.CLOTHES + words.ANIMALS), draw.chance(0.3)
        what = noun_phrase(noun, draw.pick(("own", "the")), count=2 if many else 1, owner=draw.pick(OWNERS))
        return sentence(
            Phrase(
                f"où {'sont' if many else 'est'} {what.french}", f"where {'are' if many else 'is'} {what.english}"
            ),
            "?",
        )
    if kind == 2:
        verb = draw.pick((words.GO, words.WORK, words.SLEEP, words.DANCE, words.PLAY, words.RUN))
        return sentence(question(Clause(who, verb, tense=tense), inverted, Phrase("où", "where")), "?")
    if kind == 3:
        return sentence(question(Clause(who, words.LIVE), inverted, Phrase("où", "where")), "?")
    if kind == 4:
        verb = draw.pick((words.LEAVE, words.ARRIVE, words.OUT))
        return sentence(question(Clause(who, verb, tense=tense), inverted, Phrase("quand", "when")), "?")
    verb = draw.pick((words.CRY, words.LAUGH, words.RUN, words.SING, words.DANCE, words.WORK, words.LEAVE))
    return sentence(question(Clause(who, verb, tense=tense), inverted, Phrase("pourquoi", "why")), "?")


def asking_what(draw: Draw) -> Phrase:
    """Qu'est-ce que Paul a acheté? Quel livre lis-tu? Combien de pommes as-tu mangées? Qui chante?"""
    who, kind = _asked_about(draw), draw.between(1, 4)
    tense: french.Tense = draw.pick(("present", "perfect"))
    use = draw.pick(
        [use for use in USES if use.adjectives and use.verb not in (words.OPEN, words.CLOSE, words.WEAR)]
    )
    verb = use.verb
    if verb in (words.LOSE, words.FIND):
        tense = "perfect"
    if kind == 1:
        asker = Subject("qui", "who", 2, "m", False)
        one = deed(draw, words.PRONOUNS[0], "p" if tense == "perfect" else "n")
        return sentence(say(asker, one, tense), "?")
    clause = Clause(who, verb, tense=tense)
    if kind == 2:
        if verb is words.LOOK:  # que regardes-tu is "what are you watching"
            clause = clause._replace(verb=words.WATCH)
        what = Phrase("que", "what")
        if not (who.pronoun and who.person != 0 and draw.chance(0.5)):
            asked = question(clause, False, Phrase("que", "what"))
            return sentence(asked, "?")
        return sentence(question(clause, True, what), "?")
    noun = draw.pick([noun for noun in use.nouns if not noun.mass] or words.FOOD)
    if noun.english in [n.english for n in words.FOOD]:
        verb = draw.pick((words.EAT, words.BUY))
    many = kind == 4 or draw.chance(0.2)
    clause = Clause(who, _agreeing(verb, noun.gender == "f", many), tense=tense)
    head = french.plural(noun.french) if many else noun.french
    plain = english.plural(noun.english) if many else noun.english
    if kind == 3:
        which = ("quelle" if noun.gender == "f" else "quel") + ("s" if many else "")
        wh = Phrase(f"{which} {head}", f"which {plain}")
    else:
        if verb is words.BUY or noun in words.ANIMALS + words.THINGS:
            clause = Clause(who, HAVE) if verb is not words.BUY else clause
        wh = Phrase(f"combien de {head}", f"how many {plain}")
    return sentence(question(clause, draw.chance(0.6), wh), "?")


def _agreeing(verb: Verb, feminine: bool, many: bool) -> Verb:
    """Return `verb`, its participle agreeing with a preceding object: quelles pommes ... mangées."""
    form = (verb.participle or verb.french[:-2] + "é") + ("e" if feminine else "")
    return verb._replace(participle=form + ("s" if many and not form.endswith("s") else ""))


def asking_age(draw: Draw) -> Phrase:
    """Quel âge a-t-il? Quel âge a ta sœur? Comment s'appelle ton frère?"""
    who = draw.pick(words.PRONOUNS[2:6] + words.PRONOUNS[8:]) if draw.chance(0.4) else somebody_else(draw)
    how_old = spaced("how old", in_english_inverted(Clause(who, BE)))
    if who.pronoun:
        asked = french.invert(french.conjugate(HAVE, "present", who.person), who.french)
        return sentence(Phrase(f"quel âge {asked}", how_old), "?")
    if draw.chance(0.5) or who in words.NAMES:
        return sentence(Phrase(f"quel âge a {who.french}", how_old), "?")
    noun = draw.pick(words.FAMILY + words.ANIMALS[:2])
    whose = noun_phrase(noun, "own", owner=draw.pick(OWNERS))
    return sentence(Phrase(f"comment se appelle {whose.french}", f"what is {whose.english}'s name"), "?")
