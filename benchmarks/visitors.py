"""Let ten visitors translate at once in a real browser; print their waits and the app's memory.

python -m benchmarks.visitors [--visitors N] [--sentences N]
"""

import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from tests.browser.conftest import FLAGS, find_browser

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("Tom", "Marie", "Paul", "Léa", "Jean", "Anne", "Luc", "Zoé", "Hugo", "Eva")
SENTENCES = (
    "{} est froid.",
    "{} ne mange jamais de pommes.",
    "Où est le chien de {} ?",
    "{} joue au football sur la plage.",
)


async def visitor(browser: Browser, address: str, name: str, count: int) -> list[float]:
    """Translate `count` sentences that name the visitor; return the seconds until each result stood there."""
    context = await browser.new_context()
    page = await context.new_page()
    page.set_default_timeout(120_000)
    await page.goto(address)
    await page.get_by_text("Type a sentence above").wait_for()
    waits = []
    for number in range(count):
        sentence = SENTENCES[number % len(SENTENCES)].format(f"{name}{'' if number < 4 else number}")
        area = page.get_by_role("textbox", name="French text")
        await area.fill(sentence)
        start = time.perf_counter()
        await area.press("Control+Enter")
        # The pieces of the input name the visitor, so nobody can be shown another's result unnoticed.
        await page.wait_for_function(
            "text => window.location.search.includes(encodeURIComponent(text).replace(/%20/g, '+').slice(0, 12))"
            " && document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"
            " && !document.querySelector('[data-stale=true]')",
            arg=sentence,
        )
        await page.get_by_text("Step by step").wait_for()
        waits.append(time.perf_counter() - start)
        assert await page.locator("[data-testid=stException]").count() == 0, "an exception shows"
        shown = await page.locator(".s2s-line").first.inner_text()
        assert name.casefold()[:2] in shown.casefold(), f"{name} was shown {shown!r}"
    await context.close()
    return waits


async def run(address: str, visitors: int, sentences: int) -> list[float]:
    """Return all waits of all visitors, who come at once."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        jobs = [visitor(browser, address, NAMES[i % len(NAMES)], sentences) for i in range(visitors)]
        waits = [wait for each in await asyncio.gather(*jobs) for wait in each]
        await browser.close()
    return waits


def main() -> None:
    """Start the app, let the visitors in, print what they waited and what the app took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=10)
    parser.add_argument("--sentences", type=int, default=4)
    asked = parser.parse_args()
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
        waits = asyncio.run(run(address, asked.visitors, asked.sentences))
        status = Path(f"/proc/{process.pid}/status")
        memory = ""
        if status.exists():
            peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
            memory = f"; the app's peak memory: {int(peak.split()[1]) / 1024:.0f} MB"
        print(
            f"{asked.visitors} visitors, {len(waits)} translations, browser on the same machine: "
            f"median wait {statistics.median(waits):.2f} s, worst {max(waits):.2f} s{memory}"
        )
    finally:
        process.terminate()


if __name__ == "__main__":
    main()
