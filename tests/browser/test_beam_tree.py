"""The beam tree page, used as a visitor uses it."""

import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Page, expect

from pages.shared.views import BeamTreeView
from seq2seq.trace import History, Trace
from seq2seq.trace.view import nodes_at
from seq2seq.translator import Translator
from tests.browser.conftest import Visit, insist, open_file, reach, save_from_menu, settle
from tests.browser.looks import cut_or_half_empty, hard_to_read, overlapping, sideways

TEXT = "il fait froid dehors"


def link(text: str = TEXT, **parameters: object) -> str:
    shown = "&".join(f"{name}={value}" for name, value in {"model": "tiny", "tree": "whole", **parameters}.items())
    return f"beam_tree?text={quote(text)}&{shown}"


@pytest.fixture(scope="session")
def trace(translator: Translator) -> Trace:
    """The search that the page shows of `TEXT`."""
    return translator.trace(TEXT, options=BeamTreeView(text=TEXT).beam_search(translator.config.alpha))


def drawn(page: Page) -> None:
    """Wait until the tree stands there; Plotly itself is fetched when the first figure comes."""
    page.wait_for_function(
        "() => document.querySelector('.st-key-tree .js-plotly-plot')?._fullLayout?.xaxis?._offset !== undefined"
    )
    settle(page)


def click_node(page: Page, node: int) -> None:
    """Click the mark of a node, which has to be in view, until it is chosen."""
    drawn(page)
    insist(page, lambda: _click(page, node), lambda: at_node(page, node))


def at_node(page: Page, node: int) -> bool:
    return re.search(rf"[?&]node={node}(&|$)", page.url) is not None


def press(page: Page, key: str, node: int) -> None:
    """Press `key` until `node` is chosen."""
    reach(page, lambda: page.keyboard.press(key), lambda: at_node(page, node))


def _click(page: Page, node: int) -> None:
    page.locator(".st-key-tree .js-plotly-plot").scroll_into_view_if_needed()
    place = page.evaluate(
        """node => {
            const g = document.querySelector('.st-key-tree .js-plotly-plot');
            const l = g._fullLayout, r = g.getBoundingClientRect();
            for (const t of g.data) {
                const i = (t.ids || []).indexOf(String(node));
                if (i >= 0) return [r.left + l.xaxis._offset + l.xaxis.c2p(t.x[i]),
                                    r.top + l.yaxis._offset + l.yaxis.c2p(t.y[i])];
            }
        }""",
        node,
    )
    page.mouse.move(place[0] - 3, place[1])
    page.mouse.move(*place)
    page.mouse.click(*place)


def expect_node(page: Page, node: int) -> None:
    """Wait until the address, and so the side panel, is about a node."""
    expect(page).to_have_url(re.compile(rf"[?&]node={node}(&|$)"))
    settle(page)


def edits_of(page: Page) -> History:
    return History.from_text(parse_qs(urlsplit(page.url).query).get("edits", [""])[0])


def force_word(page: Page, word: str) -> None:
    def act() -> None:
        page.get_by_role("textbox", name=re.compile("^(After|As the first word)")).fill(word)
        page.get_by_role("button", name="Force this word").click()

    reach(page, act, page.get_by_text("After:").is_visible)
    drawn(page)


def test_the_link_holds_the_step_and_the_node_of_the_stage(visit: Visit) -> None:
    page = visit(link(tree="played"), width=1440)
    nodes = page.locator(".tree .node")
    nodes.first.wait_for()
    nodes.nth(4).click()
    page.wait_for_function("() => location.search.includes('node=')")
    written = page.locator(".prefix").inner_text()
    address = page.evaluate("location.href")
    again = visit(address.split("/", 3)[3], width=1440)
    expect(again.locator(".prefix")).to_have_text(written)
    expect(again.get_by_role("button", name="Copy link")).to_be_visible()


def test_on_a_phone_a_finger_chooses_and_forces_and_the_other_pages_are_in_sight(visit: Visit) -> None:
    page = visit(link(tree="played"), width=390, touch=True)
    nodes = page.locator(".tree .node")
    nodes.first.wait_for()
    expect(page.get_by_role("link", name="Translate").first).to_be_visible()
    nodes.nth(2).tap()
    expect(page.locator(".tree .node[aria-pressed=true]")).to_have_count(1)
    page.locator(".row.candidate").nth(1).tap()
    field = page.get_by_label("Another word to force here")
    field.fill("dog")
    reach(
        page,
        page.get_by_role("button", name="Force", exact=True).tap,
        page.locator(".verdict").get_by_role("button", name="Undo").is_visible,
    )
    expect(page.locator(".output").last).to_contain_text("dog")
    assert sideways(page) <= 0


def test_the_menu_on_a_node_forces_by_mouse_and_by_keyboard(visit: Visit) -> None:
    page = visit(link(tree="played"), width=1440)
    nodes, menu = page.locator(".tree .node"), page.get_by_role("menu")
    nodes.first.wait_for()
    nodes.nth(2).click(button="right")
    expect(menu).to_contain_text("Force in its place")
    expect(menu).to_contain_text("Go on from here alone")
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    page.get_by_role("button", name="What if here").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    expect(menu.locator("button:focus")).to_have_count(1)
    reach(
        page,
        lambda: page.keyboard.press("Enter"),
        page.locator(".verdict").get_by_role("button", name="Undo").is_visible,
    )
    expect(page.locator(".verdict")).to_contain_text("is forced")


def test_a_question_of_the_inspector_is_answered_below_and_closed_again(visit: Visit) -> None:
    page = visit(link(tree="played"), width=1440)
    question = page.locator(".questions").get_by_role("button", name="Length penalty")
    reach(page, question.click, page.get_by_role("heading", name="Length penalty").is_visible)
    expect(question).to_have_attribute("aria-pressed", "true")
    assert "tool=penalty" in page.url
    expect(page.get_by_role("heading", name="Length penalty")).to_be_in_viewport()
    reach(
        page,
        page.get_by_role("button", name="Close").click,
        lambda: not page.get_by_role("heading", name="Length penalty").count(),
    )
    expect(question).to_have_attribute("aria-pressed", "false")


def test_a_click_on_a_node_shows_what_is_known_of_it(visit: Visit, trace: Trace) -> None:
    page = visit(link())
    second, third = trace.path(trace.best.leaf)[1:3]
    for node, step in ((second, 2), (third, 3), (second, 2), (second, 2)):
        click_node(page, node)
        expect(page.get_by_role("heading", name=re.compile(f"^Step {step}:"))).to_be_visible()
        expect_node(page, node)
    assert page.locator(".st-key-tree [role=figure]").get_attribute("aria-label").count("Chosen: Step 2")


def test_a_click_leaves_the_tree_where_it_was_dragged_to(visit: Visit, trace: Trace) -> None:
    page = visit(link(pruned="all"))
    drawn(page)
    at_first = shown_part(page)

    def drag() -> None:
        box = page.locator(".st-key-tree .js-plotly-plot .nsewdrag").first.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - 30, y - 10, steps=3)
        page.mouse.up()

    # What was dragged to is told when the page is still again.
    insist(page, drag, lambda: shown_part(page) != at_first)
    page.wait_for_function("() => performance.now() - (window.__drawn ??= performance.now()) > 1500")
    settle(page)
    dragged = shown_part(page)
    click_node(page, trace.path(trace.best.leaf)[2])
    assert shown_part(page) == pytest.approx(dragged, abs=1)


def shown_part(page: Page) -> list[float]:
    """Return the part of the tree that shows, as the ranges of its axes."""
    found: list[float] = page.evaluate(
        """() => {
            const l = document.querySelector('.st-key-tree .js-plotly-plot')._fullLayout;
            return [...l.xaxis.range, ...l.yaxis.range];
        }"""
    )
    return found


def test_arrow_keys_walk_through_the_tree(visit: Visit, trace: Trace) -> None:
    page = visit(link(node=trace.path(trace.best.leaf)[1]))
    drawn(page)
    path = trace.path(trace.best.leaf)
    for key, node in (("ArrowRight", path[2]), ("ArrowRight", path[3]), ("ArrowLeft", path[2])):
        press(page, key, node)
    kept = [n for n in nodes_at(trace, 3) if trace.nodes.status[n] != "pruned"]
    reach(page, lambda: page.keyboard.press("ArrowDown"), lambda: not at_node(page, path[2]))
    expect(page.get_by_role("combobox", name="Step", exact=True)).to_have_value("3")
    assert int(parse_qs(urlsplit(page.url).query)["node"][0]) in kept
    settle(page)
    press(page, "ArrowUp", path[2])


def test_a_bar_is_clicked_and_what_was_pruned_comes_into_the_tree(visit: Visit, trace: Trace) -> None:
    page = visit(link())
    drawn(page)
    hide = page.get_by_role("button", name="Hide the")
    reach(page, page.get_by_role("button", name="Show what was pruned here").click, hide.is_visible)
    drawn(page)
    pruned = next(n for n, p in enumerate(trace.nodes.parent) if p == 0 and trace.nodes.status[n] == "pruned")
    click_node(page, pruned)
    expect(page.get_by_text("Pruned: others of its step had better totals")).to_be_visible()


def test_a_forced_word_grows_a_second_tree_and_undo_takes_it_back(visit: Visit) -> None:
    page = visit(link(tool="whatif"))
    drawn(page)
    force_word(page, "dog")
    expect(page.get_by_text("Before: nothing forced")).to_be_visible()
    expect(page.get_by_text("After: “dog” forced")).to_be_visible()
    expect(page.get_by_text("instead of")).to_be_visible()
    assert len(edits_of(page).versions) == 1
    reach(page, page.get_by_role("button", name="Undo").click, lambda: not page.get_by_text("After:").count())
    assert edits_of(page) == History()


def test_a_link_restores_the_edits_and_the_open_panel(visit: Visit) -> None:
    first = visit(link(tool="whatif"))
    drawn(first)
    force_word(first, "dog")
    query = urlsplit(first.url).query
    again = visit(f"beam_tree?{query}")
    drawn(again)
    expect(again.get_by_text("After: “dog” forced")).to_be_visible()
    expect(again.get_by_role("button", name="Undo")).to_be_enabled()
    assert edits_of(again) == edits_of(first)


def test_figure_tree_table_and_trace_are_saved(visit: Visit, trace: Trace) -> None:
    page = visit(link())
    drawn(page)
    tree = page.locator(".st-key-tree")
    menu = tree.get_by_role("button", name="Save")
    kinds = {
        "Picture (SVG)": b"<svg",
        "Page (HTML)": b"plotly",
        "Table (CSV)": b"on_best_path",
        "Trace (JSON)": b'"version":1',
    }
    for kind, holds in kinds.items():
        assert holds in save_from_menu(page, menu, kind)[1]
    page.keyboard.press("Escape")
    results = page.get_by_text("best of the beam")
    assert b"<script" in save_from_menu(page, results, "Replay page (HTML)")[1]


def test_a_trace_file_is_opened_without_a_model_and_closed_again(visit: Visit, trace: Trace) -> None:
    page = visit(link(tool="whatif"))
    drawn(page)
    open_file(page, "trace.json", trace.to_json().encode(), "From a file")
    expect(page.get_by_text("Forcing another beginning asks the model itself")).to_be_visible()
    # A trace from a file is not in the address, so the side panel alone tells.
    named = page.get_by_role("heading", name=re.compile("^Step 2:"))
    insist(page, lambda: _click(page, trace.path(trace.best.leaf)[1]), named.is_visible)
    translate = page.get_by_role("button", name="Translate", exact=True)
    reach(page, page.get_by_role("button", name="Close the file").click, translate.is_visible)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_no_texts_overlap_and_all_can_be_read(visit: Visit, width: int, scheme: str) -> None:
    edits = History().edit((11, 12)).edit((11, 12, 13), name="another").to_text()
    page = visit(link(TEXT, tool="whatif", edits=edits, pruned="all"), width=width, scheme=scheme)
    drawn(page)
    expect(page.get_by_text("After:")).to_be_visible()
    assert overlapping(page) == []
    assert cut_or_half_empty(page) == []
    assert hard_to_read(page) == []
    assert sideways(page) <= 0
