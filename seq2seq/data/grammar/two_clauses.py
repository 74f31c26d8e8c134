"""Sentences of two clauses: because, but, when, if.

Each function draws one sentence and its translation, complete with capital and stop.
"""

import re
from functools import cache

from seq2seq.data.grammar.clauses import (
    EMPTY,
    Clause,
    Polarity,
    describe,
    fill,
    noun_phrase,
    pronoun,
    sentence,
    statement,
)
from seq2seq.data.grammar.deeds import (
    Deed,
    Draw,
    alone,
    at,
    deed,
    infinitive,
    place,
    say,
    somebody_else,
    subject,
    to,
)
from seq2seq.data.grammar.lexicon import (
    Noun,
    Phrase,
    adjectives,
    nouns,
    phrases,
    places,
    rows,
    subjects,
    verb,
    verbs,
)


@cache
def _deeds(names: str) -> tuple[Deed, ...]:
    """Return deeds by what `lexicon.toml` says of them: their names, or verbs with places or things."""
    found: list[Deed] = []
    for name in filter(None, names.split(", ")):
        doers, *kind = re.split(r" ?([@>+]) ?", name)
        if kind:
            found += [Deed(verb(one), rest) for one in doers.split("|") for rest in _rests(*kind)]
        else:
            found += _deeds(", ".join(row for (row,) in rows("deeds", name)))
    return tuple(found)


def _rests(kind: str, classes: str) -> list[Phrase]:
    if kind == "+":
        return [noun_phrase(noun, "some" if noun.mass else "a") for noun in nouns(classes)]
    return [at(spot) if kind == "@" else to(spot) for spot in places(classes)] or [EMPTY]


def because(draw: Draw) -> Phrase:
    """Paul dort parce qu'il est fatigué."""
    who = subject(draw)
    again = pronoun(who)
    negative = draw.chance(0.25)
    reason, done, undone = draw.pick([*rows("reasons", "rows")])
    if reason.startswith("moods"):
        why = statement(Clause(again, verb("be"), describe(again, adjectives(reason)[0])))
    elif reason.startswith("weather"):
        why = phrases(reason)[0]
    else:
        why = statement(Clause(again, verb("have", "be"), phrases(reason)[0]))
    polarity: Polarity = "pas" if negative and undone else "yes"
    first = statement(Clause(who, *draw.pick(_deeds(undone if polarity == "pas" else done)), polarity=polarity))
    return sentence(fill("{} parce que {} / {} because {}", first, why))


def but(draw: Draw) -> Phrase:
    """Julie aime le café, mais elle préfère le thé."""
    who = subject(draw)
    again = pronoun(who)
    kind = draw.between(1, 4)
    polarity: Polarity = "yes"
    if kind == 1:
        group = nouns(draw.pick(("staples", "drinks", "animals", "texts", "food")))
        first, second = draw.pick(group), draw.pick(group)
        if first == second:
            return but(draw)
        one = Clause(who, verb("like"), _kind_of(first))
        two = Clause(again, verb("prefer"), _kind_of(second))
    elif kind == 2:
        wants = infinitive(draw, who)
        duty = draw.pick([duty for duty in phrases("duties") if duty.french not in wants.french])
        one = Clause(who, verb("want"), fill("{} / to {}", wants))
        two = Clause(again, verb("have to"), duty)
    elif kind == 3:
        trait, other = draw.adjective("traits[1:]"), draw.adjective("traits[1:]")
        if trait == other:
            return but(draw)
        polarity = draw.pick(("yes", "pas"))
        one = Clause(who, verb("be"), describe(who, trait), polarity=polarity)
        two = Clause(again, verb("be"), describe(again, other), polarity="pas" if polarity == "yes" else "yes")
    else:
        one = Clause(who, verb("be"), describe(who, draw.adjective("moods[:1] moods[3:4] moods[2:3]")))
        two = Clause(again, draw.verb("work, sing, dance, laugh"), place(draw))
    return sentence(fill("{}, mais {} / {}, but {}", statement(one), statement(two)))


def _kind_of(noun: Noun) -> Phrase:
    phrase = noun_phrase(noun, "the", count=1 if noun.mass else 2)
    return Phrase(phrase.french, phrase.english.removeprefix("the "))


def when(draw: Draw) -> Phrase:
    """Quand il pleut, je lis un livre. Je dormais quand Paul est arrivé. Si tu as faim, nous mangerons."""
    who, kind = subject(draw), draw.between(1, 4)
    if kind == 1:
        it = draw.phrase("weather habit")
        does = say(who, deed(draw, who, "h", "habit"), habit=True)
        return sentence(fill("quand {}, {} / when {}, {}", it, does))
    if kind == 2:
        other, happens = somebody_else(draw), draw.verb("arrive, leave, fall")
        doing = deed(draw, who, "h")
        if doing.verb in verbs("go, go back, arrive, buy"):
            doing = alone(draw, verbs("sleep, run, walk, work"))
        event = statement(Clause(other, happens, tense="perfect"))
        return sentence(fill("{} quand {} / {} when {}", say(who, doing, "imperfect"), event))
    if kind == 3:
        little = draw.pick([one for one in subjects("pronouns") if one.person != 4])
        young = statement(Clause(little, verb("be"), describe(little, adjectives("little")[0]), "imperfect"))
        lived = say(little, Deed(verb("live"), at(draw.place("abroad"))), "imperfect")
        if draw.chance(0.6):
            lived = say(little, deed(draw, little, "h", "habit"), "imperfect", habit=True)
        return sentence(fill("quand {}, {} / when {}, {}", young, lived))
    it = draw.phrase("weather habit")
    spot = draw.place("public home")
    stays = spot in places("home") or draw.chance(0.4)
    goes = say(who, Deed(verb("stay"), at(spot)) if stays else Deed(verb("go"), to(spot)), "future")
    return sentence(fill("si {}, {} / if {}, {}", it, goes))
