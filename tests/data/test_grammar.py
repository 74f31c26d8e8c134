"""The grammar: French forms, English forms, whole sentences, and what all its pairs have in common."""

import hashlib

import pytest

from seq2seq.data.grammar import AT_MOST, english, french, generate, vocabulary
from seq2seq.data.grammar.clauses import Clause, describe, noun_phrase, question, sentence, statement
from seq2seq.data.grammar.deeds import clock
from seq2seq.data.grammar.lexicon import Adjective, Noun, Phrase, adjectives, nouns, subjects, table, verb
from seq2seq.data.pairs import Pair
from seq2seq.errors import ConfigError
from seq2seq.text import normalise

JE, JE_F, TU, _, IL, ELLE, NOUS, NOUS_F, VOUS, _, ILS, ELLES = subjects("pronouns")
MARIE = next(name for name in subjects("names") if name.french == "Marie")
PAUL = next(name for name in subjects("names") if name.french == "Paul")


def noun(name: str) -> Noun:
    return next(one for one in nouns("food drinks staples animals things family clothes") if one.french == name)


def look(name: str) -> Adjective:
    return next(one for one in adjectives("looks colors moods traits") if one.french == name)


@pytest.fixture(scope="module")
def many() -> list[Pair]:
    return generate(20_000, seed=3)


@pytest.mark.parametrize(
    ("value", "expected_french", "expected_english"),
    [
        (0, "zéro", "zero"),
        (16, "seize", "sixteen"),
        (17, "dix-sept", "seventeen"),
        (20, "vingt", "twenty"),
        (21, "vingt et un", "twenty-one"),
        (22, "vingt-deux", "twenty-two"),
        (61, "soixante et un", "sixty-one"),
        (70, "soixante-dix", "seventy"),
        (71, "soixante et onze", "seventy-one"),
        (77, "soixante-dix-sept", "seventy-seven"),
        (80, "quatre-vingts", "eighty"),
        (81, "quatre-vingt-un", "eighty-one"),
        (90, "quatre-vingt-dix", "ninety"),
        (91, "quatre-vingt-onze", "ninety-one"),
        (99, "quatre-vingt-dix-neuf", "ninety-nine"),
        (1980, "mille neuf cent quatre-vingts", "nineteen eighty"),
        (1971, "mille neuf cent soixante et onze", "nineteen seventy-one"),
    ],
)
def test_numbers_are_written_out(value: int, expected_french: str, expected_english: str) -> None:
    assert (french.number(value), english.number(value)) == (expected_french, expected_english)


def test_a_number_ending_in_one_agrees_with_a_feminine_noun() -> None:
    assert [french.number(value, "f") for value in (1, 21, 81, 71)] == [
        "une",
        "vingt et une",
        "quatre-vingt-une",
        "soixante et onze",
    ]


@pytest.mark.parametrize(
    ("whole", "joined"),
    [
        ("je ai le ami de la amie", "j'ai l'ami de l'amie"),
        ("je ne ai pas de eau", "je n'ai pas d'eau"),
        ("il ne y a pas de lait", "il n'y a pas de lait"),
        ("est-ce que elle se appelle Anne", "est-ce qu'elle s'appelle Anne"),
        ("si il pleut", "s'il pleut"),
        ("si elle dort", "si elle dort"),
        ("à le marché de le village", "au marché du village"),
        ("à les échecs, à le hôpital, à la école", "aux échecs, à l'hôpital, à l'école"),
        ("le hamster de les enfants", "le hamster des enfants"),
        ("près de le lit", "près du lit"),
        ("le onze, le homme", "le onze, l'homme"),
        ("je te attends", "je t'attends"),
    ],
)
def test_words_are_joined_with_elision_and_contraction(whole: str, joined: str) -> None:
    assert french.join(whole) == joined


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        (noun_phrase(noun("oiseau"), "a", look("beau")), ("un bel oiseau", "a beautiful bird")),
        (noun_phrase(noun("oiseau"), "the", look("vieux")), ("le vieil oiseau", "the old bird")),
        (noun_phrase(noun("oiseau"), "the", look("vieux"), 2), ("les vieux oiseaux", "the old birds")),
        (noun_phrase(noun("robe"), "some", look("beau"), 2), ("de belles robes", "some beautiful dresses")),
        (noun_phrase(noun("robe"), "a", look("blanc")), ("une robe blanche", "a white dress")),
        (noun_phrase(noun("cheval"), "this", look("noir"), 2), ("ces chevaux noirs", "these black horses")),
        (noun_phrase(noun("oiseau"), "this"), ("cet oiseau", "this bird")),
        (noun_phrase(noun("oiseau"), "this", look("petit")), ("ce petit oiseau", "this small bird")),
        (noun_phrase(noun("amie"), "own"), ("mon amie", "my friend")),
        (noun_phrase(noun("écharpe"), "own", look("petit"), owner=TU), ("ta petite écharpe", "your small scarf")),
        (noun_phrase(noun("sac"), "own", owner=ELLE), ("son sac", "her bag")),
        (noun_phrase(noun("clé"), "own", owner=IL), ("sa clé", "his key")),
        (noun_phrase(noun("sac"), "of", owner=PAUL), ("le sac de Paul", "Paul's bag")),
        (noun_phrase(noun("pomme"), "number", count=3), ("trois pommes", "three apples")),
        (noun_phrase(noun("eau"), "some"), ("de l'eau", "some water")),
        (noun_phrase(noun("souris"), "number", count=2), ("deux souris", "two mice")),
        (noun_phrase(noun("pomme"), "none", count=2), ("de pommes", "any apples")),
        (noun_phrase(noun("orange"), "none"), ("d'orange", "an orange")),
    ],
)
def test_noun_phrases_agree(phrase: Phrase, expected: tuple[str, str]) -> None:
    assert (french.join(phrase.french), phrase.english) == expected


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        (
            Clause(ELLES, verb("go"), Phrase("à la plage", "to the beach"), "perfect"),
            ("Elles sont allées à la plage.", "They went to the beach."),
        ),
        (Clause(MARIE, verb("fall"), tense="perfect"), ("Marie est tombée.", "Marie fell.")),
        (Clause(NOUS, verb("leave"), tense="perfect"), ("Nous sommes partis.", "We left.")),
        (
            Clause(MARIE, verb("eat"), Phrase("une pomme", "an apple"), "perfect"),
            ("Marie a mangé une pomme.", "Marie ate an apple."),
        ),
        (
            Clause(JE, verb("go"), Phrase("à le Japon", "to Japan"), "perfect", "pas"),
            ("Je ne suis pas allé au Japon.", "I did not go to Japan."),
        ),
        (
            Clause(ELLE, verb("eat"), Phrase("de viande", "meat"), polarity="plus"),
            ("Elle ne mange plus de viande.", "She does not eat meat anymore."),
        ),
        (Clause(IL, verb("work"), polarity="jamais"), ("Il ne travaille jamais.", "He never works.")),
        (Clause(IL, verb("work"), polarity="pas"), ("Il ne travaille pas.", "He is not working.")),
        (
            Clause(ILS, verb("eat"), Phrase("d'oranges", "oranges"), "perfect", "jamais"),
            ("Ils n'ont jamais mangé d'oranges.", "They have never eaten oranges."),
        ),
        (
            Clause(TU, verb("can"), Phrase("dormir", "sleep"), polarity="pas"),
            ("Tu ne peux pas dormir.", "You cannot sleep."),
        ),
        (
            Clause(JE_F, verb("get up"), Phrase("à midi", "at noon"), "perfect"),
            ("Je me suis levée à midi.", "I got up at noon."),
        ),
        (
            Clause(NOUS, verb("go to bed"), tense="near future", polarity="pas"),
            ("Nous n'allons pas nous coucher.", "We are not going to go to bed."),
        ),
        (Clause(VOUS, verb("go"), tense="future"), ("Vous irez.", "You will go.")),
        (Clause(NOUS, verb("eat"), tense="imperfect"), ("Nous mangions.", "We were eating.")),
        (Clause(NOUS, verb("eat"), tense="imperfect", habit=True), ("Nous mangions.", "We used to eat.")),
        (
            Clause(JE, verb("want", "like"), Phrase("de le thé", "some tea"), "conditional"),
            ("Je voudrais du thé.", "I would like some tea."),
        ),
        (
            Clause(PAUL, verb("read"), Phrase("des livres", "books"), adverb=Phrase("souvent", "often")),
            ("Paul lit souvent des livres.", "Paul often reads books."),
        ),
        (
            Clause(ELLES, verb("be"), describe(ELLES, look("heureux"))),
            ("Elles sont heureuses.", "They are happy."),
        ),
        (
            Clause(JE, verb("have", "be"), Phrase("vingt et un ans", "twenty-one years old")),
            ("J'ai vingt et un ans.", "I am twenty-one years old."),
        ),
    ],
)
def test_statements_are_right_in_both_languages(clause: Clause, expected: tuple[str, str]) -> None:
    assert sentence(statement(clause)) == expected


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        (
            question(Clause(IL, verb("eat"), Phrase("une pomme", "an apple")), True),
            ("Mange-t-il une pomme?", "Is he eating an apple?"),
        ),
        (
            question(Clause(ELLE, verb("eat"), tense="perfect"), False),
            ("Est-ce qu'elle a mangé?", "Did she eat?"),
        ),
        (
            question(Clause(ELLE, verb("go"), tense="perfect"), True, Phrase("où", "where")),
            ("Où est-elle allée?", "Where did she go?"),
        ),
        (
            question(Clause(PAUL, verb("live")), True, Phrase("où", "where")),
            ("Où est-ce que Paul habite?", "Where does Paul live?"),
        ),
        (
            question(Clause(TU, verb("write")), True, Phrase("que", "what")),
            ("Qu'écris-tu?", "What are you writing?"),
        ),
        (
            question(
                Clause(TU, verb("eat")._replace(participle="mangées"), tense="perfect"),
                True,
                Phrase("quelles pommes", "which apples"),
            ),
            ("Quelles pommes as-tu mangées?", "Which apples did you eat?"),
        ),
        (
            question(Clause(VOUS, verb("want"), Phrase("partir", "to leave")), True),
            ("Voulez-vous partir?", "Do you want to leave?"),
        ),
    ],
)  # fmt: skip
def test_questions_are_right_in_both_languages(phrase: Phrase, expected: tuple[str, str]) -> None:
    assert sentence(phrase, "?") == expected


@pytest.mark.parametrize(
    ("hour", "minutes", "expected"),
    [
        (8, 0, ("huit heures", "eight o'clock")),
        (1, 10, ("une heure dix", "ten past one")),
        (0, 30, ("minuit et demi", "half past midnight")),
        (3, 30, ("trois heures et demie", "half past three")),
        (3, 45, ("quatre heures moins le quart", "a quarter to four")),
        (11, 50, ("midi moins dix", "ten to noon")),
    ],
)
def test_the_clock_is_read_in_both_languages(hour: int, minutes: int, expected: tuple[str, str]) -> None:
    assert clock(hour, minutes) == expected


def test_english_forms_follow_their_rules() -> None:
    assert [english.third(verb) for verb in ("go", "watch", "cry", "play", "look for")] == [
        "goes", "watches", "cries", "plays", "looks for",
    ]  # fmt: skip
    assert [english.ing(verb) for verb in ("run", "dance", "cry", "see", "get up")] == [
        "running", "dancing", "crying", "seeing", "getting up",
    ]  # fmt: skip
    assert [english.past(verb) for verb in ("cry", "dance", "wait for", "write")] == [
        "cried", "danced", "waited for", "wrote",
    ]  # fmt: skip
    assert [english.compare(word, "er") for word in ("tall", "funny", "big", "serious")] == [
        "taller", "funnier", "bigger", "more serious",
    ]  # fmt: skip


def test_every_verb_has_a_regular_or_a_written_conjugation() -> None:
    for name, forms in table("verbs").items():
        infinitive, present, participle, _ = (*forms.split("/"), "", "", "")[:4]
        assert len(present.split()) == 6 or infinitive.endswith("er") or name == "be born", name
        assert participle or infinitive.endswith("er"), name


def test_the_pairs_of_a_seed_are_those_that_shipped_models_learnt_from() -> None:
    pairs = repr(generate(2000, seed=1)).encode()
    assert hashlib.sha256(pairs).hexdigest().startswith("233f375f6635a7a1")


def test_a_hundred_thousand_pairs_have_a_hundred_thousand_different_sources() -> None:
    pairs = generate(100_000, seed=1)
    assert len({pair.source for pair in pairs}) == len(pairs) == 100_000


def test_a_french_sentence_has_one_english() -> None:
    seen: dict[str, str] = {}
    for seed in range(4):
        for source, target in generate(10_000, seed):
            assert seen.setdefault(source, target) == target


def test_each_side_has_at_least_three_hundred_words() -> None:
    assert min(map(len, vocabulary())) >= 300


def test_the_same_seed_gives_the_same_pairs_and_another_seed_others() -> None:
    assert generate(500, seed=9) == generate(500, seed=9)
    assert generate(500, seed=9) != generate(500, seed=10)


def test_a_smaller_count_is_the_beginning_of_a_larger_one() -> None:
    assert generate(300, seed=4)[:100] == generate(100, seed=4)


def test_sentences_are_normalised_with_a_capital_a_stop_and_3_to_14_words(many: list[Pair]) -> None:
    for text in (text for pair in many for text in pair):
        assert normalise(text) == text
        assert "  " not in text
        assert text[0].isupper()
        assert text[-1] in ".?"
        assert 3 <= len(text.split()) <= 14


def test_both_sides_of_a_pair_end_alike(many: list[Pair]) -> None:
    assert all(pair.source[-1] == pair.target[-1] for pair in many)


@pytest.mark.parametrize(
    "wrong", [" de le ", " de les ", " à le ", " à les ", " que il", " je ai", "n't", " a apple"]
)
def test_no_sentence_lacks_elision_contraction_or_has_a_short_form(many: list[Pair], wrong: str) -> None:
    assert not [pair for pair in many if wrong in pair.source or wrong in pair.target]


@pytest.mark.parametrize("count", [-1, AT_MOST + 1])
def test_a_count_that_cannot_be_made_is_refused_with_what_can(count: int) -> None:
    with pytest.raises(ConfigError, match=f"0 to {AT_MOST}"):
        generate(count, seed=0)
