"""Sentences of two clauses: because, but, when, if.

Each function draws one sentence and its translation, complete with capital and stop.
"""

from typing import NamedTuple

from seq2seq.data.grammar import lexicon as words
from seq2seq.data.grammar.clauses import (
    EMPTY,
    Clause,
    Polarity,
    describe,
    noun_phrase,
    pronoun,
    sentence,
    statement,
)
from seq2seq.data.grammar.deeds import Draw, alone, deed, infinitive, place, say, somebody_else, subject
from seq2seq.data.grammar.lexicon import BE, Phrase, Verb
from seq2seq.data.grammar.scenes import WEATHER, WHEN_IT
from seq2seq.data.grammar.statements import FEEL


class _Reason(NamedTuple):
    """Why somebody does something: a state (être), a feeling (avoir), or the weather."""

    verb: Verb
    phrase: Phrase
    adjective: words.Adjective | None = None


def _at(verb: Verb, spot: words.Place) -> tuple[Verb, Phrase]:
    return verb, Phrase(spot.french, spot.at)


def _all(verb: Verb, nouns: tuple[words.Noun, ...]) -> tuple[tuple[Verb, Phrase], ...]:
    return tuple((verb, noun_phrase(noun, "some" if noun.mass else "a")) for noun in nouns)


_REST = (
    _at(words.STAY, words.HOME),
    _at(words.SLEEP, words.INDOORS[2]),
    (words.RETURN, Phrase("à la maison", "home")),
)


_WORKING = tuple(_at(words.WORK, spot) for spot in (words.HOME, *words.INDOORS[:2], *words.PUBLIC))


_DANCING = tuple(_at(words.DANCE, spot) for spot in words.INDOORS + words.PUBLIC[:3])


_LEAVING = ((words.OUT, EMPTY), *(_at(words.RUN, spot) for spot in words.OUTDOORS))


_SINGING = tuple(
    _at(v, s) for v in (words.SING, words.DANCE, words.LAUGH) for s in words.INDOORS + words.PUBLIC[:3]
)


_CRYING = tuple(_at(words.CRY, s) for s in words.INDOORS + words.PUBLIC[:4])


_Deeds = tuple[tuple[Verb, Phrase], ...]


_REASONS: tuple[tuple[_Reason, _Deeds, _Deeds], ...] = (
    (
        _Reason(BE, EMPTY, words.MOODS[0]),
        _REST + _all(words.DRINK, words.DRINKS[2:4]),
        _WORKING + _DANCING,
    ),
    (_Reason(BE, EMPTY, words.MOODS[1]), _SINGING, ()),
    (_Reason(BE, EMPTY, words.MOODS[2]), _CRYING, _SINGING),
    (
        _Reason(BE, EMPTY, words.MOODS[3]),
        (_REST[0], _at(words.STAY, words.PUBLIC[6])),
        _WORKING + _LEAVING,
    ),
    (_Reason(FEEL, words.FEELINGS[0]), _all(words.EAT, words.FOOD + words.FOOD_MASS), ()),
    (_Reason(FEEL, words.FEELINGS[1]), _all(words.DRINK, words.DRINKS[:2] + words.DRINKS[3:4]), ()),
    (
        _Reason(FEEL, words.FEELINGS[2]),
        _all(words.WEAR, words.CLOTHES[2:3]) + _all(words.DRINK, words.DRINKS[2:4]),
        _LEAVING,
    ),
    (_Reason(FEEL, words.FEELINGS[4]), _CRYING, _LEAVING),
    (_Reason(BE, WEATHER[5].now), _REST[:1] + _all(words.SEEK, words.THINGS[4:5]), _LEAVING),
    (_Reason(BE, WEATHER[2].now), _REST[:1] + _all(words.WEAR, words.CLOTHES[2:3] + words.CLOTHES[5:]), _LEAVING),
)


def because(draw: Draw) -> Phrase:
    """Paul dort parce qu'il est fatigué."""
    who = subject(draw)
    again = pronoun(who)
    negative: Polarity = "pas" if draw.chance(0.25) else "yes"
    reason, deeds, undone = draw.pick(_REASONS)
    if reason.verb is BE and reason.adjective is not None:
        why = statement(Clause(again, BE, describe(again, reason.adjective)))
    elif reason.phrase.english.startswith("it "):
        why = reason.phrase
    else:
        why = statement(Clause(again, FEEL, reason.phrase))
    if not undone:
        negative = "yes"
    verb, rest = draw.pick(undone if negative == "pas" else deeds)
    first = statement(Clause(who, verb, rest, polarity=negative))
    return sentence(Phrase(f"{first.french} parce que {why.french}", f"{first.english} because {why.english}"))


def but(draw: Draw) -> Phrase:
    """Julie aime le café, mais elle préfère le thé."""
    who = subject(draw)
    again = pronoun(who)
    kind = draw.between(1, 4)
    if kind == 1:
        group = draw.pick((words.FOOD_MASS, words.DRINKS, words.ANIMALS, words.TEXTS, words.FOOD))
        first, second = draw.pick(group), draw.pick(group)
        if first == second:
            return but(draw)
        likes = statement(Clause(who, words.LIKE, _kind_of(first)))
        prefers = statement(Clause(again, words.PREFER, _kind_of(second)))
        return sentence(_two(likes, prefers))
    if kind == 2:
        wants = infinitive(draw, who)
        wanting = statement(Clause(who, words.WANT, Phrase(wants.french, f"to {wants.english}")))
        musts = (Phrase("travailler", "to work"), Phrase("dormir", "to sleep"), Phrase("partir", "to leave"))
        must = draw.pick([must for must in musts if must.french not in wants.french])
        return sentence(_two(wanting, statement(Clause(again, words.MUST, must))))
    if kind == 3:
        trait, other = draw.pick(words.TRAITS[1:]), draw.pick(words.TRAITS[1:])
        if trait == other:
            return but(draw)
        polarity: Polarity = draw.pick(("yes", "pas"))
        one = statement(Clause(who, BE, describe(who, trait), polarity=polarity))
        two = statement(Clause(again, BE, describe(again, other), polarity="pas" if polarity == "yes" else "yes"))
        return sentence(_two(one, two))
    tired = statement(Clause(who, BE, describe(who, draw.pick((words.MOODS[0], words.MOODS[3], words.MOODS[2])))))
    verb = draw.pick((words.WORK, words.SING, words.DANCE, words.LAUGH))
    return sentence(_two(tired, statement(Clause(again, verb, place(draw)))))


def _kind_of(noun: words.Noun) -> Phrase:
    phrase = noun_phrase(noun, "the", count=1 if noun.mass else 2)
    return Phrase(phrase.french, phrase.english.removeprefix("the "))


def _two(first: Phrase, second: Phrase) -> Phrase:
    return Phrase(f"{first.french}, mais {second.french}", f"{first.english}, but {second.english}")


def when(draw: Draw) -> Phrase:
    """Quand il pleut, je lis un livre. Je dormais quand Paul est arrivé. Si tu as faim, nous mangerons."""
    who, kind = subject(draw), draw.between(1, 4)
    if kind == 1:
        it = draw.pick(WHEN_IT)
        does = say(who, deed(draw, who, "h", "habit"), habit=True)
        return sentence(Phrase(f"quand {it.french}, {does.french}", f"when {it.english}, {does.english}"))
    if kind == 2:
        event = statement(
            Clause(somebody_else(draw), draw.pick((words.ARRIVE, words.LEAVE, words.FALL)), tense="perfect")
        )
        doing = deed(draw, who, "h")
        if doing.verb in (words.GO, words.RETURN, words.ARRIVE, words.BUY):
            doing = alone(draw, (words.SLEEP, words.RUN, words.WALK, words.WORK))
        was = say(who, doing, "imperfect")
        return sentence(Phrase(f"{was.french} quand {event.french}", f"{was.english} when {event.english}"))
    if kind == 3:
        little = pronoun(draw.pick([s for s in words.PRONOUNS if s.person != 4]))
        young = statement(
            Clause(little, BE, describe(little, words.Adjective("petit", "petite", "little")), "imperfect")
        )
        spot = draw.pick(words.ABROAD)
        lived = statement(Clause(little, words.LIVE, Phrase(spot.french, spot.at), "imperfect"))
        if draw.chance(0.6):
            one = deed(draw, little, "h", "habit")
            lived = say(little, one, "imperfect", habit=True)
        return sentence(Phrase(f"quand {young.french}, {lived.french}", f"when {young.english}, {lived.english}"))
    it = draw.pick(WHEN_IT)
    spot = draw.pick((*words.PUBLIC, words.HOME))
    verb = words.STAY if spot is words.HOME or draw.chance(0.4) else words.GO
    goes = Clause(who, verb, Phrase(spot.french, spot.at if verb is words.STAY else spot.to), "future")
    phrase = statement(goes)
    return sentence(Phrase(f"si {it.french}, {phrase.french}", f"if {it.english}, {phrase.english}"))
