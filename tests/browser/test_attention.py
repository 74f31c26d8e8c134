"""The attention page, used as a visitor uses it."""

import json
import re
from collections.abc import Callable
from html import unescape
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from seq2seq.trace import Trace
from seq2seq.translator import Translator
from tests.browser.conftest import Visit, insist, open_file, reach, save_from_menu, settle
from tests.browser.looks import cut_or_half_empty, hard_to_read, overlapping, sideways

SENTENCE = "il fait froid dehors"


def link(text: str = SENTENCE, **parameters: object) -> str:
    values = {"text": quote(text), "model": "tiny", **parameters}
    return "attention?" + "&".join(f"{name}={value}" for name, value in values.items())


def plot(page: Page, key: str) -> Locator:
    """Return a figure, once it is drawn."""
    figure = page.locator(f".st-key-{key} .js-plotly-plot").last
    figure.locator(".main-svg").first.wait_for()
    settle(page)
    figure.scroll_into_view_if_needed()
    return figure


def click_at(page: Page, figure: Locator, x: float, y: float) -> None:
    """Click a place of a figure that is given in its own numbers."""
    place = figure.evaluate(
        """(plot, [x, y]) => {
            const box = plot.getBoundingClientRect(), l = plot._fullLayout;
            return [box.left + l.xaxis._offset + l.xaxis.d2p(x), box.top + l.yaxis._offset + l.yaxis.d2p(y)];
        }""",
        [x, y],
    )
    page.mouse.move(place[0] - 2, place[1])
    page.mouse.move(*place)
    page.mouse.click(*place)
    settle(page)


def choose(page: Page, row: int, column: int) -> None:
    """Click a cell of the map until its step is chosen."""
    insist(
        page,
        lambda: click_at(page, plot(page, "att_heatmap"), column, row),
        lambda: step(page).input_value().startswith(f"{row + 1}. ") and f"column={column}" in page.url,
    )


def go(page: Page, act: Callable[[], object], begins: str) -> None:
    """Do something until the chosen step begins like this."""
    reach(page, act, lambda: step(page).input_value().startswith(begins))


def forward(page: Page) -> None:
    page.get_by_role("button", name="Forward").click()


def press(page: Page, key: str, begins: str) -> None:
    """Press `key` until the chosen step begins like this."""
    go(page, lambda: page.keyboard.press(key), begins)


def step(page: Page) -> Locator:
    """Return the list that names the chosen step."""
    return page.get_by_role("combobox", name=re.compile("^Step, of"))


def words(page: Page, key: str) -> list[str]:
    """Return the names of a map's rows."""
    found: list[str] = plot(page, key).evaluate("plot => plot._fullLayout.yaxis.ticktext")
    return [unescape(name) for name in found]


def test_a_click_on_a_cell_chooses_its_step(visit: Visit) -> None:
    page = visit(link(by="pieces"))
    for row, column in ((2, 1), (0, 3), (0, 3), (3, 0)):
        choose(page, row, column)
        expect(step(page)).to_have_value(f"{row + 1}. {words(page, 'att_heatmap')[row]}")


def test_a_second_click_on_a_cell_chooses_it_again(visit: Visit) -> None:
    page = visit(link(by="pieces"))
    choose(page, 2, 1)
    go(page, lambda: forward(page), "4. ")
    expect(step(page)).to_have_value(re.compile(r"^4\. "))
    for _ in range(2):
        choose(page, 2, 1)


def test_arrow_keys_buttons_and_the_list_choose_a_step(visit: Visit) -> None:
    page = visit(link())
    expect(step(page)).to_have_value(re.compile(r"^1\. "))
    press(page, "ArrowRight", "2. ")
    go(page, lambda: forward(page), "3. ")
    page.get_by_text("Each row adds up").click()
    press(page, "ArrowLeft", "2. ")

    def from_the_list() -> None:
        step(page).click()
        page.get_by_role("option").nth(3).click()

    go(page, from_the_list, "4. ")
    expect(page).to_have_url(re.compile("step=4"))


def test_a_word_of_the_lines_can_be_clicked(visit: Visit) -> None:
    page = visit(link(by="pieces"))
    lines = page.get_by_role("radio", name="Lines")
    reach(page, lines.click, page.locator(".st-key-att_lines").is_visible)
    figure = plot(page, "att_lines")
    expect(page.get_by_role("slider", name="Hide weights below")).to_have_value("10")
    y = figure.evaluate("plot => plot.data.filter(one => one.customdata).at(-1).y[2]")
    go(page, lambda: click_at(page, figure, 1, y), "3. ")


def test_the_figure_is_saved_as_svg_and_png(visit: Visit) -> None:
    page = visit(link())
    menu = page.get_by_role("button", name="Save").first
    for format, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        name, image = save_from_menu(page, menu, f"Picture ({format})")
        assert name == f"Attention-of-il-fait-froid-dehors.{format.lower()}"
        assert image.startswith(start)


def test_page_table_and_trace_can_be_downloaded(visit: Visit) -> None:
    page = visit(link())
    menu = page.get_by_role("button", name="Save").first
    found = {kind: save_from_menu(page, menu, kind)[1] for kind in ("Page (HTML)", "Table (CSV)", "Trace (JSON)")}
    assert b"Attention of il fait froid dehors" in found["Page (HTML)"]
    assert found["Table (CSV)"].decode("utf-8-sig").startswith('"target","il","fait","froid","dehors"')
    assert Trace.from_json(found["Trace (JSON)"]).source.text == SENTENCE


def test_a_link_restores_the_view(visit: Visit) -> None:
    page = visit(link(searched="beam", rank=2, by="pieces", drawn="lines", threshold=0.25, step=3))
    expect(page.get_by_role("combobox", name="Whose output")).to_have_value(re.compile("^Beam 5, number 2: "))
    expect(page.get_by_role("radio", name="Piece")).to_be_checked()
    expect(page.get_by_role("radio", name="Lines")).to_be_checked()
    expect(page.get_by_role("slider", name="Hide weights below")).to_have_value("25")
    expect(step(page)).to_have_value(re.compile(r"^3\. "))
    for parameter in ("rank=2", "by=pieces", "drawn=lines", "threshold=0.25", "step=3"):
        assert parameter in page.url


def test_the_sentence_goes_along_from_page_to_page(visit: Visit) -> None:
    page = visit(link(beam=3))
    plot(page, "att_heatmap")
    beam = page.get_by_text(re.compile("eam 3 · ")).first
    reach(page, page.get_by_role("link", name="Translate").click, beam.is_visible)
    expect(page.get_by_role("textbox", name="French text")).to_have_value(SENTENCE)
    output = page.get_by_role("combobox", name="Whose output")
    reach(page, page.get_by_role("link", name="Attention").click, output.is_visible)
    expect(output).to_have_value(re.compile("^Beam 3, winner: "))
    expect(page.get_by_role("textbox", name="French text")).to_have_value(SENTENCE)


def test_a_trace_file_is_looked_at_without_its_model(visit: Visit, translator: Translator) -> None:
    page = visit("attention")
    trace = translator.trace("le chat dort", beam_size=2)
    open_file(page, "no.json", b'{"version": 9}', "This trace has version 9")
    open_file(page, "trace.json", trace.to_json().encode(), "The model itself is not open")
    expect(page.get_by_role("combobox", name="Whose output")).to_have_value(re.compile("^Beam 2, winner: "))
    assert words(page, "att_heatmap")
    empty = page.get_by_text("An example is shown")
    reach(page, page.get_by_role("button", name="Close the file").click, empty.is_visible)
    assert json.loads(trace.to_json())["model"]["name"] == "tiny"


@pytest.mark.parametrize(
    ("width", "scheme", "drawn"),
    [(1280, "light", "heatmap"), (390, "dark", "heatmap"), (1280, "dark", "lines"), (390, "light", "lines")],
)
def test_no_texts_overlap_and_all_can_be_read(visit: Visit, width: int, scheme: str, drawn: str) -> None:
    text = "Deux jeunes hommes jouent au football sur la plage."
    page = visit(
        f"attention?text={quote(text)}&drawn={drawn}&threshold=0.1&step=4&by=pieces", width=width, scheme=scheme
    )
    for key in (f"att_{drawn}", "att_candidates", "att_row"):
        plot(page, key)
    assert overlapping(page) == []
    assert cut_or_half_empty(page) == []
    assert hard_to_read(page) == []
    assert sideways(page) <= 0


def test_the_row_editor_acts_on_the_word_that_is_chosen_in_it(visit: Visit) -> None:
    page = visit(link(closer="surgery", column=0))
    chosen, weight = (
        page.locator(".st-key-in_place_surgery input"),
        page.get_by_role("slider", name="Weight of froid"),
    )

    def put_all_on_froid() -> None:
        chosen.fill("froid")
        chosen.press("Enter")
        settle(page)
        page.get_by_role("button", name="All on it").click()

    insist(page, put_all_on_froid, lambda: weight.get_attribute("aria-valuenow") == "100")
    expect(chosen).to_have_value("froid")


def test_a_bar_is_dragged_and_the_model_answers_meanwhile(visit: Visit) -> None:
    page = visit(link(closer="surgery", column=0), width=1440)
    bar = page.get_by_role("slider", name="Weight of froid")
    bar.scroll_into_view_if_needed()
    settle(page)
    box = bar.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 5, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], middle, steps=4)
    expect(bar).to_have_attribute("aria-valuenow", re.compile("^(59|60|61)$"))
    expect(page.get_by_text("With these weights")).to_be_visible()
    page.mouse.up()
    values = [
        int(one.get_attribute("aria-valuenow") or 0) for one in page.get_by_role("slider", name="Weight of").all()
    ]
    assert abs(sum(values) - 100) <= len(values)
    bar.press("End")
    expect(bar).to_have_attribute("aria-valuenow", "100")
