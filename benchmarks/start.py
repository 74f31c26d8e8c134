"""Start the app, open it in a real browser: seconds to the first screen and the first own translation, memory.

python -m benchmarks.start [--times N]
The browser runs already; everything else counts from the start of the app's process: Python, the server, the page,
its drawing. The sentence is typed as soon as the first screen stands. An app of two lines of text, in turn with it,
says what Streamlit itself takes on this machine.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.sync_api import Browser, sync_playwright

from benchmarks.running import running_app
from tests.browser.conftest import FLAGS, find_browser

SENTENCE = "J'ai vu {} chats dans le jardin."
# A stage is drawn, and it holds the given number in its source.
_STANDS = """number => [...document.querySelectorAll('*')].some(e => {
    const root = e.shadowRoot;
    return root?.querySelectorAll('.stage .tree .node').length > 3
        && [...root.querySelectorAll('.chip')].some(chip => chip.textContent.includes(number));
})"""


_BARE = 'import streamlit as st\nst.title("Title")\nst.write("a line of text")\n'
_BARE_STANDS = "() => document.body.innerText.includes('a line of text')"


class Started(NamedTuple):
    """Seconds since the process's start; megabytes of resident memory (nan without /proc)."""

    screen: float
    screen_memory: float
    first: float
    later: list[float]
    """Seconds of each further translation, from the key that asks for it."""
    memory: float


def resident(process: int, field: Literal["VmRSS", "VmHWM"] = "VmRSS") -> float:
    """Return a process's resident memory in MB, now or at its peak (VmHWM); nan where there is no /proc."""
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024


def measured(browser: Browser) -> Started:
    """Start the app once, look at it, translate."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(60_000)
    with running_app(poll=0.02) as app:
        page.goto(app.address)
        page.wait_for_function(_STANDS, arg="", polling="raf")
        screen = time.perf_counter() - app.started
        screen_memory = resident(app.process)
        waits = []
        for number in range(1000, 1004):
            page.get_by_role("textbox").first.fill(SENTENCE.format(number))
            start = time.perf_counter()
            page.keyboard.press("Enter")
            page.wait_for_function(_STANDS, arg=str(number), polling="raf")
            waits.append(time.perf_counter() - start)
            if len(waits) == 1:
                first = time.perf_counter() - app.started
        memory = resident(app.process)
    page.context.close()
    return Started(screen, screen_memory, first, waits[1:], memory)


def bare(browser: Browser) -> float:
    """Return the seconds until an app of two lines is drawn."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "bare.py"
        script.write_text(_BARE)
        with running_app(script, poll=0.02) as app:
            page.goto(app.address)
            page.wait_for_function(_BARE_STANDS, polling="raf")
            seconds = time.perf_counter() - app.started
    page.context.close()
    return seconds


def main() -> None:
    """Measure and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    asked = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        found, plain = [], []
        for _ in range(asked.times):
            plain.append(bare(browser))
            found.append(measured(browser))
        browser.close()
    later = [wait for one in found for wait in one.later]
    print(
        f"first screen after {_spread([one.screen for one in found])} s, "
        f"{statistics.median(one.screen_memory for one in found):.0f} MB (two lines of text: {_spread(plain)} s); "
        f"first own translation after {_spread([one.first for one in found])} s; "
        f"the next {_spread(later)} s each; then {statistics.median(one.memory for one in found):.0f} MB"
    )


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


if __name__ == "__main__":
    main()
