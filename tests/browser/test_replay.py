"""The replay page, opened from disk in a real browser."""

import math
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from seq2seq.search import Beam, Greedy, SearchOptions
from seq2seq.trace import Trace
from seq2seq.trace.view import divergence, nodes_at, prefix_text
from seq2seq.translator import Translator
from seq2seq.viz.replay import replay_html
from seq2seq.viz.stage import Search
from tests.browser.documents import Open, documents
from tests.browser.looks import hard_to_read, overlapping, sideways
from tests.viz.test_replay import NASTY, nasty


@pytest.fixture(scope="module")
def trace(translator: Translator) -> Trace:
    mode = Beam(size=4)
    return translator.trace("Où est le chien ?", options=SearchOptions(mode=mode, n_best=4, max_length=8))


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open the page of a trace from disk; nothing may be fetched, and the console has to stay empty."""
    with documents(browser, tmp_path) as open_address:

        def open_file(trace: Trace, *, width: int = 1280, scheme: str = "light") -> Page:
            file = tmp_path / "replay.html"
            file.write_text(replay_html(trace), encoding="utf-8")
            return open_address(file.as_uri(), viewport={"width": width, "height": 900}, color_scheme=scheme)

        yield open_file


def count(page: Page, step: int, last: int) -> None:
    """Wait until a step shows."""
    expect(page.locator(".count")).to_have_text(f"Step {step} of {last}")


def test_arrow_keys_go_through_the_steps(open_page: Open, trace: Trace) -> None:
    page = open_page(trace)
    last = trace.stop.steps
    expect(page.get_by_role("heading", name="Où est le chien ?")).to_be_visible()
    page.get_by_role("tab", name="This step").click()
    for step in range(1, last + 1):
        count(page, step, last)
        kept = [n for n in nodes_at(trace, step) if trace.nodes.status[n] != "pruned"]
        shown = page.locator(".rows").first.locator(".hypothesis > :nth-child(2)").all_inner_texts()
        assert sorted(shown) == sorted(prefix_text(trace, n) or "⟨end⟩" for n in kept)
        page.keyboard.press("ArrowRight")
    count(page, 1, last)  # after the end it begins again
    page.keyboard.press("End")
    count(page, last, last)
    page.keyboard.press("ArrowLeft")
    count(page, last - 1, last)
    page.keyboard.press("Home")
    count(page, 1, last)
    page.get_by_role("slider", name="Step").focus()
    page.keyboard.press("ArrowRight")
    count(page, 2, last)


def test_play_goes_on_by_itself_and_stops_at_the_end(open_page: Open, trace: Trace) -> None:
    page = open_page(trace)
    page.clock.install()
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.clock.run_for(60_000)
    count(page, trace.stop.steps, trace.stop.steps)
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_a_node_shows_its_candidates_and_where_the_model_looked(open_page: Open, trace: Trace) -> None:
    page = open_page(trace)
    page.get_by_role("button", name="pieces").click()
    node = [n for n in nodes_at(trace, 2) if trace.nodes.status[n] == "kept"][-1]
    page.keyboard.press("ArrowRight")
    name = re.compile(f"^{re.escape(prefix_text(trace, node))}: ")
    page.locator(".node").filter(visible=True).and_(page.get_by_role("button", name=name)).last.click()
    siblings = [n for n in nodes_at(trace, 2) if trace.nodes.parent[n] == trace.nodes.parent[node]]
    assert trace.expanded.attention is not None
    row = trace.expanded.attention[trace.expanded.node.index(trace.nodes.parent[node])]
    heats = page.locator(".chip").evaluate_all(
        "all => all.map(e => +getComputedStyle(e).getPropertyValue('--heat'))"
    )
    assert heats == pytest.approx(row, abs=0.001)
    more = page.get_by_role("button", name="Show all")
    if more.is_visible():
        more.click()
    expect(page.locator(".candidate")).to_have_count(len(siblings))
    chances = page.locator(".candidate .bar i").evaluate_all("all => all.map(e => parseFloat(e.style.width))")
    wanted = sorted((100 * math.exp(trace.nodes.log_prob[n]) for n in siblings), reverse=True)
    assert chances == pytest.approx(wanted, abs=0.01)


def test_hovering_changes_nothing_that_a_click_has_chosen(open_page: Open, trace: Trace) -> None:
    page = open_page(trace)
    page.keyboard.press("End")
    chosen = page.locator(".panel .prefix")
    before = chosen.inner_text()
    page.locator(".node").first.hover()
    expect(chosen).to_have_count(0)  # the start has no candidates
    page.locator(".verdict").hover()
    assert chosen.inner_text() == before


def test_a_source_word_lights_what_looked_at_it(open_page: Open, trace: Trace) -> None:
    page = open_page(trace)
    page.keyboard.press("End")
    page.locator(".chip").first.hover()
    expect(page.locator(".looks")).to_contain_text("“Où”")
    page.locator(".chip").first.click()
    page.locator(".verdict").hover()
    expect(page.locator(".looks")).to_contain_text("“Où”")


def test_candidates_and_outputs_lead_to_their_nodes(open_page: Open, trace: Trace) -> None:
    page = open_page(trace)
    page.locator(".candidate.pruned").first.click()
    expect(page.locator(".panel .state")).to_contain_text("pruned")
    page.get_by_role("tab", name="Numbers").click()
    total = f"{trace.hypotheses[0].log_prob:.2f}".replace("-", "−")
    expect(page.locator(".panel table").first).to_contain_text(total)
    expect(page.locator(".facts")).to_contain_text("beam of 4")
    page.locator(".panel tbody button").last.click()
    count(page, trace.hypotheses[-1].length, trace.stop.steps)


def test_greedy_and_beam_stand_in_one_tree_that_forks_where_they_part(
    browser: Browser, tmp_path: Path, translator: Translator
) -> None:
    greedy = translator.trace("Où est le chien ?", options=SearchOptions(mode=Greedy(), max_length=8))
    beam = translator.trace("Où est le chien ?", options=SearchOptions(mode=Beam(size=4), n_best=4, max_length=8))
    part = divergence(greedy, beam)
    file = tmp_path / "two.html"
    file.write_text(replay_html(beam, beside=[Search("Greedy", greedy)]), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    assert part is not None
    expect(page.locator(".verdict")).to_contain_text(
        f"After “{part.common}” they part" if part.common else "They part"
    )
    page.keyboard.press("End")
    times = math.exp(abs(part.cost))
    price = page.locator(".price").text_content()
    assert price is not None
    assert float(price.split()[0]) == pytest.approx(times, abs=0.06)
    page.close()


def test_the_downloaded_trace_is_the_trace(open_page: Open, trace: Trace) -> None:
    page = open_page(trace)
    with page.expect_download() as download:
        page.get_by_text("Download the trace").click()
    assert download.value.suggested_filename == "trace.json"
    assert Trace.from_json(download.value.path().read_text(encoding="utf-8")) == trace


def test_in_a_narrow_window_the_chosen_node_is_in_view(open_page: Open, trace: Trace) -> None:
    page = open_page(trace, width=390)
    page.keyboard.press("End")
    for key in ("ArrowRight", "End", "ArrowLeft", "Home"):
        page.keyboard.press(key)
        box, node = (page.locator(each).bounding_box() for each in (".tree", ".node[aria-pressed=true] .shape"))
        assert box is not None
        assert node is not None
        assert box["x"] <= node["x"] <= box["x"] + box["width"]


def test_the_picture_can_be_saved(open_page: Open, trace: Trace) -> None:
    page = open_page(trace)
    page.keyboard.press("End")
    for kind, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Save as {kind}").click()
        assert download.value.suggested_filename == f"search.{kind.lower()}"
        assert download.value.path().read_bytes().startswith(start)


def test_markup_in_a_trace_is_shown_as_text(open_page: Open) -> None:
    trace = nasty(NASTY)
    page = open_page(trace)
    page.keyboard.press("End")
    shown = page.locator("h1").evaluate("heading => heading.textContent")
    assert shown == NASTY
    assert page.locator("img, b:not(.count b)").count() == 0
    assert "</script><img" in page.locator(".output").first.inner_text()


def test_a_trace_without_attention_says_so(open_page: Open, translator: Translator) -> None:
    trace = translator.trace("Oui.", options=SearchOptions(mode=Greedy()))
    page = open_page(trace.model_copy(update={"expanded": trace.expanded.model_copy(update={"attention": None})}))
    expect(page.locator(".looks")).to_contain_text("no attention")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_no_texts_overlap_and_all_can_be_read(open_page: Open, trace: Trace, width: int, scheme: str) -> None:
    page = open_page(trace, width=width, scheme=scheme)
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    assert overlapping(page) == []
    assert hard_to_read(page) == []
    assert sideways(page) <= 0
