"""Statements about people: what they do, did, will do, are, have, like, want and can.

Each function draws one sentence and its translation, complete with capital and stop.
"""

from seq2seq.data.grammar import english, french
from seq2seq.data.grammar.clauses import (
    EMPTY,
    Clause,
    Polarity,
    describe,
    fill,
    joined,
    noun_phrase,
    question,
    sentence,
    statement,
)
from seq2seq.data.grammar.deeds import (
    Deed,
    Draw,
    alone,
    as_infinitive,
    clock,
    deed,
    infinitive,
    place,
    somebody_else,
    subject,
    thing_for,
    timed,
    to,
    trip,
    uses,
)
from seq2seq.data.grammar.lexicon import Phrase, nouns, subjects, verb, verbs

# By the letters of `Use`: the tense, and the class of its times.
TENSES: dict[str, tuple[french.Tense, str]] = {
    "n": ("present", "now"),
    "p": ("perfect", "past"),
    "f": ("near future", "future"),
}
_MOSTLY_PRESENT: tuple[french.Tense, ...] = ("present", "present", "imperfect")
# What one may own, with its adjectives.
_GOODS = (("animals", "furs sizes"), ("things large", "looks"), ("clothes", "colors looks"))
_KINDS = (  # of things that one may like
    *(("staples drinks", ""), ("animals", "furs sizes"), ("food", "")),
    *(("texts[:1] texts[2:]", "contents"), ("clothes", "colors"), ("buildings", "sizes")),
)


def action(draw: Draw) -> Phrase:
    """Paul a mangé une pomme hier."""
    who = subject(draw)
    letter = draw.pick("nnnppff")
    tense, times = TENSES[letter]
    verbal, rest = deed(draw, who, letter)
    if letter == "f" and draw.chance(0.3) and verbal in verbs("go, eat, work, buy, stay"):
        tense = "future"
    if draw.chance(0.25) and verbal in verbs("anywhere"):
        rest = joined(rest, place(draw))
    phrase = statement(Clause(who, verbal, rest, tense))
    return sentence(timed(draw, phrase, times) if draw.chance(0.5) else phrase)


def negated(draw: Draw) -> Phrase:
    """Elle ne mange plus de viande."""
    who = subject(draw)
    polarity: Polarity = draw.pick(("pas", "pas", "jamais", "plus"))
    letter = draw.pick("nnppf") if polarity == "pas" else "n"
    one = deed(draw, who, letter if polarity == "pas" else "h", "negative" if polarity == "pas" else "habit")
    tense, times = TENSES[letter]
    phrase = statement(Clause(who, *(one if polarity == "pas" else _habitual(draw)), tense, polarity))
    return sentence(timed(draw, phrase, times) if polarity == "pas" and draw.chance(0.3) else phrase)


def _habitual(draw: Draw) -> Deed:
    """Return something that one may never do, or not do anymore: eat meat, work at home."""
    kind = draw.between(1, 4)
    if kind <= 2:
        use = draw.pick([use for use in uses() if "h" in use.tenses and "some" in use.determiners])
        noun = draw.pick(use.nouns)
        return Deed(use.verb, noun_phrase(noun, "none", count=1 if noun.mass else 2, bare=True))
    if kind == 3:
        return alone(draw, verbs("work, sleep, sing, dance, run"))
    return Deed(verb("play"), draw.phrase("games"))


def never(draw: Draw) -> Phrase:
    """Je ne suis jamais allé à Paris."""
    who = subject(draw)
    if draw.chance(0.5):
        been = Clause(who, verb("go", "be"), to(draw.place("abroad")), "perfect", "jamais")
        return sentence(statement(been))
    use = draw.pick([use for use in uses() if use.verb in verbs("eat, drink, read, see, visit, draw")])
    rarer = {verb("see"): "animals[2:]", verb("drink"): "drinks[1:]"}
    noun = draw.pick(nouns(rarer[use.verb]) if use.verb in rarer else use.nouns)
    rest = noun_phrase(noun, "none", count=1 if noun.mass else 2, bare=True)
    return sentence(statement(Clause(who, use.verb, rest, "perfect", "jamais")))


def habit(draw: Draw) -> Phrase:
    """Ma sœur boit souvent du thé. Nous nous levons à sept heures."""
    who = subject(draw)
    if draw.chance(0.25):
        routine = draw.verb("get up, go to bed")
        hour = draw.between(6, 8) if routine == verb("get up") else draw.between(9, 11)
        time = fill("à {} / at {}", clock(hour, draw.pick((0, 0, 30, 15))))
        tense: french.Tense = draw.pick(("present", "present", "perfect", "near future"))
        return sentence(statement(Clause(who, routine, time, tense, "pas" if draw.chance(0.2) else "yes")))
    one = deed(draw, who, "h", "habit")
    if draw.chance(0.5):
        return sentence(statement(Clause(who, *one, adverb=draw.phrase("often"))))
    return sentence(timed(draw, statement(Clause(who, *one, habit=True)), "habit", 0.2))


def mood(draw: Draw) -> Phrase:
    """Elle est très fatiguée. Ils n'étaient pas prêts."""
    who = subject(draw)
    moody = draw.chance(0.6)
    tense: french.Tense = draw.pick((*_MOSTLY_PRESENT, "future")) if moody else "present"
    polarity: Polarity = draw.pick(("yes", "yes", "yes", "pas", "plus"))
    if polarity == "plus" and (tense == "future" or not moody):
        polarity = "pas"
    degree = draw.phrase("degrees") if polarity == "yes" and draw.chance(0.4) else EMPTY
    adjective = draw.adjective(("graded" if degree.french else "moods") if moody else "traits")
    phrase = statement(Clause(who, verb("be"), describe(who, adjective, degree), tense, polarity))
    times = {"imperfect": "past", "future": "future"}.get(tense)
    return sentence(timed(draw, phrase, times) if times and draw.chance(0.5) else phrase)


def feeling(draw: Draw) -> Phrase:
    """J'ai faim. Mon frère a vingt et un ans."""
    who = subject(draw)
    feel = verb("have", "be")
    if draw.chance(0.4):
        tense: french.Tense = draw.pick(_MOSTLY_PRESENT)
        polarity: Polarity = draw.pick(("yes", "yes", "pas", "plus", "jamais"))
        phrase = statement(Clause(who, feel, draw.phrase("feelings"), tense, polarity))
        return sentence(timed(draw, phrase, "past") if tense == "imperfect" and polarity == "yes" else phrase)
    known = who.pronoun or who in subjects("names")
    age = draw.between(*((2, 99) if known else (3, 12) if "enfant" in who.french else (25, 99)))
    years = Phrase(f"{french.number(age)} ans", f"{english.number(age)} years old")
    if draw.chance(0.2):
        return sentence(timed(draw, statement(Clause(who, feel, years, "future")), "future"))
    return sentence(statement(Clause(who, feel, years)))


def owning(draw: Draw) -> Phrase:
    """Les voisins ont trois petits chats."""
    who = subject(draw)
    group, looks = draw.pick(_GOODS)
    noun = draw.noun(group)
    adjective = draw.adjective(looks) if draw.chance(0.5) else None
    kind = draw.between(1, 6)
    if kind == 1:
        return sentence(statement(Clause(who, verb("have"), noun_phrase(noun, "none"), polarity="pas")))
    tense: french.Tense = draw.pick(_MOSTLY_PRESENT)
    several = kind == 2
    count = draw.between(2, 12) if several else 1
    rest = noun_phrase(noun, "number" if several else "a", adjective, count)
    return sentence(statement(Clause(who, verb("have"), rest, tense)))


def liking(draw: Draw) -> Phrase:
    """Thomas n'aime pas les chats. Nous adorons danser."""
    who = subject(draw)
    likes = draw.verb("like, like, love, hate, prefer")
    polarity: Polarity = draw.pick(("yes", "pas", "plus")) if likes == verb("like") else "yes"
    what = fill("{} / to {}", infinitive(draw, who, "habit")) if draw.chance(0.35) else _generic(draw)
    return sentence(statement(Clause(who, likes, what, polarity=polarity)))


def _generic(draw: Draw) -> Phrase:
    """Return a kind of thing: le chocolat / chocolate, les chats noirs / black cats."""
    group, looks = draw.pick(_KINDS)
    noun = draw.noun(group)
    adjective = draw.adjective(looks) if looks and draw.chance(0.4) else None
    phrase = noun_phrase(noun, "the", adjective, 1 if noun.mass else 2)
    return Phrase(phrase.french, phrase.english.removeprefix("the "))


def modal(draw: Draw) -> Phrase:
    """Tu dois travailler à la maison. Est-ce que vous pouvez attendre Marie?"""
    who = subject(draw)
    wants = draw.verb("want, can, have to")
    what = infinitive(draw, who)
    polarity: Polarity = draw.pick(("yes", "yes", "pas")) if wants != verb("have to") else "yes"
    if polarity == "pas":
        spot = trip(draw)
        while spot.verb == verb("arrive"):
            spot = trip(draw)
        what = as_infinitive(spot)
    rest = fill("{} / to {}", what) if wants == verb("want") else what
    clause = Clause(who, wants, rest, polarity=polarity)
    if polarity == "yes" and draw.chance(0.35):
        return sentence(question(clause, draw.chance(0.5)), "?")
    return sentence(statement(clause))


def wish(draw: Draw) -> Phrase:
    """Je voudrais du thé, s'il vous plaît."""
    who = subject(draw)
    if draw.chance(0.4):
        use = draw.pick(uses()[:3])
        food = use.nouns == nouns("food")
        rest = thing_for(draw, use._replace(determiners=("some", "a") if food else ("some",)), who)
        phrase = statement(Clause(who, verb("want", "like"), rest, "conditional"))
        polite = who.person == 0 or (who.person in (2, 3, 5) and draw.chance(0.2))
        return sentence(fill("{}, s'il vous plaît / {}, please", phrase) if polite else phrase)
    what = fill("{} / to {}", infinitive(draw, who))
    return sentence(statement(Clause(who, verb("want", "like"), what, "conditional")))


def job(draw: Draw) -> Phrase:
    """Elle est infirmière. Mon oncle n'est pas médecin."""
    somebody = [one for one in subjects("pronouns") if one.person != 4]
    who = draw.pick(somebody) if draw.chance(0.5) else somebody_else(draw)
    work = draw.adjective("jobs")
    if any(word in who.english for word in (work.english, "child", "doctor")):
        return job(draw)
    title = f"{work.english}s" if who.plural else f"{english.article(work.english)} {work.english}"
    tense: french.Tense = draw.pick((*_MOSTLY_PRESENT, "future"))
    polarity: Polarity = draw.pick(("yes", "yes", "pas", "plus")) if tense == "present" else "yes"
    rest = Phrase(describe(who, work).french, title)
    return sentence(statement(Clause(who, verb("be"), rest, tense, polarity)))


def clitic(draw: Draw) -> Phrase:
    """Elle m'attend à la gare. Tu ne nous écoutes pas."""
    who, index = subject(draw), draw.pick((0, 1, 3, 4))
    if (index in (0, 3) and who.person in (0, 3)) or (index in (1, 4) and who.person in (1, 4)):
        return clitic(draw)
    one = draw.verb("wait for, help, listen to, watch, look for, know, see, like")
    polarity: Polarity = draw.pick(("yes", "yes", "pas", "plus"))
    if polarity == "plus" and one in verbs("look for, see, watch"):
        polarity = "pas"
    meant = {verb("watch"): verb("look at"), verb("like"): verb("like", "love")}.get(one, one)
    them = Phrase(("me", "te", "", "nous", "vous")[index], english.OBJECTS[index])
    waits = one in verbs("wait for, look for") and polarity == "yes" and draw.chance(0.6)
    rest = place(draw) if waits else EMPTY
    return sentence(statement(Clause(who, meant, rest, polarity=polarity, clitic=them)))
