"""Statements about things: what is where, how it looks, the weather, the clock, prices and comparisons.

Each function draws one sentence and its translation, complete with capital and stop.
"""

from typing import NamedTuple

from seq2seq.data.grammar import english, french
from seq2seq.data.grammar import lexicon as words
from seq2seq.data.grammar.clauses import Clause, describe, noun_phrase, sentence, spaced, statement
from seq2seq.data.grammar.deeds import Draw, Use, clock, other_person, subject, timed
from seq2seq.data.grammar.lexicon import BE, Phrase, Subject, Verb


class _Weather(NamedTuple):
    """Phrases for one kind of weather: present, past and future."""

    now: Phrase
    was: Phrase
    soon: Phrase


def _sky(french_words: str, english_words: str, whose: str = "it") -> _Weather:
    return _Weather(
        Phrase(f"il fait {french_words}", f"{whose} is {english_words}"),
        Phrase(f"il faisait {french_words}", f"{whose} was {english_words}"),
        Phrase(f"il va faire {french_words}", f"{whose} is going to be {english_words}"),
    )


WEATHER = (
    _sky("beau", "nice", "the weather"),
    _sky("mauvais", "bad", "the weather"),
    _sky("froid", "cold"),
    _sky("chaud", "hot"),
    _sky("gris", "cloudy"),
    _Weather(
        Phrase("il pleut", "it is raining"),
        Phrase("il pleuvait", "it was raining"),
        Phrase("il va pleuvoir", "it is going to rain"),
    ),
    _Weather(
        Phrase("il neige", "it is snowing"),
        Phrase("il neigeait", "it was snowing"),
        Phrase("il va neiger", "it is going to snow"),
    ),
    _Weather(
        Phrase("il y a du vent", "it is windy"),
        Phrase("il y avait du vent", "it was windy"),
        Phrase("il va y avoir du vent", "it is going to be windy"),
    ),
)


WHEN_IT = (
    *(sky.now for sky in WEATHER[:5]),
    Phrase("il pleut", "it rains"),
    Phrase("il neige", "it snows"),
    Phrase("il y a du vent", "it is windy"),
)


OWNERS = tuple(words.PRONOUNS[index] for index in (0, 2, 6, 8, 10))


_STRESSED = (
    Phrase("moi", "me"),
    Phrase("toi", "you"),
    Phrase("lui", "him"),
    Phrase("elle", "her"),
    Phrase("nous", "us"),
    Phrase("vous", "you"),
)


_AREAS = (
    Phrase("de France", "in France"),
    Phrase("de le Japon", "in Japan"),
    Phrase("de Italie", "in Italy"),
    Phrase("de le pays", "in the country"),
    Phrase("de le monde", "in the world"),
)


_SAME = {(0, "me"), (0, "us"), (1, "you"), (3, "us"), (3, "me"), (4, "you")}


def there_is(draw: Draw) -> Phrase:
    """Il y a un éléphant dans la cuisine."""
    spot = draw.pick(words.SPOTS)
    use = draw.pick(
        (
            Use(BE, words.ANIMALS, words.SIZES + words.FURS, ("a",)),
            Use(BE, words.THINGS, words.LOOKS, ("a",)),
            Use(BE, words.CLOTHES, words.COLORS, ("a",)),
        )
    )
    noun = draw.pick(use.nouns)
    adjective = draw.pick(use.adjectives) if draw.chance(0.4) else None
    count = draw.between(2, 12) if draw.chance(0.3) else 1
    was = draw.chance(0.25)
    verbs = (
        ("il y avait", "there were" if count > 1 else "there was")
        if was
        else ("il y a", "there are" if count > 1 else "there is")
    )
    what = noun_phrase(noun, "number" if count > 1 else "a", adjective, count)
    phrase = Phrase(f"{verbs[0]} {what.french} {spot.french}", f"{verbs[1]} {what.english} {spot.english}")
    if not was and draw.chance(0.2):
        asked = Phrase(f"est-ce que {phrase.french}", phrase.english.replace("there is", "is there", 1))
        return sentence(Phrase(asked.french, asked.english.replace("there are", "are there", 1)), "?")
    if not was and draw.chance(0.15):
        spot = draw.pick((words.SPOTS[0], words.SPOTS[8]))
        food = draw.pick(words.FOOD_MASS + words.DRINKS)
        gone = draw.chance(0.5)
        negation = Phrase(f"il ne y a {'plus' if gone else 'pas'} de", f"there is no{' more' if gone else ''}")
        return sentence(
            Phrase(
                f"{negation.french} {food.french} {spot.french}",
                f"{negation.english} {food.english} {spot.english}",
            )
        )
    return sentence(phrase)


def weather(draw: Draw) -> Phrase:
    """Hier, il faisait froid à Paris."""
    sky = draw.pick(WEATHER)
    phrase, times = draw.pick(((sky.now, words.NOW), (sky.was, words.PAST), (sky.soon, words.FUTURE)))
    if draw.chance(0.7):
        spot = draw.pick(words.ABROAD)
        phrase = Phrase(f"{phrase.french} {spot.french}", f"{phrase.english} {spot.at}")
    return sentence(timed(draw, phrase, times, 0.4) if draw.chance(0.8) else phrase)


def figures(draw: Draw) -> Phrase:
    """Il est huit heures vingt. Ce livre coûte quatre-vingts euros. Je suis né en 1987, in words."""
    kind = draw.between(1, 5)
    if kind == 1:
        time = clock(draw.between(0, 11), draw.pick((0, 5, 10, 15, 20, 30, 40, 45, 50)))
        return sentence(Phrase(f"il est {time.french}", f"it is {time.english}"))
    if kind == 2:
        who, year = subject(draw), draw.between(1930, 1999)
        born = Verb("naître", "be born", participle="né", etre=True)
        rest = Phrase(f"en {french.number(year)}", f"in {english.number(year)}")
        return sentence(statement(Clause(who, born, rest, "perfect")))
    if kind == 3:
        train = Phrase(*draw.pick((("le train", "the train"), ("le bus", "the bus"), ("le avion", "the plane"))))
        verb, tense = draw.pick((words.LEAVE, words.ARRIVE)), draw.pick(("perfect", "near future"))
        time = clock(draw.between(1, 11), draw.pick((0, 10, 15, 20, 30, 40, 45, 50)))
        late: french.Tense = "perfect" if tense == "perfect" else "near future"
        it = Subject(train.french, train.english, 2, "m", False)
        return sentence(statement(Clause(it, verb, Phrase(f"à {time.french}", f"at {time.english}"), late)))
    noun = draw.pick(words.CLOTHES + words.THINGS + words.TEXTS[:1])
    what = noun_phrase(noun, draw.pick(("this", "the")), draw.pick(words.COLORS) if draw.chance(0.5) else None)
    if kind == 4 and draw.chance(0.2):
        return sentence(Phrase(f"combien coûte {what.french}", f"how much does {what.english} cost"), "?")
    price = draw.between(2, 99)
    return sentence(
        Phrase(
            f"{what.french} coûte {french.number(price)} euros",
            f"{what.english} costs {english.number(price)} euros",
        )
    )


def comparison(draw: Draw) -> Phrase:
    """Marie est plus grande que son frère. Hugo est aussi sérieux que moi."""
    if draw.chance(0.2):
        return _superlative(draw)
    who, adjective = subject(draw), draw.pick(words.TRAITS)
    form = describe(who, adjective).french
    if draw.chance(0.4):
        other: Phrase = draw.pick(_STRESSED)
    else:
        other = other_person(draw)
    kind = draw.between(1, 4)
    if kind <= 2:
        rest = Phrase(
            f"plus {form} que {other.french}", f"{english.comparative(adjective.english)} than {other.english}"
        )
    elif kind == 3:
        rest = Phrase(f"aussi {form} que {other.french}", f"as {adjective.english} as {other.english}")
    else:
        rest = Phrase(f"moins {form} que {other.french}", f"not as {adjective.english} as {other.english}")
    if who.english == other.english or (who.person, other.english) in _SAME:
        return comparison(draw)
    return sentence(statement(Clause(who, BE, rest)))


def _superlative(draw: Draw) -> Phrase:
    """Return a sentence with le plus: C'est le plus vieux château de la ville."""
    noun, adjective = draw.pick(words.BUILDINGS[:1] + words.BUILDINGS[2:]), draw.pick(words.SIZES)
    article = "la" if noun.gender == "f" else "le"
    most = f"{article} plus {french.agree(adjective, noun.gender, False)} {noun.french}"
    area = draw.pick(_AREAS)
    best = f"the {english.superlative(adjective.english)} {noun.english}"
    if draw.chance(0.3):
        return sentence(Phrase(f"où est {most} {area.french}", f"where is {best} {area.english}"), "?")
    return sentence(Phrase(f"c'est {most} {area.french}", f"it is {best} {area.english}"))


def description(draw: Draw) -> Phrase:
    """La voiture de Paul est rouge. C'est un vieux château."""
    kind = draw.between(1, 4)
    group, adjectives = draw.pick(
        (
            (words.CLOTHES + words.LARGE[:1], words.COLORS + words.LOOKS),
            (words.TEXTS + words.SHOWS[:1], words.CONTENTS),
            (words.ANIMALS, words.FURS + words.SIZES),
            (words.LARGE[1:], words.LOOKS),
        )
    )
    noun, adjective = draw.pick(group), draw.pick(adjectives)
    if kind == 1:
        what = noun_phrase(noun, "a", adjective)
        if draw.chance(0.25):
            return sentence(Phrase(f"ce ne est pas {what.french}", f"it is not {what.english}"))
        return sentence(Phrase(f"c'est {what.french}", f"it is {what.english}"))
    if adjective.english == "new":  # "cette robe est nouvelle" is hardly said
        adjective = words.LOOKS[2]
    many = draw.chance(0.25)
    owner = draw.pick(words.NAMES)
    if kind == 2:
        what = noun_phrase(noun, "of", count=2 if many else 1, owner=owner)
    elif kind == 3:
        what = noun_phrase(noun, "own", count=2 if many else 1, owner=draw.pick(OWNERS))
    else:
        what = noun_phrase(noun, draw.pick(("this", "the")), count=2 if many else 1)
    it = Subject(what.french, what.english, 5 if many else 2, noun.gender, False)
    tense: french.Tense = draw.pick(("present", "present", "imperfect"))
    spot = draw.pick(words.SPOTS[:7])
    if group is words.ANIMALS and draw.chance(0.4):
        return sentence(statement(Clause(it, BE, spot, tense)))
    form = describe(it, adjective)
    degree = (
        draw.pick(words.DEGREES)
        if adjective not in words.COLORS + words.FURS and draw.chance(0.4)
        else Phrase("", "")
    )
    rest = Phrase(spaced(degree.french, form.french), spaced(degree.english, form.english))
    return sentence(statement(Clause(it, BE, rest, tense, draw.pick(("yes", "yes", "pas")))))
