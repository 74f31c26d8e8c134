"""The replay page, opened from disk in a real browser."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from seq2seq.search import Beam, Greedy, SearchOptions
from seq2seq.trace import Trace
from seq2seq.trace.view import nodes_at, prefix_text
from seq2seq.translator import Translator
from seq2seq.viz.replay import replay_html
from tests.browser.looks import hard_to_read, overlapping, sideways
from tests.viz.test_replay import NASTY, nasty

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def trace(translator: Translator) -> Trace:
    mode = Beam(size=4)
    return translator.trace("Où est le chien ?", options=SearchOptions(mode=mode, n_best=4, max_length=8))


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open the page of a trace from disk; nothing may be fetched, and the console has to stay empty."""
    contexts, wrong = [], []

    def open_file(trace: Trace, *, width: int = 1280, scheme: str = "light") -> Page:
        address = tmp_path / "replay.html"
        address.write_text(replay_html(trace), encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.on("request", lambda request: wrong.append(request.url))
        page.goto(address.as_uri())
        return page

    yield open_file
    for context in contexts:
        context.close()
    own = ((tmp_path / "replay.html").as_uri(), "data:", "blob:")
    assert [each for each in wrong if not each.startswith(own)] == []


def rows(page: Page, name: str) -> list[str]:
    """Return the texts of a list, without its head."""
    return page.locator(f"#{name} button").evaluate_all("all => all.map(row => row.title)")


def test_arrow_keys_go_through_the_steps(open_page: Open, trace: Trace) -> None:
    page = open_page(trace)
    last = trace.stop.steps
    expect(page.get_by_role("heading", name="Où est le chien ?")).to_be_visible()
    for step in range(1, last + 1):
        expect(page.locator("#step")).to_have_text(f"Step {step} of {last}")
        kept = [n for n in nodes_at(trace, step) if trace.nodes.status[n] == "kept"]
        assert rows(page, "live")[: len(kept)] == [prefix_text(trace, n) for n in kept]
        page.keyboard.press("ArrowRight")
    expect(page.locator("#says")).to_contain_text("Here the search ended")
    expect(page.locator("#step")).to_have_text(f"Step {last} of {last}")
    page.keyboard.press("Home")
    expect(page.locator("#step")).to_have_text(f"Step 1 of {last}")
    page.get_by_role("slider", name="Step").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#step")).to_have_text(f"Step 2 of {last}")


def test_play_goes_on_by_itself_and_stops_at_the_end(open_page: Open, trace: Trace) -> None:
    page = open_page(trace)
    page.clock.install()
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.clock.run_for(1300)
    expect(page.locator("#step")).to_have_text(f"Step 2 of {trace.stop.steps}")
    page.clock.run_for(60_000)
    expect(page.locator("#step")).to_have_text(f"Step {trace.stop.steps} of {trace.stop.steps}")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_a_node_shows_its_text_scores_and_attention(open_page: Open, trace: Trace) -> None:
    page = open_page(trace)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    node = [n for n in nodes_at(trace, 2) if trace.nodes.status[n] == "kept"][-1]
    marks = page.locator(".node[aria-label*='step 2,']:visible")
    found = marks.evaluate_all("all => all.map(mark => mark.getAttribute('aria-label'))")
    place = next(i for i, name in enumerate(found) if name.startswith(f"{prefix_text(trace, node)}:"))
    marks.nth(place).click()
    detail = page.locator("#detail")
    expect(detail.locator(".state")).to_contain_text("step 2")
    total = f"{trace.nodes.total[node]:.2f}".replace("-", "−")
    expect(detail.locator(".facts")).to_contain_text(total)
    bars = detail.locator(".look .column i")
    weights = bars.evaluate_all("all => all.map(bar => parseFloat(bar.style.height))")
    assert trace.expanded.attention is not None
    row = trace.expanded.attention[trace.expanded.node.index(trace.nodes.parent[node])]
    assert weights == pytest.approx([100 * weight for weight in row], abs=0.01)
    # From there the arrow keys walk in the tree; to the left stands its parent.
    page.keyboard.press("ArrowLeft")
    expect(detail.locator(".state")).to_contain_text("step 1")
    expect(page.locator("#step")).to_have_text(re.compile("Step 3 of"))


def test_candidates_and_outputs_lead_to_their_nodes(open_page: Open, trace: Trace) -> None:
    page = open_page(trace)
    pruned = page.locator("#candidates button:has(.shape.pruned)").first
    pruned.click()
    expect(page.locator("#detail .state")).to_contain_text("pruned, step 1")
    last = trace.hypotheses[-1]
    page.locator("#outputs button").last.click()
    expect(page.locator("#step")).to_have_text(f"Step {last.length} of {trace.stop.steps}")
    expect(page.locator("#detail .state")).to_contain_text(f"output {len(trace.hypotheses)} of")


def test_the_downloaded_trace_is_the_trace(open_page: Open, trace: Trace) -> None:
    page = open_page(trace)
    with page.expect_download() as download:
        page.get_by_text("Download the trace").click()
    assert download.value.suggested_filename == "trace.json"
    assert Trace.from_json(download.value.path().read_text(encoding="utf-8")) == trace


def test_markup_in_a_trace_is_shown_as_text(open_page: Open) -> None:
    trace = nasty(NASTY)
    page = open_page(trace)
    page.keyboard.press("End")
    shown = page.locator("h1").evaluate("heading => heading.textContent")
    assert shown == NASTY
    assert page.locator("img, b:not(.look b)").count() == 0
    assert page.locator("#outputs button").first.inner_text().startswith("</script><img")


def test_a_trace_without_attention_says_so(open_page: Open, translator: Translator) -> None:
    trace = translator.trace("Oui.", options=SearchOptions(mode=Greedy()))
    page = open_page(trace.model_copy(update={"expanded": trace.expanded.model_copy(update={"attention": None})}))
    expect(page.locator("#detail")).to_contain_text("no attention")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_no_texts_overlap_and_all_can_be_read(open_page: Open, trace: Trace, width: int, scheme: str) -> None:
    page = open_page(trace, width=width, scheme=scheme)
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    assert overlapping(page) == []
    assert hard_to_read(page) == []
    assert sideways(page) <= 0
