"""Let ten visitors translate at once in a real browser; print their waits and the app's memory.

python -m benchmarks.visitors [--visitors N] [--sentences N]
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Browser, async_playwright

import seq2seq
from benchmarks.running import ROOT, running_app
from seq2seq.search import Greedy
from tests.browser.conftest import FLAGS, find_browser

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


async def visitor(browser: Browser, address: str, expected: dict[str, str]) -> list[float]:
    """Translate the sentences; return the seconds until each result, the visitor's own, was shown."""
    context = await browser.new_context()
    page = await context.new_page()
    page.set_default_timeout(120_000)
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
    await context.close()
    return waits


async def run(address: str, expected: Sequence[dict[str, str]]) -> list[float]:
    """Return all waits of all visitors, who arrive at once."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        jobs = [visitor(browser, address, own) for own in expected]
        waits = [wait for each in await asyncio.gather(*jobs) for wait in each]
        await browser.close()
    return waits


def main() -> None:
    """Start the app, let the visitors in, print their waits and the app's memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=10)
    parser.add_argument("--sentences", type=int, default=4)
    asked = parser.parse_args()
    names = [f"{NAMES[i % len(NAMES)]}{i // len(NAMES) or ''}" for i in range(asked.visitors)]
    expected = [greedy_texts(sentences_of(name, asked.sentences)) for name in names]
    with running_app() as app:
        waits = asyncio.run(run(app.address, expected))
        status = Path(f"/proc/{app.process}/status")
        memory = ""
        if status.exists():
            peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
            memory = f"; the app's peak memory: {int(peak.split()[1]) / 1024:.0f} MB"
        print(
            f"{asked.visitors} visitors, {len(waits)} translations, browser on the same machine: "
            f"median wait {statistics.median(waits):.2f} s, worst {max(waits):.2f} s{memory}"
        )


if __name__ == "__main__":
    main()
