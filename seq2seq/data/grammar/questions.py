"""Questions: yes or no, where, when, why, what, which, how many, how old.

Each function draws one sentence and its translation, complete with capital and stop.
"""

from seq2seq.data.grammar import english, french
from seq2seq.data.grammar.clauses import Clause, Determiner, describe, fill, noun_phrase, question, sentence
from seq2seq.data.grammar.deeds import Draw, deed, say, somebody_else, subject, timed, uses
from seq2seq.data.grammar.lexicon import Phrase, Subject, nouns, subjects, verb, verbs
from seq2seq.data.grammar.scenes import owner
from seq2seq.data.grammar.statements import TENSES

_WHERE = "go, work, sleep, dance, play, run"
_WHY = "cry, laugh, run, sing, dance, work, leave"


def _second_or_third(draw: Draw) -> Subject:
    return draw.pick(subjects("pronouns")[2:6] + subjects("pronouns")[8:])


def _asked_about(draw: Draw) -> Subject:
    """Return somebody one asks questions about: nobody asks whether I am hungry."""
    who = subject(draw)
    return _second_or_third(draw) if who.person in (0, 3) else who


def asking(draw: Draw) -> Phrase:
    """Est-ce que Marie a vu le musée? Manges-tu une pomme?"""
    who = _asked_about(draw)
    if draw.chance(0.2):
        moody = draw.chance(0.5)
        rest = describe(who, draw.adjective("moods")) if moody else draw.phrase("feelings")
        felt = verb("be") if moody else verb("have", "be")
        return sentence(question(Clause(who, felt, rest), draw.chance(0.5)), "?")
    letter = draw.pick("nnppf")
    tense, times = TENSES[letter]
    phrase = question(Clause(who, *deed(draw, who, letter), tense), draw.chance(0.5))
    return sentence(timed(draw, phrase, times, 0) if draw.chance(0.25) else phrase, "?")


def asking_where(draw: Draw) -> Phrase:
    """Où vas-tu? Où sont mes clés? Quand est-ce que Paul est parti?"""
    kind = draw.between(1, 5)
    who, inverted = _asked_about(draw), draw.chance(0.5)
    tense: french.Tense = draw.pick(("present", "perfect", "near future"))
    if kind == 1:
        noun, many = draw.noun("things clothes animals"), draw.chance(0.3)
        determiner: Determiner = draw.pick(("own", "the"))
        what = noun_phrase(noun, determiner, count=2 if many else 1, owner=owner(draw))
        return sentence(fill("où sont {} / where are {}" if many else "où est {} / where is {}", what), "?")
    if kind == 3:
        return sentence(question(Clause(who, verb("live")), inverted, Phrase("où", "where")), "?")
    options, asked = {
        2: (_WHERE, Phrase("où", "where")),
        4: ("leave, arrive, go out", Phrase("quand", "when")),
        5: (_WHY, Phrase("pourquoi", "why")),
    }[kind]
    return sentence(question(Clause(who, draw.verb(options), tense=tense), inverted, asked), "?")


def asking_what(draw: Draw) -> Phrase:
    """Qu'est-ce que Paul a acheté? Quel livre lis-tu? Combien de pommes as-tu mangées? Qui chante?"""
    who, kind = _asked_about(draw), draw.between(1, 4)
    tense: french.Tense = draw.pick(("present", "perfect"))
    use = draw.pick([use for use in uses() if use.adjectives and use.verb not in verbs("open, close, wear")])
    does = use.verb
    if does in verbs("lose, find"):
        tense = "perfect"
    if kind == 1:
        one = deed(draw, subjects("pronouns")[0], "p" if tense == "perfect" else "n")
        return sentence(say(subjects("who")[0], one, tense), "?")
    if kind == 2:
        if does == verb("look at"):  # que regardes-tu is "what are you watching"
            does = verb("watch")
        inverted = who.pronoun and who.person != 0 and draw.chance(0.5)
        return sentence(question(Clause(who, does, tense=tense), inverted, Phrase("que", "what")), "?")
    noun = draw.pick([noun for noun in use.nouns if not noun.mass] or nouns("food"))
    if noun in nouns("food"):
        does = draw.verb("eat, buy")
    many = kind == 4 or draw.chance(0.2)
    named = (
        Phrase(french.plural(noun.french), english.plural(noun.english))
        if many
        else Phrase(noun.french, noun.english)
    )
    if kind == 3:
        which = f"quel{'le' if noun.gender == 'f' else ''}{'s' if many else ''}"
        wh = fill(f"{which} {{}} / which {{}}", named)
    else:
        if does != verb("buy") and noun in nouns("animals things"):
            does, tense = verb("have"), "present"
        wh = fill("combien de {} / how many {}", named)
    # The participle agrees with the object before it: quelles pommes as-tu mangées.
    asked = does._replace(participle=french.participle(does, noun.gender, many))
    return sentence(question(Clause(who, asked, tense=tense), draw.chance(0.6), wh), "?")


def asking_age(draw: Draw) -> Phrase:
    """Quel âge a-t-il? Quel âge a ta sœur? Comment s'appelle ton frère?"""
    who = _second_or_third(draw) if draw.chance(0.4) else somebody_else(draw)
    how_old = question(Clause(who, verb("be")), inverted=False, wh=Phrase("", "how old")).english
    if who.pronoun:
        asked = french.invert(french.conjugate(verb("have"), "present", who.person), who.french)
        return sentence(Phrase(f"quel âge {asked}", how_old), "?")
    if draw.chance(0.5) or who in subjects("names"):
        return sentence(Phrase(f"quel âge a {who.french}", how_old), "?")
    noun = draw.noun("family animals[:2]")
    return sentence(
        fill("comment se appelle {} / what is {}'s name", noun_phrase(noun, "own", owner=owner(draw))), "?"
    )
