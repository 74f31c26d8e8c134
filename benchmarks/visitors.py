"""Let ten visitors translate at once in a real browser, then step through their searches; print what it costs.

python -m benchmarks.visitors [--visitors N] [--sentences N]
"""

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.async_api import Browser, async_playwright

import seq2seq
from benchmarks.running import ROOT, running_app
from seq2seq.search import Greedy
from tests.browser.conftest import FLAGS, find_browser

STEPS = 20
NAMES = ("Tom", "Marie", "Paul", "Léa", "Jean", "Anne", "Luc", "Zoé", "Hugo", "Eva")
SENTENCES = (
    "{} est froid.",
    "{} ne mange jamais de pommes.",
    "Où est le chien de {} ?",
    "{} joue au football sur la plage.",
)


def sentences_of(name: str, count: int) -> list[str]:
    """Return sentences that name the visitor, so that nobody else has them."""
    return [SENTENCES[n % len(SENTENCES)].format(f"{name}{'' if n < 4 else n}") for n in range(count)]


def greedy_texts(sentences: Sequence[str]) -> dict[str, str]:
    """Return the greedy translation of each sentence, without spaces."""
    model = seq2seq.load(ROOT / "checkpoints" / "fr-en")
    found = model.translate(sentences, model.options(Greedy()))
    return {sentence: "".join(one.text.split()) for sentence, one in zip(sentences, found, strict=True)}


class Visit(NamedTuple):
    """The seconds until each result, the visitor's own, was shown, and the messages sent while stepping."""

    waits: list[float]
    messages: int


class Meter:
    """The processor seconds that the app takes while all visitors step."""

    def __init__(self, process: int, visitors: int) -> None:
        self._stat = Path(f"/proc/{process}/stat")
        self._barrier = asyncio.Barrier(visitors)
        self.seconds = float("nan")  # where there is no /proc

    def _read(self) -> float:
        if not self._stat.exists():
            return float("nan")
        user, system = self._stat.read_text().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    @asynccontextmanager
    async def stepping(self) -> AsyncIterator[None]:
        """Wait until everybody is here; what all of them do inside is measured."""
        async with self._barrier as place:
            if place == 0:
                await asyncio.sleep(3)  # what the last result still costs
                self.seconds = -self._read()
        await self._barrier.wait()
        yield
        async with self._barrier as place:
            if place == 0:
                self.seconds += self._read()


async def visitor(browser: Browser, address: str, expected: dict[str, str], meter: Meter) -> Visit:
    """Translate the sentences, and step through the last search."""
    context = await browser.new_context()
    page = await context.new_page()
    page.set_default_timeout(120_000)
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    await page.goto(address)
    await page.get_by_text("your turn").wait_for()
    waits = []
    for sentence in expected:
        area = page.get_by_role("textbox", name="French text")
        await area.fill(sentence)
        start = time.perf_counter()
        await area.press("Control+Enter")
        await page.wait_for_function(
            "text => [...document.querySelectorAll('*')].some(e => e.shadowRoot?.querySelector('.output > span')"
            "?.innerText.replace(/\\s/g, '') === text)",
            arg=expected[sentence],
        )
        waits.append(time.perf_counter() - start)
        assert await page.locator("[data-testid=stException]").count() == 0, "an exception shows"
    async with meter.stepping():
        sent.clear()
        for step in range(STEPS):
            await page.keyboard.press("ArrowLeft" if step % 2 else "ArrowRight")
            await asyncio.sleep(0.2)
        messages = len(sent)
    await context.close()
    return Visit(waits, messages)


async def run(address: str, expected: Sequence[dict[str, str]], meter: Meter) -> list[Visit]:
    """Return what all visitors, who arrive at once, did."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        visits = await asyncio.gather(*(visitor(browser, address, own, meter) for own in expected))
        await browser.close()
    return list(visits)


def main() -> None:
    """Start the app, let the visitors in, print their waits and the app's memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=10)
    parser.add_argument("--sentences", type=int, default=4)
    asked = parser.parse_args()
    names = [f"{NAMES[i % len(NAMES)]}{i // len(NAMES) or ''}" for i in range(asked.visitors)]
    expected = [greedy_texts(sentences_of(name, asked.sentences)) for name in names]
    with running_app() as app:
        meter = Meter(app.process, asked.visitors)
        visits = asyncio.run(run(app.address, expected, meter))
        waits = [wait for visit in visits for wait in visit.waits]
        status = Path(f"/proc/{app.process}/status")
        memory = ""
        if status.exists():
            peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
            memory = f"; the app's peak memory: {int(peak.split()[1]) / 1024:.0f} MB"
        print(
            f"{asked.visitors} visitors, {len(waits)} translations, browser on the same machine: "
            f"median wait {statistics.median(waits):.2f} s, worst {max(waits):.2f} s{memory}"
        )
        messages = sum(visit.messages for visit in visits)
        print(
            f"{STEPS} steps of each through a search: {messages} messages to the app, "
            f"which took {meter.seconds:.2f} s of a processor meanwhile"
        )


if __name__ == "__main__":
    main()
