"""Click and press through the pages in a real browser; print how long each takes until it stands there.

python -m benchmarks.pages [--times N]
"""

import argparse
import os
import re
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from playwright.sync_api import Page, sync_playwright

import seq2seq
from seq2seq.trace import Trace
from tests.browser.conftest import FLAGS, find_browser, settle

ROOT = Path(__file__).resolve().parents[1]
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


@contextmanager
def app() -> Iterator[str]:
    """Start the app and yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.port", str(port)],
        stdout=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()
                break
            except OSError:
                time.sleep(0.5)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def timed(page: Page, act: Callable[[], object], shows: str, holds: object) -> float:
    """Return the seconds from an act until the script `shows` is true of `holds` in the page."""
    settle(page)
    start = time.perf_counter()
    act()
    page.wait_for_function(shows, arg=holds, polling="raf")
    return time.perf_counter() - start


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
    page.goto(f"{address}/beam_tree?text={quote(SENTENCE)}")
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


def tree_panels(page: Page, times: int) -> Measured:
    """Open and close the what-if panel."""
    waits = []
    shows = "open => (document.querySelector('.st-key-continue_here') !== null) === open"
    for turn in range(times):
        tool = page.get_by_role("radio", name="What if")
        waits.append(timed(page, tool.click, shows, turn % 2 == 0))
    return Measured("the same: opening or closing a panel", 0.3, waits)


def large_trees(page: Page, address: str, times: int) -> Measured:
    """Change the chosen node of a tree of beam 10 and some 30 steps to another one whose tree is drawn anew."""
    page.goto(f"{address}/beam_tree?text={quote(LONG)}&beam=10")
    page.wait_for_function(_DRAWN)
    waits = []
    for turn in range(times):
        name = ("Show all pruned", "Hide all pruned")[turn % 2]
        shown = "all => document.querySelectorAll('.st-key-tree .js-plotly-plot .point').length > 700 === all"
        button = page.get_by_role("button", name=name)
        waits.append(timed(page, button.click, shown, turn % 2 == 0))
    return Measured("beam 10, 30 steps: the whole tree drawn, with and without pruned", 1.5, waits)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    times = parser.parse_args().times
    trace = seq2seq.load(ROOT / "checkpoints" / "fr-en").trace(SENTENCE, beam_size=5)
    with app() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(60_000)
        found = [
            tree_clicks(page, address, trace, times),
            tree_steps(page, trace, times),
            tree_panels(page, times),
            large_trees(page, address, times),
        ]
        browser.close()
    print(f"{'seconds, median of ' + str(times):66}  median  worst  allowed")
    for what, allowed, waits in found:
        print(f"{what:66}  {statistics.median(waits):6.2f}  {max(waits):5.2f}  {allowed:7.1f}")


if __name__ == "__main__":
    main()
