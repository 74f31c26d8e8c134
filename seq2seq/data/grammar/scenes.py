"""Statements about things: what is where, how it looks, the weather, the clock, prices and comparisons.

Each function draws one sentence and its translation, complete with capital and stop.
"""

from seq2seq.data.grammar import english, french
from seq2seq.data.grammar.clauses import (
    EMPTY,
    Clause,
    Determiner,
    describe,
    fill,
    joined,
    noun_phrase,
    sentence,
    statement,
    thing,
)
from seq2seq.data.grammar.deeds import Draw, at, clock, other_person, subject, timed
from seq2seq.data.grammar.lexicon import Phrase, Subject, adjectives, phrases, subjects, verb

_VISIBLE = (("animals", "sizes furs"), ("things", "looks"), ("clothes", "colors"))
_DESCRIBED = (
    *(("clothes large[:1]", "colors looks"), ("texts shows[:1]", "contents")),
    *(("animals", "furs sizes"), ("large[1:]", "looks")),
)
_SHOWN: tuple[Determiner, ...] = ("this", "the")
_WEATHERS = (("weather", "now"), ("weather then", "past"), ("weather soon", "future"))
_SAME = {(0, "me"), (0, "us"), (1, "you"), (3, "us"), (3, "me"), (4, "you")}  # person and stressed pronoun


def owner(draw: Draw) -> Subject:
    """Return somebody whose something may be: I, you, we, you or they."""
    return draw.pick([subjects("pronouns")[index] for index in (0, 2, 6, 8, 10)])


def there_is(draw: Draw) -> Phrase:
    """Il y a un éléphant dans la cuisine."""
    spot = draw.phrase("spots")
    group, looks = draw.pick(_VISIBLE)
    noun = draw.noun(group)
    adjective = draw.adjective(looks) if draw.chance(0.4) else None
    count = draw.between(2, 12) if draw.chance(0.3) else 1
    was, many = draw.chance(0.25), count > 1
    what = joined(noun_phrase(noun, "number" if many else "a", adjective, count), spot)
    if not was and draw.chance(0.2):
        return sentence(fill(f"est-ce que il y a {{}} / {'are' if many else 'is'} there {{}}", what), "?")
    if not was and draw.chance(0.15):
        spot = draw.phrase("spots[:1] spots[8:9]")
        food = draw.noun("staples drinks")
        gone = "il ne y a plus de {} / there is no more {}"
        none = gone if draw.chance(0.5) else "il ne y a pas de {} / there is no {}"
        return sentence(fill(none, joined(Phrase(food.french, food.english), spot)))
    if was:
        return sentence(fill(f"il y avait {{}} / there {'were' if many else 'was'} {{}}", what))
    return sentence(fill(f"il y a {{}} / there {'are' if many else 'is'} {{}}", what))


def weather(draw: Draw) -> Phrase:
    """Hier, il faisait froid à Paris."""
    kind = draw.between(0, 7)
    when, times = draw.pick(_WEATHERS)
    phrase = phrases(when)[kind]
    if draw.chance(0.7):
        phrase = joined(phrase, at(draw.place("abroad")))
    return sentence(timed(draw, phrase, times, 0.4) if draw.chance(0.8) else phrase)


def figures(draw: Draw) -> Phrase:
    """Il est huit heures vingt. Ce livre coûte quatre-vingts euros. Je suis né en 1987, in words."""
    kind = draw.between(1, 5)
    if kind == 1:
        time = clock(draw.between(0, 11), draw.pick((0, 5, 10, 15, 20, 30, 40, 45, 50)))
        return sentence(fill("il est {} / it is {}", time))
    if kind == 2:
        who, year = subject(draw), draw.between(1930, 1999)
        rest = Phrase(f"en {french.number(year)}", f"in {english.number(year)}")
        return sentence(statement(Clause(who, verb("be born"), rest, "perfect")))
    if kind == 3:
        it, moves = draw.subject("vehicles"), draw.verb("leave, arrive")
        tense: french.Tense = draw.pick(("perfect", "near future"))
        time = clock(draw.between(1, 11), draw.pick((0, 10, 15, 20, 30, 40, 45, 50)))
        return sentence(statement(Clause(it, moves, fill("à {} / at {}", time), tense)))
    noun, determiner = draw.noun("clothes things texts[:1]"), draw.pick(_SHOWN)
    what = noun_phrase(noun, determiner, draw.adjective("colors") if draw.chance(0.5) else None)
    if kind == 4 and draw.chance(0.2):
        return sentence(fill("combien coûte {} / how much does {} cost", what), "?")
    price = draw.between(2, 99)
    euros = Phrase(french.number(price), english.number(price))
    return sentence(fill("{} coûte {} euros / {} costs {} euros", what, euros))


def comparison(draw: Draw) -> Phrase:
    """Marie est plus grande que son frère. Hugo est aussi sérieux que moi."""
    if draw.chance(0.2):
        return _superlative(draw)
    who, adjective = subject(draw), draw.adjective("traits")
    other = draw.phrase("stressed") if draw.chance(0.4) else Phrase(*other_person(draw)[:2])
    kind = draw.between(1, 4)
    if who.english == other.english or (who.person, other.english) in _SAME:
        return comparison(draw)
    form = describe(who, adjective)
    if kind <= 2:
        taller = Phrase(form.french, english.compare(adjective.english, "er"))
        rest = fill("plus {} que {} / {} than {}", taller, other)
    elif kind == 3:
        rest = fill("aussi {} que {} / as {} as {}", form, other)
    else:
        rest = fill("moins {} que {} / not as {} as {}", form, other)
    return sentence(statement(Clause(who, verb("be"), rest)))


def _superlative(draw: Draw) -> Phrase:
    """Return a sentence with le plus: C'est le plus vieux château de la ville."""
    noun, adjective = draw.noun("buildings[:1] buildings[2:]"), draw.adjective("sizes")
    most = (
        f"{'la' if noun.gender == 'f' else 'le'} plus {french.agree(adjective, noun.gender, False)} {noun.french}"
    )
    best = Phrase(most, f"the {english.compare(adjective.english, 'est')} {noun.english}")
    what = joined(best, draw.phrase("areas"))
    if draw.chance(0.3):
        return sentence(fill("où est {} / where is {}", what), "?")
    return sentence(fill("c'est {} / it is {}", what))


def description(draw: Draw) -> Phrase:
    """La voiture de Paul est rouge. C'est un vieux château."""
    kind = draw.between(1, 4)
    group, looks = draw.pick(_DESCRIBED)
    noun, adjective = draw.noun(group), draw.adjective(looks)
    if kind == 1:
        what = noun_phrase(noun, "a", adjective)
        return sentence(
            fill("ce ne est pas {} / it is not {}" if draw.chance(0.25) else "c'est {} / it is {}", what)
        )
    if adjective.english == "new":  # "cette robe est nouvelle" is hardly said
        (adjective,) = adjectives("looks[2:3]")
    many = draw.chance(0.25)
    count, whose = 2 if many else 1, draw.subject("names")
    if kind == 2:
        what = noun_phrase(noun, "of", count=count, owner=whose)
    elif kind == 3:
        what = noun_phrase(noun, "own", count=count, owner=owner(draw))
    else:
        what = noun_phrase(noun, draw.pick(_SHOWN), count=count)
    it = thing(noun, what, many)
    tense: french.Tense = draw.pick(("present", "present", "imperfect"))
    spot = draw.phrase("spots[:7]")
    if group == "animals" and draw.chance(0.4):
        return sentence(statement(Clause(it, verb("be"), spot, tense)))
    graded = adjective not in adjectives("colors furs") and draw.chance(0.4)
    rest = describe(it, adjective, draw.phrase("degrees") if graded else EMPTY)
    return sentence(statement(Clause(it, verb("be"), rest, tense, draw.pick(("yes", "yes", "pas")))))
