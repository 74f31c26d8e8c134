"""The page that translates by itself: whether it says what PyTorch says, how fast, and in how much memory.

python -m benchmarks.exported [--model checkpoints/fr-en] [--pairs PAIRS.tsv] [--sentences 1000]

Without pairs the sentences come from the built-in grammar. Memory is what the browser's process of the page holds
for itself (private pages), beside that of an empty page. Linux only.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.machine import describe
from seq2seq.data import read_pairs
from seq2seq.data.grammar import generate
from seq2seq.exported.page import Exported, exported_page
from seq2seq.search import Beam, Greedy, SearchOptions
from seq2seq.translator import Translator
from tests.browser.conftest import FLAGS, find_browser

CLOSE = 1e-3  # two scores, as natural logarithms, between which the order may differ
_TEN_WORDS = "Hier soir, nous avons mangé du pain avec nos amis."
_BATCH = 20
_SEARCH = """async ([lines, sizes]) => {
    const found = [];
    for (const line of lines) {
        const own = [];
        for (const size of sizes) own.push((await translate(line, {beam_size: size})).sentences);
        found.push(own);
    }
    return found;
}"""
_TIMES = """async ([line, size, tries]) => {
    const found = [];
    for (let i = 0; i < tries; i++) {
        const start = performance.now();
        await translate(line, {beam_size: size});
        found.push(performance.now() - start);
    }
    return found;
}"""


class Compared(NamedTuple):
    """What a page and the toolkit say of the same sentences."""

    searches: int
    ties: int
    """Searches whose outputs differ, with scores closer than CLOSE."""
    different: list[str]


def compare(page: Page, model: Translator, lines: Sequence[str], sizes: Sequence[int] = (1, 5)) -> Compared:
    """Search each line in the page and by `model`, with beams of these sizes; 1 is greedy."""
    ties, searches, different = 0, 0, []
    for start in range(0, len(lines), _BATCH):
        batch = list(lines[start : start + _BATCH])
        for line, by_size in zip(batch, page.evaluate(_SEARCH, [batch, list(sizes)]), strict=True):
            segments = model.segments(line)
            for size, sentences in zip(sizes, by_size, strict=True):
                mode = Greedy() if size == 1 else Beam(size=size, alpha=model.config.alpha)
                for segment, its in zip(segments, sentences, strict=True):
                    searches += 1
                    said = _difference(model, segment, SearchOptions(mode=mode, n_best=size), its)
                    ties += said == ""
                    different += [f"beam {size}, {segment!r}: {said}"] if said else []
    return Compared(searches, ties, different)


def _difference(model: Translator, segment: str, options: SearchOptions, its: dict[str, Any]) -> str | None:
    """Return how a search differs; an empty text for a tie, None if it does not."""
    if its["trace"] is None:
        return None if model.prepared(segment).is_copied else "the page copied it"
    trace = model.trace(segment, options=options)
    best, other = trace.best, its["trace"]["hypotheses"][0]
    far = abs(best.normalised - other["normalised"])
    same = [trace.nodes.token[node] for node in trace.path(best.leaf)] == _tokens(its["trace"])
    if far >= CLOSE:
        return f"{best.text!r} of {best.normalised:.4f}, {other['text']!r} of {other['normalised']:.4f}"
    return None if same else ""


def _tokens(trace: dict[str, Any]) -> list[int]:
    """Return the best output's tokens of a trace in JSON."""
    nodes, node, found = trace["nodes"], trace["hypotheses"][0]["leaf"], []
    while node > 0:
        found.append(nodes["token"][node])
        node = nodes["parent"][node]
    return found[::-1]


def sentences(pairs: Path | None, count: int) -> list[str]:
    """Return source sentences of a file of pairs, or French ones of the built-in grammar."""
    if pairs is not None:
        return [pair.source for pair in islice(read_pairs(pairs), count)]
    return [pair.source for pair in generate(count, seed=1)]


@contextmanager
def opened(folder: Path, query: str = "") -> Iterator[tuple[Browser, Page, float, float]]:
    """Yield a browser, the page of a model in it, its size in MB, and the seconds until it was ready."""
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        file = Path(place) / "page.html"
        file.write_bytes(exported_page([Exported(Translator.load(folder), folder)]))
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        page = browser.new_context(offline=True).new_page()
        start = time.perf_counter()
        page.goto(file.as_uri() + query)
        page.locator("body[data-ready]").wait_for()
        yield browser, page, file.stat().st_size / 1e6, time.perf_counter() - start
        browser.close()


def _private(pid: int) -> float:
    """Return the MB that a process holds for itself."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private")) / 1e3


def _largest(browser: Browser) -> float:
    """Return the MB of the browser's largest process of a page."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    return max(_private(each["id"]) for each in processes if each["type"] == "renderer")


def main() -> None:
    """Compare, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("checkpoints/fr-en"))
    parser.add_argument("--pairs", type=Path)
    parser.add_argument("--sentences", type=int, default=1000)
    asked = parser.parse_args()
    print(describe())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        browser.new_page().goto("about:blank")
        print(f"An empty page: {_largest(browser):.0f} MB.")
        browser.close()
    for query in ("", "?products=plain"):
        with opened(asked.model, query) as (browser, page, size, ready):
            name = "JavaScript" if query else "WebAssembly"
            print(f"{name}: a file of {size:.1f} MB, ready after {ready:.2f} s, {_largest(browser):.0f} MB.")
            for beam in (1, 5):
                times = page.evaluate(_TIMES, [_TEN_WORDS, beam, 15])
                print(f"  ten words, beam {beam}: {statistics.median(times[5:]):.0f} ms, the first {times[0]:.0f}.")
            print(f"  after that {_largest(browser):.0f} MB.")
    with opened(asked.model) as (_, page, _, _):
        found = compare(page, Translator.load(asked.model), sentences(asked.pairs, asked.sentences))
    print(f"{found.searches} searches: {len(found.different)} differ, {found.ties} ties went another way.")
    print("\n".join(found.different[:20]))


if __name__ == "__main__":
    main()
