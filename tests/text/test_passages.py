"""What passes through a model by placeholders: found, put back, and masked on both sides of a training pair."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.text.passages import (
    PLACEHOLDERS,
    More,
    is_copied,
    lost,
    mask,
    mask_output,
    mask_pair,
    spans,
    unmask,
    without_brackets,
)

FOUND = [
    ("Bien joué 👍", ["👍"]),
    ("Je t'aime ❤️😍 fort", ["❤️😍"]),
    ("Écris-moi à paul.martin@example.org.", ["paul.martin@example.org"]),
    ("Suis-moi : @marie_dlt.", ["@marie_dlt"]),
    ("Regarde https://www.example.com/page?id=7.", ["https://www.example.com/page?id=7"]),
    ("Mon numéro est le 01 42 68 53 00.", ["01 42 68 53 00"]),
    ("Appelle le +33 6 12 34 56 78 ou le 112.", ["+33 6 12 34 56 78", "112"]),
    ("Le code est AB-1207-X.", ["AB-1207-X"]),
    ("Le fichier s'appelle rapport_final.pdf.", ["rapport_final.pdf"]),
    ("Le site s'appelle exemple.fr.", ["exemple.fr"]),
    ("Il a 1 234 567 euros.", ["1 234 567"]),
    ("Un kilo à 3,20 €, s'il vous plaît.", ["3,20 €"]),
    ("Le train part à 14 h 45.", ["14 h 45"]),
    ("J'ai 2 chats, 3 chiens et 10kg de riz.", ["2", "3", "10"]),
    ("C'était en 1914-1918.", ["1914-1918"]),
    ("Le 1er mai, au XIXe siècle.", []),
    ("Bonjour.Comment ça va ?", []),
    ("Il a dit 5.5 et 2.0.1.", ["5.5", "2.0.1"]),
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_addresses_codes_emoji_and_figures_are_found(text: str, expected: list[str]) -> None:
    assert [text[span.start : span.end] for span in spans(text, "fr")] == expected


@pytest.mark.parametrize(
    "text", ["42", "1 2 3", "3 + 4 = 7", "…", "?", "—", "😀😀😀", "a@b.fr", "http://example.com"]
)
def test_text_without_words_is_copied(text: str) -> None:
    assert is_copied(text, "fr")


@pytest.mark.parametrize("text", ["Oui", "42 chats", "é", "你好"])
def test_text_with_words_is_not(text: str) -> None:
    assert not is_copied(text, "fr")


def test_a_sentence_is_masked_and_its_output_unmasked() -> None:
    found = mask("Il a 1 234 chats à 14 h 45.", [], "fr", "en")
    assert found.text == "Il a ⟦N1⟧ chats à ⟦T1⟧."
    assert unmask("He has ⟦N1⟧ cats at ⟦T1⟧.", found.passages) == "He has 1,234 cats at 2:45 p.m."
    assert unmask("At ⟦T1⟧, ⟦N1⟧ cats.", found.passages) == "At 2:45 p.m., 1,234 cats."


def test_placeholders_of_nothing_are_dropped_and_missing_ones_are_known() -> None:
    found = mask("J'ai 3 chats et 4 chiens.", [], "fr", "en")
    assert unmask("I have ⟦N1⟧ cats⟦A1⟧.", found.passages) == "I have 3 cats."
    assert [passage.source for passage in lost("I have ⟦N1⟧ cats.", found.passages)] == ["4"]
    assert lost("⟦N2⟧ dogs, ⟦N1⟧ cats, ⟦N1⟧ in all", found.passages) == []


def test_the_reference_of_a_masked_sentence_has_the_same_placeholders() -> None:
    found = mask("It costs $3.50 and weighs 1,200 kg.", [], "en", "fr")
    text = "Ça coûte ⟦P1⟧ et pèse ⟦N1⟧ kg."
    assert mask_output(unmask(text, found.passages), found.passages) == text


def test_more_passages_than_placeholders_stay_in_the_text() -> None:
    found = mask("1 an, 2 ans, 3 ans, 4 ans, 5 ans, 6 ans, 7 ans", [], "fr", "en")
    assert found.text.endswith("⟦N6⟧ ans, 7 ans")
    assert len(found.passages) == 6


@given(st.text(alphabet="aé 1290,.:/-@#€%h⟦⟧N☀", max_size=40))
def test_what_is_masked_comes_back(text: str) -> None:
    text = without_brackets(text)
    found = mask(text, [], "fr", "fr")
    assert unmask(found.text, found.passages) in (text, text.replace("..", "."))


def test_a_pair_has_placeholders_for_what_both_sides_have() -> None:
    pair = mask_pair(
        "Il a 3 chats, 2 chiens et 14,5 euros à 14 h 30.",
        "He has two dogs, 3 cats and 14.5 euros at 2:30.",
        ("fr", "en"),
    )
    assert pair == (
        "Il a ⟦N1⟧ chats, 2 chiens et ⟦N2⟧ euros à ⟦T1⟧.",
        "He has two dogs, ⟦N1⟧ cats and ⟦N2⟧ euros at ⟦T1⟧.",
    )


def test_names_and_number_words_are_masked_where_asked() -> None:
    pair = mask_pair(
        "Tom a vingt ans, tous les deux le savent.",
        "Tom is twenty years old, both know it.",
        ("fr", "en"),
        ["Tom"],
        More(numbers=True),
    )
    assert pair == ("⟦A1⟧ a ⟦N1⟧ ans, tous les deux le savent.", "⟦A1⟧ is ⟦N1⟧ years old, both know it.")


@pytest.mark.parametrize(
    ("source", "target", "masked"),
    [
        ("Ça coûte vingt euros.", "It costs 20 euros.", ("Ça coûte ⟦P1⟧.", "It costs ⟦P1⟧.")),
        ("J'ai payé 50 livres.", "I paid fifty pounds.", ("J'ai payé ⟦P1⟧.", "I paid ⟦P1⟧.")),
        ("J'ai lu dix livres.", "I read ten books.", ("J'ai lu dix livres.", "I read ten books.")),
        ("Viens à cinq heures.", "Come at five o'clock.", ("Viens à ⟦T1⟧.", "Come at ⟦T1⟧.")),
        ("Viens à cinq heures et demie.", "Come.", ("Viens à cinq heures et demie.", "Come.")),
    ],
)  # fmt: skip
def test_money_and_hours_in_words_are_masked_where_asked(source: str, target: str, masked: tuple[str, ...]) -> None:
    assert mask_pair(source, target, ("fr", "en"), more=More(amounts=True)) == masked


def test_names_can_count_as_codes() -> None:
    pair = mask_pair("Tom dort.", "Tom sleeps.", ("fr", "en"), ["Tom"], More(names_as_codes=True))
    assert pair == ("⟦C1⟧ dort.", "⟦C1⟧ sleeps.")


def test_a_name_inside_a_longer_word_is_none() -> None:
    assert mask_pair("Tomate et Tom.", "Tomato and Tom.", ("fr", "en"), ["Tom"]) == (
        "Tomate et ⟦A1⟧.",
        "Tomato and ⟦A1⟧.",
    )


def test_nobody_can_type_a_placeholder() -> None:
    assert not any(placeholder in without_brackets("⟦N1⟧ ⟦A1⟧") for placeholder in PLACEHOLDERS)
