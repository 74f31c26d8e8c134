"""Statements about people: what they do, did, will do, are, have, like, want and can.

Each function draws one sentence and its translation, complete with capital and stop.
"""

from seq2seq.data.grammar import english, french
from seq2seq.data.grammar import lexicon as words
from seq2seq.data.grammar.clauses import (
    Clause,
    Polarity,
    describe,
    noun_phrase,
    question,
    sentence,
    spaced,
    statement,
)
from seq2seq.data.grammar.deeds import (
    USES,
    Draw,
    alone,
    clock,
    deed,
    infinitive,
    place,
    somebody_else,
    subject,
    thing,
    timed,
    trip,
    with_place,
)
from seq2seq.data.grammar.lexicon import BE, HAVE, Phrase, Subject, Verb

WISH = words.WANT._replace(english="like")  # je voudrais


FEEL = HAVE._replace(english="be")  # avoir faim, avoir vingt ans


TENSES: dict[str, tuple[french.Tense, tuple[Phrase, ...]]] = {
    "n": ("present", words.NOW),
    "p": ("perfect", words.PAST),
    "f": ("near future", words.FUTURE),
}


_SEEN = {word.french for word in (words.EAT, words.DRINK, words.READ, words.SEE, words.VISIT, words.DRAW)}


_CLITICS = ("me", "te", "le", "nous", "vous", "les")


_CLITIC_VERBS = (
    *(words.AWAIT, words.HELP, words.LISTEN, words.WATCH),
    *(words.SEEK, words.KNOW, words.SEE, words.LIKE),
)


_GRADED = tuple(mood for mood in words.MOODS if mood.english not in ("ready", "alone"))


def action(draw: Draw) -> Phrase:
    """Paul a mangé une pomme hier."""
    who = subject(draw)
    letter = draw.pick("nnnppff")
    tense, times = TENSES[letter]
    verb, rest = deed(draw, who, letter)
    if letter == "f" and draw.chance(0.3) and verb in (words.GO, words.EAT, words.WORK, words.BUY, words.STAY):
        tense = "future"
    if draw.chance(0.25):
        rest = with_place(draw, rest, verb)
    phrase = statement(Clause(who, verb, rest, tense))
    return sentence(timed(draw, phrase, times) if draw.chance(0.5) else phrase)


def negated(draw: Draw) -> Phrase:
    """Elle ne mange plus de viande."""
    who = subject(draw)
    polarity: Polarity = draw.pick(("pas", "pas", "jamais", "plus"))
    letter = draw.pick("nnppf") if polarity == "pas" else "n"
    verb, rest = deed(draw, who, letter if polarity == "pas" else "h", "negative" if polarity == "pas" else "habit")
    if polarity != "pas":
        verb, rest = _habitual(draw, polarity)
    phrase = statement(Clause(who, verb, rest, TENSES[letter][0], polarity))
    return sentence(timed(draw, phrase, TENSES[letter][1]) if polarity == "pas" and draw.chance(0.3) else phrase)


def _habitual(draw: Draw, polarity: Polarity) -> tuple[Verb, Phrase]:
    """Return something that one may never do, or not do anymore: eat meat, work at home."""
    kind = draw.between(1, 4)
    if kind <= 2:
        use = draw.pick([use for use in USES if "h" in use.tenses and "some" in use.determiners])
        noun = draw.pick(use.nouns)
        return use.verb, noun_phrase(noun, "none", count=1 if noun.mass else 2, bare=True)
    if kind == 3:
        return alone(draw, (words.WORK, words.SLEEP, words.SING, words.DANCE, words.RUN))
    return words.PLAY, draw.pick(words.GAMES)


def never(draw: Draw) -> Phrase:
    """Je ne suis jamais allé à Paris."""
    who = subject(draw)
    if draw.chance(0.5):
        spot = draw.pick(words.ABROAD)
        been = words.GO._replace(english="be")
        return sentence(statement(Clause(who, been, Phrase(spot.french, spot.to), "perfect", "jamais")))
    use = draw.pick([use for use in USES if use.verb.french in _SEEN])
    nouns = {words.SEE: words.ANIMALS[2:], words.DRINK: words.DRINKS[1:]}.get(use.verb, use.nouns)
    noun = draw.pick(nouns)
    rest = noun_phrase(noun, "none", count=1 if noun.mass else 2, bare=True)
    return sentence(statement(Clause(who, use.verb, rest, "perfect", "jamais")))


def habit(draw: Draw) -> Phrase:
    """Ma sœur boit souvent du thé. Nous nous levons à sept heures."""
    who = subject(draw)
    if draw.chance(0.25):
        verb = draw.pick((words.RISE, words.RETIRE))
        time = clock(draw.between(6, 8) if verb is words.RISE else draw.between(9, 11), draw.pick((0, 0, 30, 15)))
        return sentence(_routine(draw, who, verb, Phrase(f"à {time.french}", f"at {time.english}")))
    verb, rest = deed(draw, who, "h", "habit")
    if draw.chance(0.5):
        return sentence(statement(Clause(who, verb, rest, adverb=draw.pick(words.OFTEN))))
    return sentence(timed(draw, statement(Clause(who, verb, rest, habit=True)), words.HABIT, 0.2))


def _routine(draw: Draw, who: Subject, verb: Verb, time: Phrase) -> Phrase:
    tense: french.Tense = draw.pick(("present", "present", "perfect", "near future"))
    negative: Polarity = "pas" if draw.chance(0.2) else "yes"
    return statement(Clause(who, verb, time, tense, negative))


def mood(draw: Draw) -> Phrase:
    """Elle est très fatiguée. Ils n'étaient pas prêts."""
    who = subject(draw)
    traits = words.MOODS if draw.chance(0.6) else words.TRAITS
    tense: french.Tense = (
        draw.pick(("present", "present", "imperfect", "future")) if traits is words.MOODS else "present"
    )
    polarity: Polarity = draw.pick(("yes", "yes", "yes", "pas", "plus"))
    if polarity == "plus" and (tense == "future" or traits is words.TRAITS):
        polarity = "pas"
    degree = draw.pick(words.DEGREES) if polarity == "yes" and draw.chance(0.4) else Phrase("", "")
    adjective = describe(who, draw.pick(_GRADED if degree.french and traits is words.MOODS else traits))
    rest = Phrase(spaced(degree.french, adjective.french), spaced(degree.english, adjective.english))
    phrase = statement(Clause(who, BE, rest, tense, polarity))
    if tense == "imperfect" and draw.chance(0.5):
        phrase = timed(draw, phrase, words.PAST)
    if tense == "future" and draw.chance(0.5):
        phrase = timed(draw, phrase, words.FUTURE)
    return sentence(phrase)


def feeling(draw: Draw) -> Phrase:
    """J'ai faim. Mon frère a vingt et un ans."""
    who = subject(draw)
    if draw.chance(0.4):
        tense: french.Tense = draw.pick(("present", "present", "imperfect"))
        polarity: Polarity = draw.pick(("yes", "yes", "pas", "plus", "jamais"))
        phrase = statement(Clause(who, FEEL, draw.pick(words.FEELINGS), tense, polarity))
        return sentence(timed(draw, phrase, words.PAST) if tense == "imperfect" and polarity == "yes" else phrase)
    if who.pronoun or who in words.NAMES:
        age = draw.between(2, 99)
    else:
        age = draw.between(3, 12) if "enfant" in who.french else draw.between(25, 99)
    years = Phrase(f"{french.number(age)} ans", f"{english.number(age)} years old")
    if draw.chance(0.2):
        return sentence(timed(draw, statement(Clause(who, FEEL, years, "future")), words.FUTURE))
    return sentence(statement(Clause(who, FEEL, years)))


def owning(draw: Draw) -> Phrase:
    """Les voisins ont trois petits chats."""
    who = subject(draw)
    group, adjectives = draw.pick(
        (
            (words.ANIMALS, words.FURS + words.SIZES),
            (words.THINGS + words.LARGE, words.LOOKS),
            (words.CLOTHES, words.COLORS + words.LOOKS),
        )
    )
    noun = draw.pick(group)
    adjective = draw.pick(adjectives) if draw.chance(0.5) else None
    kind = draw.between(1, 6)
    if kind == 1:
        rest = noun_phrase(noun, "none")
        return sentence(statement(Clause(who, HAVE, rest, polarity="pas")))
    tense: french.Tense = draw.pick(("present", "present", "imperfect"))
    if kind == 2:
        return sentence(
            statement(Clause(who, HAVE, noun_phrase(noun, "number", adjective, draw.between(2, 12)), tense))
        )
    return sentence(statement(Clause(who, HAVE, noun_phrase(noun, "a", adjective), tense)))


def liking(draw: Draw) -> Phrase:
    """Thomas n'aime pas les chats. Nous adorons danser."""
    who = subject(draw)
    verb = draw.pick((words.LIKE, words.LIKE, words.LOVE, words.HATE, words.PREFER))
    polarity: Polarity = draw.pick(("yes", "pas", "plus")) if verb is words.LIKE else "yes"
    if draw.chance(0.35):
        what = infinitive(draw, who, "habit")
        return sentence(statement(Clause(who, verb, Phrase(what.french, f"to {what.english}"), polarity=polarity)))
    return sentence(statement(Clause(who, verb, _generic(draw), polarity=polarity)))


def _generic(draw: Draw) -> Phrase:
    """Return a kind of thing: le chocolat / chocolate, les chats noirs / black cats."""
    group, adjectives = draw.pick(
        (
            (words.FOOD_MASS + words.DRINKS, ()),
            (words.ANIMALS, words.FURS + words.SIZES),
            (words.FOOD, ()),
            (words.TEXTS[:1] + words.TEXTS[2:], words.CONTENTS),
            (words.CLOTHES, words.COLORS),
            (words.BUILDINGS, words.SIZES),
        )
    )
    noun = draw.pick(group)
    adjective = draw.pick(adjectives) if adjectives and draw.chance(0.4) else None
    phrase = noun_phrase(noun, "the", adjective, 1 if noun.mass else 2)
    return Phrase(phrase.french, phrase.english.removeprefix("the "))


def modal(draw: Draw) -> Phrase:
    """Tu dois travailler à la maison. Est-ce que vous pouvez attendre Marie?"""
    who = subject(draw)
    verb = draw.pick((words.WANT, words.CAN, words.MUST))
    what = infinitive(draw, who)
    rest = Phrase(what.french, what.english if verb is words.CAN else f"to {what.english}")
    polarity: Polarity = draw.pick(("yes", "yes", "pas")) if verb is not words.MUST else "yes"
    if polarity == "pas":
        spot = trip(draw)
        while spot.verb is words.ARRIVE:
            spot = trip(draw)
        rest = Phrase(spaced(spot.verb.french, spot.rest.french), spaced(spot.verb.english, spot.rest.english))
        rest = rest if verb is words.CAN else Phrase(rest.french, f"to {rest.english}")
    clause = Clause(who, verb._replace(english="can") if verb is words.CAN else verb, rest, polarity=polarity)
    if polarity == "yes" and draw.chance(0.35):
        return sentence(question(clause, draw.chance(0.5)), "?")
    return sentence(statement(clause))


def wish(draw: Draw) -> Phrase:
    """Je voudrais du thé, s'il vous plaît."""
    who = subject(draw)
    if draw.chance(0.4):
        use = draw.pick(USES[:3])
        rest = thing(draw, use._replace(determiners=("some", "a") if use.nouns is words.FOOD else ("some",)), who)
        phrase = statement(Clause(who, WISH, rest, "conditional"))
        please = Phrase(f"{phrase.french}, s'il vous plaît", f"{phrase.english}, please")
        return sentence(please if who.person == 0 or (who.person in (2, 3, 5) and draw.chance(0.2)) else phrase)
    what = infinitive(draw, who)
    return sentence(statement(Clause(who, WISH, Phrase(what.french, f"to {what.english}"), "conditional")))


def job(draw: Draw) -> Phrase:
    """Elle est infirmière. Mon oncle n'est pas médecin."""
    who = draw.pick([s for s in words.PRONOUNS if s.person != 4]) if draw.chance(0.5) else somebody_else(draw)
    work = draw.pick(words.JOBS)
    title = f"{work.english}s" if who.plural else f"{english.article(work.english)} {work.english}"
    if work.english in who.english or "child" in who.english or "doctor" in who.english:
        return job(draw)
    tense: french.Tense = draw.pick(("present", "present", "imperfect", "future"))
    polarity: Polarity = draw.pick(("yes", "yes", "pas", "plus")) if tense == "present" else "yes"
    return sentence(statement(Clause(who, BE, Phrase(describe(who, work).french, title), tense, polarity)))


def clitic(draw: Draw) -> Phrase:
    """Elle m'attend à la gare. Tu ne nous écoutes pas."""
    who, index = subject(draw), draw.pick((0, 1, 3, 4))
    if (index in (0, 3) and who.person in (0, 3)) or (index in (1, 4) and who.person in (1, 4)):
        return clitic(draw)
    verb = draw.pick(_CLITIC_VERBS)
    meaning = {"regarder": "look at", "aimer": "love"}.get(verb.french, verb.english)
    polarity: Polarity = draw.pick(("yes", "yes", "pas", "plus"))
    if polarity == "plus" and verb in (words.SEEK, words.SEE, words.WATCH):
        polarity = "pas"
    french_clause = _with_clitic(who, verb, _CLITICS[index], polarity)
    clause = Clause(who, verb._replace(english=meaning), Phrase("", english.OBJECTS[index]), polarity=polarity)
    phrase = Phrase(french_clause, statement(clause).english)
    if verb in (words.AWAIT, words.SEEK) and polarity == "yes" and draw.chance(0.6):
        where = place(draw)
        phrase = Phrase(f"{phrase.french} {where.french}", f"{phrase.english} {where.english}")
    return sentence(phrase)


def _with_clitic(who: Subject, verb: Verb, object_pronoun: str, polarity: Polarity) -> str:
    negation = "" if polarity == "yes" else polarity
    finite = french.conjugate(verb, "present", who.person)
    return spaced(who.french, "ne" if negation else "", object_pronoun, finite, negation)
