"""A running app, and a real browser to look at it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, TimeoutError, expect, sync_playwright

# A shared processor can be slow at times; no test is about that.
expect.set_options(timeout=60_000)

ROOT = Path(__file__).resolve().parents[2]
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
# Streamlit's server logs this when a page is closed before it was connected; nothing of the app is in it.
_HUNG_UP = re.compile(
    r"Exception in ASGI application\n *Traceback (?:(?!Exception in ASGI).)*?"
    r"\n *starlette\.websockets\.WebSocketDisconnected: Cannot call \"send\" once a close message has been sent\.",
    re.DOTALL,
)
# Without these flags Chromium asks the world for updates all the time.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def find_browser() -> str:
    """Return the path of a Chromium or Chrome; fail with one sentence if there is none."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None and Path(_MAC).exists():
        found = _MAC
    if found is None:
        pytest.fail("No Chromium or Chrome here; `make browser` installs it, or says the command that does.")
    return found


@contextmanager
def served(elsewhere: Path, models: Sequence[Path], **settings: str) -> Iterator[str]:
    """Start the app from another folder, with these folders of models among its own; yield its address.

    settings: further variables of its environment. What it logs must hold no traceback.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = elsewhere / "app.log"
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.port", str(port), "--"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *(word for folder in models for word in ("--models", str(folder)))],
            cwd=elsewhere,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={
                **os.environ,
                "STREAMLIT_SERVER_HEADLESS": "true",
                "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
                **settings,
            },
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(address, process, log)
        yield address
    finally:
        process.terminate()
        process.wait(60)
    said = _HUNG_UP.sub("", log.read_text())
    assert "Traceback" not in said, said


@pytest.fixture(scope="session")
def app(tiny_checkpoint: Path, caption_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app, with the tiny models among its own."""
    with served(tmp_path_factory.mktemp("elsewhere"), [tiny_checkpoint.parent, caption_models]) as address:
        yield address


def _wait_until_healthy(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(120):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
                if answer.read() == b"ok":
                    return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"The app did not start: {log.read_text()}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        yield chromium
        chromium.close()


Window = Callable[[int, str, bool], BrowserContext]


@pytest.fixture(scope="session")
def window(browser: Browser) -> Window:
    """Return the window of a width and a colour scheme; tests share it, and so the scripts that it has fetched."""
    windows: dict[tuple[int, str, bool], BrowserContext] = {}

    def find(width: int, scheme: str, touch: bool) -> BrowserContext:
        if (width, scheme, touch) not in windows:
            windows[width, scheme, touch] = browser.new_context(
                viewport={"width": width, "height": 900},
                color_scheme=scheme,
                has_touch=touch,
                accept_downloads=True,
            )
        return windows[width, scheme, touch]

    return find


Visit = Callable[..., Page]


@pytest.fixture
def visit(window: Window, app: str) -> Iterator[Visit]:
    """Open the app in a fresh page; nothing may be fetched from elsewhere, and no exception may show."""
    with visits(window, app) as visit:
        yield visit


@contextmanager
def visits(window: Window, app: str) -> Iterator[Visit]:
    """Yield what `visit` is, for the app at an address."""
    pages, foreign = [], []

    def open_page(query: str = "", *, width: int = 1280, scheme: str = "light", touch: bool = False) -> Page:
        page = window(width, scheme, touch).new_page()
        pages.append(page)
        page.set_default_timeout(120_000)
        page.on("request", lambda request: _note(request.url, app, foreign))
        page.goto(f"{app}/{query}")
        settle(page)
        return page

    yield open_page
    shown = [page.locator("[data-testid=stException]").count() for page in pages]
    for page in pages:
        page.close()
    assert not any(shown), "an exception shows on a page"
    assert not foreign, f"fetched from outside: {foreign}"


def _note(url: str, app: str, foreign: list[str]) -> None:
    if not url.startswith((app, app.replace("http", "ws"), "data:", "blob:")):
        foreign.append(url)


def settle(page: Page) -> None:
    """Wait until the app has drawn everything and stays still."""
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_function(
        """() => {
            const app = document.querySelector('[data-testid=stApp]');
            const busy = app?.dataset.testScriptState !== 'notRunning'
                || document.querySelector('[data-stale=true]');
            const now = performance.now();
            if (busy || window.__still === undefined) window.__still = now;
            return now - window.__still > 500;
        }"""
    )
    page.evaluate("window.__still = undefined")


def insist(page: Page, act: Callable[[], object], reached: Callable[[], bool]) -> None:
    """Do something until it shows: what falls between two drawings of a slow page is lost.

    act: does no harm if it comes twice; `reach` is for what does.
    """
    for _ in range(5):
        settle(page)
        act()
        end = time.monotonic() + 15
        while time.monotonic() < end:
            if reached():
                settle(page)
                return
            page.wait_for_timeout(100)
    pytest.fail("what was done on the page never showed")


def reach(page: Page, act: Callable[[], object], reached: Callable[[], bool]) -> None:
    """Do something as `insist` does, but no more once it shows, however late that is."""
    insist(page, lambda: reached() or act(), reached)


def saved(page: Page, act: Callable[[], object]) -> tuple[str, bytes]:
    """Do what saves a file until the file comes; return its name and what it holds."""
    for _ in range(5):
        settle(page)
        try:
            with page.expect_download(timeout=25_000) as download:
                act()
        except TimeoutError:
            continue
        return download.value.suggested_filename, Path(download.value.path()).read_bytes()
    pytest.fail("what was saved never came")


def save_from_menu(page: Page, menu: Locator, name: str) -> tuple[str, bytes]:
    """Save a file by a button of a figure's menu, which is opened where it is not."""
    button = page.get_by_role("button", name=name, exact=True).filter(visible=True)

    def act() -> None:
        if not button.count():
            menu.click(timeout=10_000)
        button.click(timeout=10_000)

    return saved(page, act)


def open_file(page: Page, name: str, content: bytes, says: str) -> None:
    """Open a trace file by the page's menu; says: what then stands on the page."""
    chooser = page.locator("input[type=file][accept*=json]")

    def act() -> None:
        if not chooser.count():
            page.get_by_role("button", name="Open a trace (JSON)").click()
        chooser.set_input_files({"name": name, "mimeType": "application/json", "buffer": content})

    reach(page, act, page.get_by_text(says).is_visible)
