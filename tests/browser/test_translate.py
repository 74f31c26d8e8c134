"""The translate page, used as a visitor uses it."""

import io
import json
import re
import zipfile
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from playwright.sync_api import Page, expect

from seq2seq.trace import Trace
from tests.browser.conftest import Visit, reach, save_from_menu, saved, settle
from tests.browser.looks import cut_or_half_empty, hard_to_read, overlapping, sideways


def type_and_translate(page: Page, text: str, says: str) -> None:
    """Type `text` and press Enter; says: what then stands on the page."""
    field = page.get_by_role("textbox", name="French text")

    def act() -> None:
        field.fill(text)
        field.press("Enter")

    reach(page, act, page.get_by_text(says).first.is_visible)


def link(text: str, **parameters: object) -> str:
    return "?" + "&".join([f"text={quote(text)}", *(f"{name}={value}" for name, value in parameters.items())])


def shown_step(page: Page) -> int:
    return int(page.locator(".count").inner_text().split()[1])


def test_the_first_screen_performs_and_takes_no_keys(visit: Visit) -> None:
    page = visit("?model=fr-en")
    expect(page.get_by_text("then it is your turn")).to_be_visible()
    verdict = page.locator(".verdict")
    expect(verdict).to_contain_text("they part")
    assert page.locator(".tree svg").bounding_box()["y"] < 700  # in the first look
    expect(page.get_by_role("button", name="Play")).to_be_visible()  # it has played, once
    before = shown_step(page)
    page.locator("body").press("ArrowLeft")
    assert shown_step(page) == before


def test_enter_translates_by_greedy_and_by_beam(visit: Visit) -> None:
    page = visit("?model=tiny")
    expect(page.get_by_text("Type a sentence above")).to_be_visible()
    type_and_translate(page, "il fait froid dehors", "Greedy")
    expect(page.get_by_text(re.compile("Beam 5 ·|and beam 5 ·")).first).to_be_visible()
    page.keyboard.press("Home")  # right after a translation the keys step
    expect(page.locator(".count")).to_contain_text("Step 1 of")


def test_the_model_is_taken_along_as_a_page(visit: Visit) -> None:
    page = visit(link("il fait froid dehors", model="tiny"))
    button = page.get_by_role("button", name="This model as a page")
    name, content = saved(page, lambda: button.click(timeout=10_000))
    assert name == "tiny.html"
    assert content.startswith(b"<!doctype html>")
    assert b'id="model-fr-en"' in content


def test_another_sentence_does_not_begin_at_the_step_of_the_last_one(visit: Visit) -> None:
    page = visit(link("il fait froid dehors", model="tiny", step=2))
    expect(page.locator(".count")).to_contain_text("Step 2 of")
    field, chip = page.get_by_role("textbox", name="French text"), page.locator(".chip").filter(has_text="chat")
    reach(page, lambda: (field.fill("le chat dort ici"), field.press("Enter")), chip.is_visible)
    expect(page.locator(".count")).to_have_text(re.compile(r"^Step (\d+) of \1$"))  # the whole picture


def test_shift_enter_breaks_the_line(visit: Visit) -> None:
    page = visit("?model=tiny")
    field = page.get_by_role("textbox", name="French text")
    field.fill("il fait froid")
    field.press("Shift+Enter")
    field.press_sequentially("le chat dort")
    assert field.input_value() == "il fait froid\nle chat dort"
    expect(page.get_by_text("Type a sentence above")).to_be_visible()


def test_stepping_and_hovering_ask_the_server_nothing(visit: Visit) -> None:
    page = visit(link("il fait froid dehors", model="tiny"))
    expect(page.locator(".verdict")).to_be_visible()
    sent: list[object] = []
    page.on("websocket", lambda socket: sent.append(socket))
    page.evaluate(
        "() => { window.__sent = 0; const send = WebSocket.prototype.send;"
        " WebSocket.prototype.send = function (...all) { window.__sent++; return send.apply(this, all); }; }"
    )
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.locator(".node").last.hover()
    page.locator(".chip").first.hover()
    page.locator(".candidate").last.click()
    assert page.evaluate("window.__sent") == 0
    assert sent == []
    assert "step=" in page.url


def test_the_step_in_a_link_is_shown(visit: Visit) -> None:
    page = visit(link("il fait froid dehors", model="tiny", step=3))
    expect(page.locator(".count")).to_contain_text("Step 3 of")


def test_a_link_restores_sentence_model_and_options(visit: Visit) -> None:
    first = visit()
    type_and_translate(first, "où est le chien ? & l'eau", "How sure is each word?")
    again = visit(link("où est le chien ? & l'eau", model="tiny", beam=3, alpha=1.0, sampling="on", seed=7))
    expect(again.get_by_text(re.compile("eam 3 ·")).first).to_be_visible()
    expect(again.get_by_text(re.compile("Sample ·")).first).to_be_visible()
    expect(again.get_by_role("textbox", name="French text")).to_have_value("où est le chien ? & l'eau")
    assert "text=" in first.url
    assert "beam=3" in again.url
    assert "seed=7" in again.url


def test_a_link_with_wrong_values_falls_back_to_the_defaults(visit: Visit) -> None:
    page = visit(link("il fait froid", beam="lots", alpha="99", sentence="-3", model="nobody", unknown="1"))
    expect(page.get_by_text(re.compile("eam 5 ·")).first).to_be_visible()
    expect(page.get_by_text("which is not here")).to_be_visible()


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=alert(1)><b>gras</b> **gras** $x^2$ :red[rouge] # titre [lien](http://x)",
        "😀 🎉 👩‍👩‍👧 صباح الخير 早上好",
        "a\u2028b\u0007c\u202ed",
    ],
)
def test_text_of_a_visitor_is_shown_as_text(visit: Visit, text: str) -> None:
    page = visit(link(text, model="tiny"))
    expect(page.locator(".verdict")).to_be_visible()
    assert page.locator("[data-testid=stMain] img").count() == 0
    assert page.locator("[data-testid=stMain] .katex").count() == 0
    assert page.get_by_text("gras", exact=True).locator("xpath=self::b|self::strong").count() == 0


def test_several_sentences_are_listed_and_each_can_be_watched(visit: Visit) -> None:
    page = visit(link("Il fait froid. Le chat dort.\nOù est le chien ?", model="tiny", sentence=1))
    expect(page.get_by_text("All 3 sentences")).to_be_visible()
    expect(page.get_by_role("combobox", name="Watch")).to_have_value("2 of 3: Le chat dort.")


def test_a_card_plays_its_sentence_and_own_sentences_are_listed(visit: Visit) -> None:
    page = visit("?model=fr-en")
    cards = page.locator(".cards button")
    cards.first.wait_for()
    assert cards.count() >= 10
    first = page.locator(".cards q").first.inner_text()
    reach(page, cards.first.click, lambda: f"text={quote_plus(first)}" in page.url)
    expect(page.locator(".controls .count")).to_be_in_viewport()
    type_and_translate(page, "il fait froid dehors", "cold outside")
    back = page.get_by_role("button", name="Your sentences (2)")
    reach(page, back.click, page.get_by_role("button", name=first).first.is_visible)
    name, content = saved(page, page.get_by_role("button", name="Save as a table").click)
    assert name == "sentences.tsv"
    assert [row.split("\t")[1] for row in content.decode().splitlines()] == [
        "sentence",
        first,
        "il fait froid dehors",
    ]


@pytest.mark.parametrize(
    ("text", "says"), [("", "then it is your turn"), ("   ", "then it is your turn"), ("\u202e", "no character")]
)
def test_nothing_to_translate_is_said(visit: Visit, text: str, says: str) -> None:
    page = visit(link(text))
    expect(page.get_by_text(says).first).to_be_visible()


def test_too_long_a_text_is_said_and_kept(visit: Visit) -> None:
    page = visit()
    type_and_translate(page, "je dors " * 1250, "this page takes 3,000")
    expect(page.get_by_text("The link restores the options only")).to_be_visible()
    assert len(page.get_by_role("textbox", name="French text").input_value()) == 10_000


def test_a_zipped_checkpoint_of_ones_own_becomes_the_model(visit: Visit, tiny_checkpoint: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for file in tiny_checkpoint.iterdir():
            archive.write(file, f"mine/{file.name}")
    page = visit()
    chooser = page.locator("input[type=file]")
    reach(page, page.get_by_role("button", name="Use a model of your own").click, lambda: chooser.count() > 0)
    chooser.set_input_files({"name": "notes.zip", "mimeType": "application/zip", "buffer": b"no zip"})
    expect(page.get_by_text("is not a zip file that can be read")).to_be_visible()
    chooser.set_input_files({"name": "mine.zip", "mimeType": "application/zip", "buffer": packed.getvalue()})
    expect(page.get_by_role("combobox", name="Model")).to_have_value("French → English (mine)")
    page.keyboard.press("Escape")
    type_and_translate(page, "il fait froid", "How sure is each word?")


def test_the_trace_can_be_downloaded(visit: Visit) -> None:
    page = visit(link("il fait froid dehors", model="tiny"))
    menu = page.get_by_text("Copy and download")
    trace = Trace.from_json(save_from_menu(page, menu, "Beam 5 trace (JSON)")[1])
    assert trace.source.text == "il fait froid dehors"
    assert json.loads(trace.to_json())["version"] == 1


def test_visitors_at_the_same_time_get_their_own_results(visit: Visit) -> None:
    sentences = ["il fait froid", "le chat dort", "où est le chien ?"]
    pages = [visit(link(sentence, model="tiny")) for sentence in sentences]
    for page, sentence in zip(pages, sentences, strict=True):
        pieces = page.locator("[data-testid=stCode]").first
        reach(page, page.get_by_text("Pieces that it reads").click, pieces.is_visible)
        assert (
            sentence.replace(" ?", "?") == "".join(pieces.inner_text().split(" | ")[:-1]).replace("▁", " ").strip()
        )


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_no_texts_overlap_and_all_can_be_read(visit: Visit, width: int, scheme: str) -> None:
    page = visit(
        link("Deux jeunes hommes jouent au football sur la plage.", sampling="on"), width=width, scheme=scheme
    )
    expect(page.locator(".verdict")).to_be_visible()
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    settle(page)
    page.wait_for_timeout(500)
    assert overlapping(page) == []
    assert cut_or_half_empty(page) == []
    assert hard_to_read(page) == []
    assert sideways(page) <= 0
