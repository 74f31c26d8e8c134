"""Click and press keys through the pages in a real browser; print how long each action takes to show its result.

python -m benchmarks.pages [--times N]
"""

import argparse
import re
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple
from urllib.parse import quote

from playwright.sync_api import Page, sync_playwright

import seq2seq
from benchmarks.running import ROOT, running_app
from seq2seq.trace import Trace
from tests.browser.conftest import FLAGS, find_browser, settle

SENTENCE = "Je n'ai jamais vu un aussi beau chien dans ce grand jardin."  # twelve words
LONG = (
    "Deux jeunes hommes jouent au football sur la plage pendant que leurs amis regardent la mer et mangent des "
    "glaces, puis ils rentrent tous à la maison."
)


class Measured(NamedTuple):
    """What was done, how long it may take, and how long it took, in seconds."""

    what: str
    allowed: float
    waits: list[float]


def timed(page: Page, act: Callable[[], object], shows: str, holds: object) -> float:
    """Return the seconds from an action until the script `shows`, called with `holds`, is true in the page."""
    settle(page)
    start = time.perf_counter()
    act()
    page.wait_for_function(shows, arg=holds, polling="raf")
    return time.perf_counter() - start


_ATTENDED = """step => {
    const shown = key => document.querySelector(`.st-key-${key} .js-plotly-plot .main-svg`) !== null;
    const map = document.querySelector('.st-key-att_heatmap .js-plotly-plot');
    const row = document.querySelector('.st-key-att_row [role=figure]')?.ariaLabel ?? '';
    return new RegExp(`[?&]step=${step}(&|$)`).test(location.search) === (step > 1)
        && map?._fullLayout?.shapes?.[0]?.y0 === step - 1.5
        && row.startsWith(`At step ${step} `) && shown('att_row') && shown('att_candidates');
}"""
_CELL = """([row, column]) => {
    const map = document.querySelector('.st-key-att_heatmap .js-plotly-plot');
    map.scrollIntoView({block: 'center'});
    const l = map._fullLayout, r = map.getBoundingClientRect();
    return [r.left + l.xaxis._offset + l.xaxis.d2p(column), r.top + l.yaxis._offset + l.yaxis.d2p(row)];
}"""


def attention_clicks(page: Page, address: str, times: int) -> Measured:
    """Click cells of the heatmap in turn, and wait for the mark, the step next to it and the address."""
    page.goto(f"{address}/attention?text={quote(SENTENCE)}&by=pieces&step=2")
    page.wait_for_function(_ATTENDED, arg=2)
    waits = []
    for turn in range(times):
        row = turn * 5 % 7
        settle(page)
        x, y = page.evaluate(_CELL, [row, 4 + turn % 4])  # in sight, wherever the map has been panned to
        page.mouse.move(x - 3, y)
        page.mouse.move(x, y)
        waits.append(timed(page, lambda x=x, y=y: page.mouse.click(x, y), _ATTENDED, row + 1))
    return Measured("attention, beam 5, 12 words: a click on a cell", 0.3, waits)


def attention_keys(page: Page, times: int) -> Measured:
    """Walk to and fro by the arrow keys."""
    at = int(re.findall(r"step=(\d+)", page.url)[0])
    page.get_by_text("Each row adds up").click()
    waits = []
    for turn in range(times):
        key, at = ("ArrowRight", at + 1) if turn % 2 == 0 else ("ArrowLeft", at - 1)
        waits.append(timed(page, lambda key=key: page.keyboard.press(key), _ATTENDED, at))
    return Measured("the same: an arrow key", 0.3, waits)


# Steps, hovers and choices are answered in the page itself: what counts is the time to a new layout.
_STAGE = """async ([kind, times]) => {
    const root = [...document.querySelectorAll('*')].find(e => e.shadowRoot?.querySelector('.stage')).shadowRoot;
    const act = {
        step: i => document.dispatchEvent(new KeyboardEvent('keydown', {key: i % 2 ? 'ArrowLeft' : 'ArrowRight'})),
        hover: i => {
            const nodes = root.querySelectorAll('.node');
            nodes[i % nodes.length].dispatchEvent(new PointerEvent('pointerenter'));
        },
        choice: i => {
            const nodes = root.querySelectorAll('.node');
            nodes[i % nodes.length].dispatchEvent(new MouseEvent('click', {bubbles: true}));
        },
    }[kind];
    const waits = [];
    for (let i = 0; i < times; i++) {
        await new Promise(requestAnimationFrame);
        const start = performance.now();
        act(i);
        root.querySelector('.tree svg').getBBox();
        waits.push((performance.now() - start) / 1000);
    }
    return waits;
}"""


def stage(page: Page, address: str, times: int, *, large: bool = False) -> list[Measured]:
    """Step, hover and choose on the stage."""
    name = "beam 10 on a long sentence" if large else "beam 5, 12 words"
    page.goto(f"{address}/?text={quote(LONG if large else SENTENCE)}&beam={10 if large else 5}")
    page.locator(".verdict").wait_for()
    settle(page)
    page.keyboard.press("Home")
    page.evaluate(
        "() => { window.__sent = 0; const send = WebSocket.prototype.send;"
        " WebSocket.prototype.send = function (...all) { window.__sent++; return send.apply(this, all); }; }"
    )
    found = [
        Measured(f"stage, {name}: a {kind}", 0.033 if large else 0.016, page.evaluate(_STAGE, [kind, times]))
        for kind in ("step", "hover", "choice")
    ]
    print(f"stage, {name}: {page.evaluate('window.__sent')} messages to the server")
    return found


def own_sentence(page: Page, address: str, times: int) -> Measured:
    """Type sentences into the open page."""
    page.goto(f"{address}/?text={quote(SENTENCE)}")
    page.locator(".verdict").wait_for()
    field, waits = page.get_by_role("textbox").first, []
    shows = """word => [...document.querySelectorAll('*')].some(
        e => [...(e.shadowRoot?.querySelectorAll('.chip') ?? [])].some(chip => chip.textContent.includes(word)))"""
    for turn in range(times):
        number = str(1000 + turn)
        field.fill(f"J'ai vu {number} chats dans le jardin.")
        waits.append(timed(page, lambda: field.press("Enter"), shows, number))
    return Measured("an own sentence, once the model is loaded: on the stage", 0.3, waits)


def forcing(page: Page, times: int) -> Measured:
    """Force a candidate of the open search, and take it back each time."""
    waits = []
    undo = page.get_by_role("button", name="Undo")
    for turn in range(times):
        page.locator(".row.candidate[aria-pressed=false]").nth(turn % 5).click()
        force = page.get_by_role("button", name=re.compile("^Force “"))
        waits.append(timed(page, force.click, "() => " + _UNDO, None))
        undo.click()
        undo.wait_for(state="detached")
    return Measured("the same: forcing a candidate", 0.3, waits)


_UNDO = """[...document.querySelectorAll('*')].some(
    e => [...(e.shadowRoot?.querySelectorAll('.verdict button') ?? [])].some(b => b.textContent === 'Undo'))"""
_CHOSEN = """node => {
    const g = document.querySelector('.st-key-tree .js-plotly-plot');
    return new RegExp(`[?&]node=${node}(&|$)`).test(location.search)
        && g?.data?.some(t => t.name === 'chosen' && t.x[0] === g.data.flatMap(
            o => (o.ids || []).map((id, i) => [id, o.x[i]])).find(([id]) => id === String(node))[1]);
}"""
_PLACE = """node => {
    const g = document.querySelector('.st-key-tree .js-plotly-plot');
    g.scrollIntoView({block: 'center'});
    const l = g._fullLayout, r = g.getBoundingClientRect();
    for (const t of g.data) {
        const i = (t.ids || []).indexOf(String(node));
        if (i >= 0) return [r.left + l.xaxis._offset + l.xaxis.c2p(t.x[i]),
                            r.top + l.yaxis._offset + l.yaxis.c2p(t.y[i])];
    }
}"""
_DRAWN = """() => document.querySelector('.st-key-tree .js-plotly-plot .scatterlayer .point') !== null
    && document.querySelectorAll('[data-testid=stPlotlyChart] .main-svg').length >= 3"""


def tree_clicks(page: Page, address: str, trace: Trace, times: int) -> Measured:
    """Click nodes of the first steps in turn, and wait for the mark, the side panel and the address."""
    page.goto(f"{address}/beam_tree?tree=whole&text={quote(SENTENCE)}")
    page.wait_for_function(_DRAWN)
    path = trace.path(trace.best.leaf)[:6]
    waits = []
    for turn in range(times):
        node = path[turn * 5 % 6]
        settle(page)
        x, y = page.evaluate(_PLACE, node)
        page.mouse.move(x - 3, y)
        page.mouse.move(x, y)
        waits.append(timed(page, lambda x=x, y=y: page.mouse.click(x, y), _CHOSEN, node))
    return Measured("beam tree, beam 5, 12 words: a click on a node", 0.7, waits)


def tree_steps(page: Page, trace: Trace, times: int) -> Measured:
    """Walk to and fro by the arrow keys."""
    path = trace.path(trace.best.leaf)
    at = int(re.findall(r"node=(\d+)", page.url)[0])
    waits = []
    for turn in range(times):
        place = path.index(at)
        key, at = ("ArrowRight", path[place + 1]) if turn % 2 == 0 else ("ArrowLeft", path[place - 1])
        waits.append(timed(page, lambda key=key: page.keyboard.press(key), _CHOSEN, at))
    return Measured("the same: an arrow key", 0.7, waits)


def panels(page: Page, name: str, mark: str, times: int) -> Measured:
    """Open and close a panel. name: of its button; mark: CSS selector of what only the open panel has."""
    waits = []
    shows = f"open => (document.querySelector('{mark}') !== null) === open"
    for turn in range(times):
        waits.append(timed(page, page.get_by_role("radio", name=name).click, shows, turn % 2 == 0))
    return Measured("the same: opening or closing a panel", 0.3, waits)


def large_trees(page: Page, address: str, times: int) -> Measured:
    """Show and hide all pruned nodes of a tree of beam 10 and some 30 steps, which redraws the tree."""
    page.goto(f"{address}/beam_tree?tree=whole&text={quote(LONG)}&beam=10")
    page.wait_for_function(_DRAWN)
    waits = []
    for turn in range(times):
        name = ("Show all pruned", "Hide all pruned")[turn % 2]
        shown = "all => document.querySelectorAll('.st-key-tree .js-plotly-plot .point').length > 700 === all"
        button = page.get_by_role("button", name=name)
        waits.append(timed(page, button.click, shown, turn % 2 == 0))
    return Measured("beam 10, 30 steps: the whole tree drawn, with and without pruned", 1.5, waits)


def show(found: Measured) -> None:
    """Print a line of the table."""
    waits = found.waits
    print(f"{found.what:66}  {statistics.median(waits):6.3f}  {max(waits):5.3f}  {found.allowed:7.3f}", flush=True)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    times = parser.parse_args().times
    trace = seq2seq.load(ROOT / "checkpoints" / "fr-en").trace(SENTENCE, beam_size=5)
    print(f"{'seconds, median of ' + str(times):66}  median  worst  allowed", flush=True)
    with running_app() as app, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(60_000)
        for large in (False, True):
            for found in stage(page, app.address, times, large=large):
                show(found)
        for measure in (
            partial(own_sentence, page, app.address),
            partial(forcing, page),
            partial(attention_clicks, page, app.address),
            partial(attention_keys, page),
            partial(panels, page, "Is it an explanation?", ".st-key-attributions .main-svg"),
            partial(tree_clicks, page, app.address, trace),
            partial(tree_steps, page, trace),
            partial(panels, page, "What if", ".st-key-continue_here"),
            partial(large_trees, page, app.address),
        ):
            show(measure(times))
        browser.close()


if __name__ == "__main__":
    main()
