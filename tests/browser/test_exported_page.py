"""The page that translates by itself, used as somebody uses it who was given the file."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from seq2seq.course.files import read_lesson
from seq2seq.course.library import Folders
from seq2seq.course.play import play
from seq2seq.search import Beam, SearchOptions
from seq2seq.trace.edits import make_edit
from seq2seq.translator import Translator
from tests.browser.conftest import ROOT
from tests.browser.exported_pages import Open, exported_pages
from tests.browser.looks import hard_to_read, overlapping, sideways
from tests.course.lessons import LESSON
from tests.exported.models import write_tiny


@pytest.fixture(scope="module")
def open_page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    with exported_pages(browser, tmp_path_factory.mktemp("pages")) as open_page:
        yield open_page


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("exported") / "tiny")


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
    assert page.evaluate("translate('I am cold.', {direction: 'en-fr'})")["text"]
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
