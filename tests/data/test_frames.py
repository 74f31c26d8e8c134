"""Sentence frames: their slots agree, what fills them is right, and none is a sentence to be tested on."""

import random
import re
from pathlib import Path

from seq2seq.data.exchange import Entry
from seq2seq.data.frames import framed, frames

SLOT = re.compile(r"\{[a-z-]+?(?:-plural)?(:2)?\}")
FIRST = Path(__file__).parents[2] / "benchmarks/firstwords.tsv"
ENTRIES = [
    Entry("Italian", "italien", "adjective-m"),
    Entry("Italian", "italienne", "adjective-f"),
    Entry("Icelandic", "islandais", "adjective-m"),
    Entry("Finnish", "finnois", "language"),
    Entry("Annecy", "Annecy", "town"),
    Entry("Durand", "Durand", "family"),
    Entry("Ada", "Ada", "female"),
    Entry("Ivo", "Ivo", "male"),
]


def pairs(count: int = 600) -> list[tuple[str, str]]:
    return [tuple(pair) for pair in framed(ENTRIES, count, random.Random(1), ("fr", "en"))]


def slots(side: str) -> list[str]:
    return sorted(slot.group().replace("-plural", "") for slot in SLOT.finditer(side))


def test_both_sides_of_a_frame_have_the_same_slots() -> None:
    for french, english in frames():
        assert slots(french) == slots(english), french


def test_no_slot_is_left_open_and_no_kind_without_entries_is_drawn() -> None:
    for french, english in pairs():
        assert "{" not in french + english
        assert "capitale" not in french  # a frame with countries, of which there are none


def test_elision_articles_and_plurals_are_right() -> None:
    made = dict(pairs())
    assert made["La mairie d'Annecy est fermée."] == "The town hall of Annecy is closed."
    assert made["Elle chante une chanson italienne."] == "She is singing an Italian song."
    assert "Ces touristes sont italiens." in made
    assert "Ces touristes sont islandais." in made


def test_figures_keep_their_value_in_the_form_of_each_language() -> None:
    for french, english in pairs():
        digits = [re.sub(r"\D", "", re.sub(r"\d+ h.*|\d+:\d+.*", "", side)) for side in (french, english)]
        if " h" not in french and "m." not in english:
            assert sorted(digits[0]) == sorted(digits[1]), french


def test_the_other_direction_has_english_first() -> None:
    assert all(pair.target[0] != "{" for pair in framed(ENTRIES, 20, random.Random(2), ("en", "fr")))
    (pair,) = framed(ENTRIES, 1, random.Random(2), ("en", "fr"))
    ((french, english),) = framed(ENTRIES, 1, random.Random(2), ("fr", "en"))
    assert tuple(pair) == (english, french)


def test_no_sentence_of_the_benchmark_of_first_words_is_a_frame() -> None:
    written = [re.sub(r"\\\{.*?\\\}", ".+", re.escape(french)) for french, _ in frames()]
    patterns = [re.compile(each, re.IGNORECASE) for each in written]
    sentences = [line.split("\t")[1] for line in FIRST.read_text(encoding="utf-8").splitlines()]
    assert not [s for s in sentences if any(pattern.fullmatch(s) for pattern in patterns)]
