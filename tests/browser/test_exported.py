"""The page that translates by itself says what the toolkit says."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Error, Page

from benchmarks.exported import compare
from seq2seq.errors import EmptySourceError
from seq2seq.evaluation.finds import read_finds
from seq2seq.search import Beam, Greedy, Sample, SearchOptions
from seq2seq.trace import Trace
from seq2seq.translator import Translator
from tests.browser.conftest import ROOT
from tests.browser.exported_pages import Open, exported_pages
from tests.exported.models import SHAPES, write_tiny
from tests.tiny import PAIRS

SENTENCES = [french for french, _ in PAIRS[:3]]
CLOSE = 1e-3  # of scores, as natural logarithms


@pytest.fixture(scope="module")
def open_page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    with exported_pages(browser, tmp_path_factory.mktemp("pages")) as open_page:
        yield open_page


def translated(page: Page, text: str, **options: object) -> dict[str, Any]:
    """Return what the page's own function gives."""
    found: dict[str, Any] = page.evaluate("([text, options]) => translate(text, options)", [text, options])
    return found


def traced(page: Page, text: str, **options: object) -> Trace:
    """Return the trace of a sentence, checked as every trace is that is read."""
    return Trace.from_json(json.dumps(translated(page, text, **options)["trace"]))


def same(one: Trace, other: Trace) -> None:
    """Compare two traces: all but the last digits of numbers."""
    assert one.source == other.source
    assert one.model == other.model
    assert one.options == other.options
    assert one.stop == other.stop
    for column in ("parent", "step", "token", "piece", "status"):
        assert getattr(one.nodes, column) == getattr(other.nodes, column), column
    # What is drawn or forced can have a rank of hundreds, among rivals that differ in their last digit.
    assert one.nodes.rank == pytest.approx(other.nodes.rank, rel=0.02)
    for column in ("log_prob", "total", "normalised"):
        assert getattr(one.nodes, column) == pytest.approx(getattr(other.nodes, column), abs=CLOSE)
    assert one.expanded.node == other.expanded.node
    assert one.expanded.entropy == pytest.approx(other.expanded.entropy, abs=CLOSE)
    assert (one.expanded.attention is None) == (other.expanded.attention is None)
    for row, given_row in zip(one.expanded.attention or [], other.expanded.attention or [], strict=True):
        assert row == pytest.approx(given_row, abs=CLOSE)
    for mine, its in zip(one.hypotheses, other.hypotheses, strict=True):
        assert (mine.leaf, mine.text, mine.length, mine.finished) == (its.leaf, its.text, its.length, its.finished)
        assert (mine.log_prob, mine.normalised) == pytest.approx((its.log_prob, its.normalised), abs=CLOSE)


@pytest.mark.parametrize("changes", SHAPES.values(), ids=SHAPES)
def test_every_kind_of_model_says_the_same(open_page: Open, tmp_path: Path, changes: dict[str, object]) -> None:
    folder = write_tiny(tmp_path / "tiny", **changes)
    model = Translator.load(folder)
    for query in ("", "?products=plain"):
        page = open_page(folder, query=query)
        for sentence in SENTENCES:
            beam = SearchOptions(mode=Beam(size=4, alpha=0.6), n_best=4)
            same(traced(page, sentence, beam_size=4, alpha=0.6), model.trace(sentence, options=beam))
            greedy = SearchOptions(mode=Greedy())
            same(traced(page, sentence, beam_size=1), model.trace(sentence, options=greedy))


def loaded(folder: Path) -> Translator:
    """Return a model, loaded once."""
    return _MODELS.setdefault(folder, Translator.load(folder))


_MODELS: dict[Path, Translator] = {}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("exported") / "tiny")


@pytest.fixture(scope="module")
def page(open_page: Open, tiny: Path) -> Page:
    """A page of the tiny model, for tests that only call its function."""
    return open_page(tiny)


@pytest.mark.parametrize(
    ("given", "options"),
    [
        (
            {"beam_size": 3, "alpha": -1, "min_length": 6},
            {"mode": Beam(size=3, alpha=-1), "n_best": 3, "min_length": 6},
        ),
        ({"beam_size": 3, "alpha": 2, "n_best": 1}, {"mode": Beam(size=3, alpha=2), "n_best": 1}),
        (
            {"beam_size": 5, "alpha": 0, "max_length": 4},
            {"mode": Beam(size=5, alpha=0), "n_best": 5, "max_length": 4},
        ),
        ({"beam_size": 3, "prefix": [300, 310]}, {"mode": Beam(size=3), "n_best": 3, "prefix": (300, 310)}),
        ({"beam_size": 2, "not_next": [2, 50]}, {"mode": Beam(size=2), "n_best": 2, "not_next": (2, 50)}),
        ({"sample": True, "n_best": 4, "seed": 11}, {"mode": Sample(seed=11), "n_best": 4}),
        (
            {"sample": True, "temperature": 2, "top_k": 5, "top_p": 0.9, "seed": 3},
            {"mode": Sample(temperature=2, top_k=5, top_p=0.9, seed=3)},
        ),
        ({"sample": True, "temperature": 3, "top_p": 0.7}, {"mode": Sample(temperature=3, top_p=0.7)}),
    ],
)
def test_every_option_does_the_same(
    page: Page, tiny: Path, given: dict[str, object], options: dict[str, Any]
) -> None:
    for sentence in SENTENCES:
        same(traced(page, sentence, **given), loaded(tiny).trace(sentence, options=SearchOptions(**options)))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"beam_size": 0}, "beam_size can't be 0; give a whole number from 1 to 200"),
        ({"beam_size": 2.5}, "beam_size can't be 2.5"),
        ({"alpha": "x"}, 'alpha can\'t be "x"; give a number from -5 to 5'),
        ({"temperature": 0, "sample": True}, "temperature can't be 0; give a number above 0 to 100"),
        ({"beams": 3}, "“beams” is no option; choose from beam_size"),
        ({"prefix": "It"}, "prefix is a list of token numbers"),
        ({"prefix": [9999]}, "prefix has token 9999, the last one is 379; take it out"),
        ({"not_next": [9999]}, "not_next has token 9999"),
        ({"sample": "no"}, "sample is true or false"),
        ({"edits": 5}, "edits is a list"),
        ({"edits": [{"prefix": 3}]}, "The prefix of an edit is a list of token numbers"),
        ({"edits": [5]}, "An edit is an object with a prefix"),
        ({"prefix": [4]}, "No output can begin like this here; force something else."),
        ({"min_length": 20, "max_length": 5}, "The minimum length of 20 is over the longest allowed output of 5"),
        ({"direction": "de-en"}, "This page has no model de-en; it has fr-en"),
    ],
)
def test_a_wrong_option_is_refused_in_one_sentence(page: Page, options: dict[str, object], says: str) -> None:
    with pytest.raises(Error, match=re.escape(says)) as refused:
        translated(page, "Il fait froid.", **options)
    assert "TypeError" not in str(refused.value)
    assert translated(page, "Il fait froid.")["text"]  # and the next one is answered


PARTS = st.sampled_from(
    [*"abE é.?!,:;()[]«»'\"’“…—-_&#@%€$²½ßœİ中。😀\u200b\u200d\u00ad\u00a0\u202f\t\n\x85\u2028⟦▁￭",
     "M. ", "Mme ", "etc. ",
     "p. 5", "1. ", "(2) ", "1 500,50 €", "14h30", "à 5 h ", "1914–1918", "5 %", "me@mail.fr", "http://x.org/a?b=1).",
     "06 12 34 56 78", "à ３ heures", "٣ %", "&constructor", "&toString;",
     "B-52", "&amp;", "&#8217;", "&#x80;", "&eacute", "&notit;", "⟦N1⟧", "BONJOUR LE CHIEN",
     "Zorglub", "Jean de la Fontaine", "Le chat",
     "O'Brien", "Saint-Étienne", "soeur", "👩‍👩‍👧", "Il fait froid", " "]
)  # fmt: skip
# What newer versions of Unicode have added is unassigned to one side only.
ANYTHING = st.text(st.characters(exclude_categories=("Cs", "Cn")), max_size=20)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.lists(PARTS, max_size=9).map("".join), ANYTHING))
def test_any_text_is_read_as_the_toolkit_reads_it(page: Page, tiny: Path, text: str) -> None:
    model = loaded(tiny)
    options = SearchOptions(mode=Greedy(), max_length=2)
    found = translated(page, text, beam_size=1, max_length=2)["sentences"]
    assert [each["source"] for each in found] == model.segments(text)
    for each in found:
        try:
            expected = model.trace(each["source"], options=options)
        except EmptySourceError:
            assert each["trace"] is None
            assert each["text"] == model.prepared(each["source"]).text
        else:
            assert Trace.from_json(json.dumps(each["trace"])).source == expected.source
            assert each["text"] == expected.best.text


TYPED = {
    "fr-en": [
        "Je m'appelle Inès Morel et j'habite à Rennes.",
        "J'ai payé 1 500,50 € à 14 h 30. Ça va ?",
        "SORTEZ D'ICI !",
    ],
    "en-fr": [
        "My name is Inès Morel and I live in Rennes.",
        "I paid €1,500.50 at 2:30 p.m. 😀",
        "GET OUT OF HERE!",
    ],
}


@pytest.mark.parametrize("name", TYPED)
def test_the_shipped_models_say_the_same(open_page: Open, name: str) -> None:
    folder = ROOT / "checkpoints" / name
    finds = read_finds(folder)
    assert finds is not None
    side = 0 if name == "fr-en" else 1
    lines = [*TYPED[name], *(pair[side] for pair in PAIRS), *(find.source for find in finds.finds), "", "42"]
    lines = [*lines, *TYPED[name][0].split(". "), "a", "Tom."][:32]
    found = compare(open_page(folder), Translator.load(folder), lines)
    assert found.searches >= 60
    assert found.different == []
