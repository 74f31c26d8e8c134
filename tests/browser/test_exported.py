"""The page that translates by itself, opened from disk in a real browser without a network."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Error, Page, expect

from benchmarks.exported import compare
from seq2seq.course.files import read_lesson
from seq2seq.course.library import Folders
from seq2seq.course.play import play
from seq2seq.errors import EmptySourceError
from seq2seq.evaluation.finds import read_finds
from seq2seq.exported.page import Exported, exported_page
from seq2seq.search import Beam, Greedy, Sample, SearchOptions
from seq2seq.trace import Trace
from seq2seq.trace.edits import make_edit
from seq2seq.translator import Translator
from tests.browser.conftest import ROOT
from tests.browser.looks import hard_to_read, overlapping, sideways
from tests.course.lessons import LESSON
from tests.exported.models import SHAPES, write_tiny
from tests.tiny import PAIRS

Open = Callable[..., Page]
SENTENCES = [french for french, _ in PAIRS[:3]]
CLOSE = 1e-3  # of scores, as natural logarithms


@pytest.fixture(scope="module")
def open_page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Open the page of some models from disk, without a network; its console has to stay empty."""
    contexts, wrong = [], []
    files: dict[tuple[Path, ...], Path] = {}
    folder = tmp_path_factory.mktemp("pages")

    def open_file(
        *models: Path, query: str = "", width: int = 1440, scheme: str = "light", lessons: Sequence[Any] = ()
    ) -> Page:
        if models not in files or lessons:
            files[models] = folder / f"{len(files)}.html"
            exported = [Exported(Translator.load(model), model) for model in models]
            files[models].write_bytes(exported_page(exported, lessons))
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: wrong.append(request.url))
        page.goto(files[models].as_uri() + query)
        page.locator("body[data-ready]").wait_for()
        return page

    yield open_file
    for context in contexts:
        context.close()
    own = (folder.as_uri(), "data:", "blob:")
    assert [each for each in wrong if not each.startswith(own)] == []


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


def shown(page: Page, text: str) -> None:
    """Wait until an output on the stage has this text."""
    expect(page.locator("#stage .output").filter(has_text=text).first).to_be_visible()


def test_what_is_typed_comes_onto_the_stage(open_page: Open, tiny: Path) -> None:
    page = open_page(tiny)
    model = Translator.load(tiny)
    field = page.get_by_label("Sentence in French")
    field.fill("Où est le chien ?")
    field.press("Enter")
    options = SearchOptions(mode=Beam(alpha=model.config.alpha), n_best=5)
    trace = model.trace("Où est le chien ?", options=options)
    shown(page, trace.best.text[:20])
    for row, one in zip(page.locator("#more .data tbody tr").all(), trace.hypotheses, strict=True):
        expect(row).to_contain_text(one.text[:20])
    expect(page.locator("#more .heat tbody tr").first).to_be_visible()
    page.locator("#options summary").click()
    page.get_by_label("Beam size").fill("2")
    page.get_by_label("A sample beside them").check()
    shown(page, "Beam 2")
    shown(page, "Sample")
    page.keyboard.press("Escape")
    for nothing in ("   ", "&nbsp;", "\u200b"):
        field.fill("Le chat dort.")
        field.press("Enter")
        shown(page, "Beam 2")
        field.fill(nothing)
        page.get_by_role("button", name="Translate").click()
        expect(page.get_by_role("alert")).to_have_text("There is nothing to translate; type a sentence.")
        expect(page.locator("#stage")).to_be_hidden()
    field.fill("x" * 3000)
    page.get_by_role("button", name="Translate").click()
    expect(page.get_by_role("alert")).to_contain_text("pieces and 500 is the most")
    field.fill("42 !")
    page.get_by_role("button", name="Translate").click()
    expect(page.get_by_role("status")).to_contain_text("Without words to translate, and so copied: “42!”.")


def test_several_sentences_are_chosen_from_a_list(open_page: Open, tiny: Path) -> None:
    page = open_page(tiny)
    page.get_by_label("Sentence in French").fill("Il fait froid. Le chat dort. Tu es mon ami.")
    page.get_by_role("button", name="Translate").click()
    sentences = page.locator("#sentences button")
    expect(sentences).to_have_count(3)
    sentences.nth(2).click()
    expect(page.locator("#stage .chips")).to_contain_text("ami")
    expect(sentences.nth(2)).to_have_attribute("aria-pressed", "true")


def test_a_word_is_forced_and_taken_back(open_page: Open, tiny: Path) -> None:
    page = open_page(tiny)
    model = Translator.load(tiny)
    sentence = "Le chat dort sur la chaise."
    page.get_by_label("Sentence in French").fill(sentence)
    page.get_by_role("button", name="Translate").click()
    page.get_by_role("button", name="First step (Home)").click()
    session = model.session(sentence)
    edit = make_edit(session.typed_tokens((), "dog"), whole_word=True)
    options = SearchOptions(mode=Beam(alpha=model.config.alpha), n_best=5)
    expected = session.trace(options, [edit])
    page.get_by_placeholder("another word").first.fill("dog")
    page.get_by_role("button", name="Force", exact=True).first.click()
    shown(page, "With what is forced")
    shown(page, expected.best.text[:20])
    page.get_by_role("button", name="Undo").click()
    shown(page, "Greedy")
    page.get_by_placeholder("another word").first.fill("</s>")
    page.get_by_role("button", name="Force", exact=True).first.click()
    expect(page.locator("#stage .verdict")).to_contain_text("“the end” is forced")


def test_impossible_options_become_possible_ones(open_page: Open, tiny: Path) -> None:
    page = open_page(tiny)
    page.locator("#options summary").click()
    for label, typed, becomes in (
        ("Beam size", "0", "1"),
        ("Beam size", "1e9", "50"),
        ("Beam size", "2.6", "3"),
        ("Beam size", "", "5"),
        ("Length penalty", "99", "5"),
        ("Length penalty", "0.33", "0.33"),
        ("Temperature", "0", "0.1"),
    ):
        field = page.get_by_label(label)
        field.fill(typed)
        field.press("Tab")
        expect(field).to_have_value(becomes)
    expect(page.locator("#search")).to_have_text("Beam 5, length penalty 0.33")


def test_what_is_asked_at_once_is_done_one_after_the_other(open_page: Open, tiny: Path) -> None:
    page = open_page(tiny)
    page.get_by_label("Sentence in French").fill("Le chat dort sur la chaise.")
    page.get_by_role("button", name="Translate").click()
    for word in ("dog", "cat", "water"):
        page.get_by_role("button", name="First step (Home)").click()
        page.get_by_placeholder("another word").first.fill(word)
        page.get_by_role("button", name="Force", exact=True).first.click()
        expect(page.locator("#stage .verdict")).to_contain_text(f"“{word}” is forced")
    page.evaluate("for (let i = 0; i < 2; i++) document.querySelector('#stage .verdict .plain').click()")
    expect(page.locator("#stage .verdict")).to_contain_text("“dog” is forced")
    page.evaluate("for (let i = 0; i < 5; i++) document.querySelector('#stage .verdict .plain').click()")
    shown(page, "Greedy")


def test_a_long_search_is_said_stopped_and_left_for_another(open_page: Open) -> None:
    page = open_page(ROOT / "checkpoints" / "fr-en")
    field = page.get_by_label("Sentence in French")
    page.locator("#options summary").click()
    page.get_by_label("Beam size").fill("50")
    page.keyboard.press("Escape")
    many = "Il fait très froid ce matin, mais le soleil brille sur la ville. " * 30
    field.fill(many)
    field.press("Enter")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("status")).to_have_text("Stopped.")
    field.fill(many)
    field.press("Enter")
    field.fill("Où est le chien ?")
    field.press("Enter")
    expect(page.locator("#answer")).to_contain_text("dog")
    expect(page.locator("#stage .chips")).to_contain_text("chien")
    field.fill("")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("nothing to translate")
    expect(page.locator("#stage")).to_be_hidden()


def test_two_directions_in_one_file(open_page: Open, tiny: Path) -> None:
    other = ROOT / "checkpoints" / "en-fr"
    page = open_page(tiny, other)
    page.get_by_role("button", name="English to French").click()
    page.get_by_label("Sentence in English").fill("My name is Inès Morel and I live in Rennes.")
    page.get_by_label("Sentence in English").press("Enter")
    shown(page, "Inès Morel")
    assert translated(page, "I am cold.", direction="en-fr")["text"]
    page.get_by_role("button", name="French to English").click()
    field = page.get_by_label("Sentence in French")
    field.fill("Les enfants jouent.")
    page.get_by_role("button", name="English to French").click()
    expect(page.get_by_label("Sentence in English")).to_have_value(re.compile("Inès"))
    page.get_by_role("button", name="French to English").click()
    expect(field).to_have_value("Les enfants jouent.")


def test_lessons_are_packed_in(open_page: Open, tiny: Path, tmp_path: Path) -> None:
    file = tmp_path / "one.toml"
    file.write_text(LESSON, encoding="utf-8")
    played = play(read_lesson(file), Folders(tiny.parent))
    page = open_page(tiny, lessons=[played])
    page.get_by_role("button", name="Lessons").click()
    page.get_by_role("button", name=played["title"]).click()
    expect(page.locator(".lesson .dot")).to_have_count(len(played["steps"]))
    page.get_by_role("button", name="All lessons").click()
    expect(page.get_by_role("button", name=played["title"])).to_be_visible()
    page.get_by_role("button", name="French to English").click()
    expect(page.get_by_label("Sentence in French")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")])
def test_it_looks_right(open_page: Open, width: int, scheme: str) -> None:
    page = open_page(ROOT / "checkpoints" / "fr-en", width=width, scheme=scheme)
    field = page.get_by_label("Sentence in French")
    field.fill("Je m'appelle Inès Morel et j'habite à Rennes.")
    field.press("Enter")
    shown(page, "My name is Inès Morel")
    page.get_by_role("button", name="Last step (End)").click()
    assert not sideways(page)
    assert overlapping(page) == []
    assert hard_to_read(page) == []
    if width > 1000:  # what counts is above the fold
        bottom = page.locator("#stage .outputs").evaluate("element => element.getBoundingClientRect().bottom")
        assert bottom < 900
