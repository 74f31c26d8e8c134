"""Names, towns, countries and nationalities exchanged in pairs, with French articles and elision right."""

import random
from pathlib import Path

import pytest

from seq2seq.data.exchange import Entry, Exchange, read_entries
from seq2seq.data.pairs import Pair
from seq2seq.errors import DataError


def name(each: str, kind: str = "male") -> Entry:
    return Entry(each, each, kind)


def drawn(source: str, target: str, *entries: Entry) -> set[Pair]:
    """Return all pairs that some draws make."""
    exchange = Exchange(entries, ("fr", "en"))
    made = (exchange.exchanged(Pair(source, target), random.Random(seed)) for seed in range(12))
    return {pair for pair in made if pair}


CASES = [
    ("Je suis l'ami de Tom.", "I am Tom's friend.", "Alain", "Je suis l'ami d'Alain.", "I am Alain's friend."),
    ("Je suis l'ami d'Alain.", "I am Alain's friend.", "Tom", "Je suis l'ami de Tom.", "I am Tom's friend."),
    ("Je crois que Tom dort.", "I think Tom sleeps.", "Émile", "Je crois qu'Émile dort.", "I think Émile sleeps."),
    ("Tom dort.", "Tom sleeps.", "Bruno", "Bruno dort.", "Bruno sleeps."),
]


@pytest.mark.parametrize(("source", "target", "new", "french", "english"), CASES)
def test_elision_follows_the_new_name(source: str, target: str, new: str, french: str, english: str) -> None:
    old = next(each for each in ("Tom", "Alain") if each in source)
    assert drawn(source, target, name(old), name(new)) == {Pair(french, english)}


def test_names_whose_elision_is_not_certain_are_left_alone() -> None:
    assert drawn("L'ami de Tom.", "Tom's friend.", name("Tom"), name("Hugo"), name("Yves")) == set()


def test_a_womans_name_is_exchanged_for_a_womans() -> None:
    entries = Entry("Mary", "Marie", "female"), name("Léa", "female"), name("Bruno")
    assert drawn("Marie est fatiguée.", "Mary is tired.", *entries) == {Pair("Léa est fatiguée.", "Léa is tired.")}


def test_a_name_that_one_side_lacks_or_repeats_stays() -> None:
    assert drawn("Tom dort.", "He sleeps.", name("Tom"), name("Bruno")) == set()
    assert drawn("Tom et Tom dorment.", "Tom and Tom sleep.", name("Tom"), name("Bruno")) == set()


def test_the_direction_can_be_the_other() -> None:
    found = Exchange([name("Tom"), name("Alain")], ("en", "fr"))
    pairs = {found.exchanged(Pair("Tom's dog", "Le chien de Tom"), random.Random(seed)) for seed in range(8)}
    assert pairs - {None} == {Pair("Alain's dog", "Le chien d'Alain")}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "entries.tsv"
    path.write_text(
        "Italy\tItalie\tcountry\nSpain\tEspagne\tcountry\nJapan\tJapon\tcountry\nChad\tTchad\tcountry\n"
        "Cuba\tCuba\tcountry\nLondon\tLondres\tcity\nLyon\tLyon\tplace\nAsia\tAsie\tplace\n"
        "French\tfrançais\tdemonym-adj-m\nChilean\tchilien\tdemonym-adj-m\nFrench\tfrançais\tlanguage\n"
        "Ghotuo\tghotuo\tlanguage\nLéa\tLéa\tfemale\nunknown\tinconnu\tscript\n",
        encoding="utf-8",
    )
    return path


def test_entries_are_read_by_kind_and_article(table: Path) -> None:
    kinds = {entry.french: entry.kind for entry in read_entries([table]) if entry.kind != "language"}
    assert kinds == {
        "Italie": "country-elided",
        "Espagne": "country-elided",
        "Japon": "country-m",
        "Tchad": "country-m",
        "Londres": "town",
        "Lyon": "town",
        "français": "adjective-m",
        "française": "adjective-f",
        "chilien": "adjective-m",
        "chilienne": "adjective-f",
        "Léa": "female",
    }


def test_countries_and_towns_keep_what_stands_before_them(table: Path) -> None:
    entries = read_entries([table])
    assert drawn("Il vient d'Italie.", "He is from Italy.", *entries) == {
        Pair("Il vient d'Espagne.", "He is from Spain.")
    }
    assert drawn("Il vit au Japon.", "He lives in Japan.", *entries) == {
        Pair("Il vit au Tchad.", "He lives in Chad.")
    }
    assert drawn("J'habite à Londres.", "I live in London.", *entries) == {
        Pair("J'habite à Lyon.", "I live in Lyon.")
    }
    assert drawn("Il est français.", "He is French.", *entries) == {Pair("Il est chilien.", "He is Chilean.")}
    assert drawn("Les vins français.", "French wines.", *entries) == set()


def test_the_english_article_follows() -> None:
    entries = Entry("Dane", "Danois", "family"), Entry("Inuit", "Inuit", "family")
    assert drawn("C'est un Danois.", "He is a Dane.", *entries) == {Pair("C'est un Inuit.", "He is an Inuit.")}


def test_a_table_of_another_form_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "bad.tsv"
    path.write_text("Tom\tTom\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 1 has 2 columns, not english, french and kind"):
        read_entries([path])
