"""The captioning page, used as a visitor uses it."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from pages.captioning import ASK
from seq2seq.trace import Trace
from seq2seq.vision.captioning.captioner import Captioner
from seq2seq.vision.photos import read_photo
from tests.browser.conftest import ROOT, Visit, insist, open_file, reach, save_from_menu, saved, settle
from tests.browser.looks import cut_or_half_empty, hard_to_read, overlapping, sideways

SAMPLES = ROOT / "pages" / "samples"


def link(**parameters: object) -> str:
    words = {"captioner": "tiny-attention", **parameters}
    return "captioning?" + "&".join(f"{name}={value}" for name, value in words.items())


@pytest.fixture(scope="module")
def captioner(caption_models: Path) -> Captioner:
    return Captioner.load(caption_models / "tiny-attention")


def upload(page: Page, files: Sequence[FilePayload], says: str) -> None:
    """Upload photos; says: what then stands on the page."""
    chooser = page.locator("[data-testid=stFileUploader] input[type=file][multiple]").first
    chooser.set_input_files(files)
    expect(page.get_by_text(says).first).to_be_visible()
    settle(page)


def centre(page: Page, region: int, columns: int = 7) -> Callable[[], None]:
    """Return what clicks the middle of a region in the panel that greys out."""

    def click() -> None:
        photo = page.locator("[class*=st-key-grey_photo] .js-plotly-plot").last
        photo.scroll_into_view_if_needed()
        place = photo.evaluate(
            """(plot, [row, column, columns]) => {
                const {xaxis, yaxis} = plot._fullLayout, box = plot.getBoundingClientRect();
                const [width, height] = [xaxis.range[1], yaxis.range[0]];
                return [box.left + xaxis._offset + xaxis.c2p((column + 0.5) * width / columns),
                        box.top + yaxis._offset + yaxis.c2p((row + 0.5) * height / columns)];
            }""",
            [(region - 1) // columns, (region - 1) % columns, columns],
        )
        page.mouse.move(place[0] - 2, place[1])
        page.mouse.move(*place)
        page.mouse.click(*place)

    return click


def test_an_uploaded_sample_is_captioned(visit: Visit, captioner: Captioner) -> None:
    page = visit(link())
    upload(page, [SAMPLES / "rocket.jpg"], "Where the model looks")
    said = captioner.caption([read_photo(SAMPLES / "rocket.jpg")])[0][0].text
    expect(page.locator(".output").last).to_contain_text(said)
    expect(page.get_by_alt_text("The photo rocket.jpg")).to_be_visible()
    page.locator(".tree .node").first.wait_for()
    for step in (1, 2):
        page.keyboard.press("ArrowRight")
        expect(page.locator(".controls .count")).to_contain_text(f"{step} of")
    expect(page.get_by_text("Where the model looks while it writes")).to_be_visible()
    assert f"step={step}" in page.url


def test_regions_and_words_light_each_other(visit: Visit) -> None:
    page = visit(link(photo="coffee"))
    brightness = """() => {
        const find = root => root.querySelector('.veil')
            ?? [...root.querySelectorAll('*')].map(e => e.shadowRoot && find(e.shadowRoot)).find(Boolean);
        const canvas = find(document);
        return [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data].join();
    }"""
    page.locator(".tree .node").first.wait_for()
    page.keyboard.press("Home")
    first = page.evaluate(brightness)
    page.keyboard.press("ArrowRight")
    assert page.evaluate(brightness) != first
    page.get_by_role("button", name="region 25").hover()
    expect(page.locator(".looks")).to_contain_text("region 25")


def test_a_sample_is_clicked_and_a_region_of_it_greyed_out(visit: Visit) -> None:
    page = visit(link(), width=1440)
    sample = page.get_by_role("button", name="Two dogs at a window")
    reach(page, sample.click, lambda: "photo=two-dogs" in page.url)
    expect(page.locator(".verdict")).to_be_visible()
    settle(page)
    page.locator(".region").nth(4).click()
    hide = page.get_by_role("button", name="Grey it out")
    reach(page, hide.click, page.get_by_text("Without region 5").first.is_visible)
    expect(page.get_by_text("After", exact=True)).to_be_in_viewport()


def test_on_a_phone_a_sample_and_its_region_are_tapped(visit: Visit) -> None:
    page = visit(link(), width=390, scheme="dark", touch=True)
    sample = page.get_by_role("button", name="Two dogs at a window")
    reach(page, sample.tap, lambda: "photo=two-dogs" in page.url)
    expect(page.locator(".verdict")).to_be_visible()
    settle(page)
    page.locator(".region").nth(4).tap()
    expect(page.locator(".looks")).to_contain_text("region 5")
    hide = page.get_by_role("button", name="Grey it out")
    reach(page, hide.tap, page.get_by_text("Without region 5").first.is_visible)
    expect(page.get_by_text("After", exact=True)).to_be_in_viewport()


def test_a_photo_unlike_those_of_the_training_is_said_to_be_so(visit: Visit) -> None:
    page = visit(link(photo="coffee"))
    expect(page.get_by_text("Don't trust this caption")).to_be_in_viewport()


def test_a_word_is_forced_on_the_stage_and_taken_back(visit: Visit) -> None:
    page = visit(link(photo="coffee"))
    page.locator(".tree .node").first.wait_for()
    page.keyboard.press("Home")
    field = page.get_by_label("Another word to force here")
    field.fill("the")
    reach(page, lambda: field.press("Enter"), page.get_by_role("button", name="Undo").is_visible)
    expect(page.locator(".output").last).to_contain_text("the")
    expect(page).to_have_url(re.compile("begins=the"))
    reach(
        page,
        page.get_by_role("button", name="Undo").click,
        lambda: page.get_by_role("button", name="Undo").count() == 0,
    )


def test_several_uploads_are_worked_through_and_a_bad_one_stops_none(visit: Visit) -> None:
    page = visit(link())
    bad: FilePayload = {"name": "notes.jpg", "mimeType": "image/jpeg", "buffer": b"these are notes"}
    drawing: FilePayload = {"name": "drawing.svg", "mimeType": "image/svg+xml", "buffer": b"<svg xmlns='a'/>"}
    photos: list[FilePayload] = [
        {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": (SAMPLES / f"{name}.jpg").read_bytes()}
        for name in ("coffee", "rocket", "chelsea")
    ]
    page.locator("[data-testid=stFileUploader] input[type=file][multiple]").first.set_input_files(
        [photos[0], bad, photos[1], drawing, photos[2]]
    )
    expect(page.get_by_text("Your photos (3)")).to_be_visible()
    settle(page)
    expect(page.get_by_text("notes.jpg holds text").last).to_be_visible()
    expect(page.get_by_text("drawing.svg is a drawing").last).to_be_visible()
    reach(
        page,
        page.get_by_role("button", name="chelsea.jpg", exact=True).click,
        page.get_by_alt_text("The photo chelsea.jpg").is_visible,
    )
    reach(
        page,
        page.get_by_role("button", name="Remove all").click,
        page.get_by_text("Upload a photo above").is_visible,
    )


def test_regions_are_greyed_out_by_keyboard_click_and_box(visit: Visit) -> None:
    page = visit(link(photo="astronaut", ask="grey"))
    field = page.get_by_role("combobox", name="Regions, numbered row by row")

    def type_region() -> None:
        field.focus()
        page.keyboard.type("25")
        page.keyboard.press("Enter")
        # While the list is open, all else is hidden from assistive tools, and so from this test.
        page.keyboard.press("Escape")

    reach(page, type_region, page.get_by_text("Without region 25").is_visible)
    assert "grey=25" in page.url
    settle(page)
    reach(page, centre(page, 10), page.get_by_text("Without regions 10 and 25").is_visible)
    reach(page, centre(page, 10), page.get_by_text("Without region 25").is_visible)
    edge = page.get_by_role("slider", name="Box from left to right").last
    insist(
        page, lambda: (edge.focus(), page.keyboard.press("End")), page.get_by_text("and the box").first.is_visible
    )
    reach(
        page,
        page.get_by_role("button", name="Bring all back").click,
        page.get_by_text("Nothing is greyed").is_visible,
    )


def test_a_box_is_drawn_with_the_mouse(visit: Visit) -> None:
    page = visit(link(photo="coffee", ask="grey"))

    def drag() -> None:
        photo = page.locator("[class*=st-key-grey_photo] .js-plotly-plot").last
        photo.scroll_into_view_if_needed()
        box = photo.locator(".nsewdrag").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.25 * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"], steps=6)
        page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.75 * box["height"], steps=6)
        page.mouse.up()

    drawing = page.locator(".st-key-grey_mouse").get_by_role("radio", name="Draws a box")
    reach(page, drawing.click, lambda: drawing.get_attribute("aria-checked") == "true")
    reach(page, drag, page.get_by_text("Without the box").is_visible)
    edges = [int(edge) for edge in page.url.split("box=")[1].split("&")[0].split(".")]
    assert edges == pytest.approx([25, 25, 75, 75], abs=3)


def test_trace_and_picture_are_saved_and_the_trace_opens_again(visit: Visit, captioner: Captioner) -> None:
    page = visit(link(photo="coffee"))
    name, content = save_from_menu(page, page.get_by_text("Copy and download"), "Beam 5 trace (JSON)")
    trace = Trace.from_json(content)
    assert name == "beam-caption.json"
    assert trace.source.kind == "photo"
    assert trace.best.text == captioner.caption([read_photo(SAMPLES / "coffee.jpg")])[0][0].text
    reach(
        page, page.locator(".questions").get_by_role("button", name="All words").click, partial(asks, page, "words")
    )
    menu = page.get_by_role("button", name="Save", exact=True).first
    reach(page, page.get_by_text("As one figure, to save").click, menu.is_visible)
    name, content = saved(
        page,
        lambda: (
            page.get_by_role("button", name="Page (HTML)", exact=True).filter(visible=True).count() or menu.click(),
            page.get_by_role("button", name="Page (HTML)", exact=True).filter(visible=True).click(timeout=10_000),
        ),
    )
    assert name.endswith(".html")
    assert b"data:image/jpeg;base64" in content.replace(b"\\u002f", b"/")
    page.keyboard.press("Escape")
    open_file(page, "caption.json", trace.to_json().encode(), "needs the photo")
    expect(page.get_by_text("Where the model looks").first).to_be_visible()


def asks(page: Page, name: str) -> bool:
    """Return whether the link names the panel."""
    return f"ask={name}" in page.url


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1280, "dark"), (390, "light")])
def test_no_texts_overlap_and_all_can_be_read(visit: Visit, width: int, scheme: str) -> None:
    page = visit(link(photo="astronaut", grey="9.10", begins="the"), width=width, scheme=scheme)
    expect(page.locator(".verdict")).to_be_visible()
    for name, (title, _) in ASK.items():
        button = page.locator(".questions").get_by_role("button", name=title, exact=True)
        reach(page, button.click, partial(asks, page, name))
        page.wait_for_timeout(700)
        assert overlapping(page) == [], name
        assert cut_or_half_empty(page) == [], name
        # Region numbers stand on the photo, with a halo that no computation sees.
        assert [each for each in hard_to_read(page) if not each.split("'")[1].isdigit()] == [], name
        assert sideways(page) <= 0, name
