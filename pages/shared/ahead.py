"""What is loaded before somebody asks for it: the first page while the browser loads, then torch.

A process that has just started has something to do while the browser fetches and reads its scripts. What the first
screen needs is imported then. torch, which is large, follows when that screen has been sent.
"""

import importlib
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from pages.shared import memory

FIRST = "translate"
PAGES = (FIRST, "attention", "beam_tree", "teacher_forcing", "captioning", "course")
_SENT = 0.5  # seconds after its script within which a browser has drawn the first screen
_LATER = 5  # seconds after that in which somebody may type a sentence, which what follows would slow down
_once = threading.Lock()


@asynccontextmanager
async def lifespan(_: object) -> AsyncIterator[None]:
    """Import the first page in the background of a server that starts."""
    _in_background(lambda: page(FIRST))
    yield


def page(name: str) -> Callable[[], None]:
    """Return the function that draws a page."""
    draw: Callable[[], None] = importlib.import_module(f"pages.{name}").page
    return draw


def after_first_screen() -> None:
    """Load torch, the first model and what other pages need, once for each process."""
    if _once.acquire(blocking=False):
        _in_background(_rest)


def _rest() -> None:
    time.sleep(_SENT)
    from pages.shared import models

    models.load_ahead(models.FIRST)
    time.sleep(_LATER)
    for name in PAGES:
        page(name)
    importlib.import_module("seq2seq.viz.theme")  # and with it Plotly and pandas
    memory.settle()


def _in_background(work: Callable[[], object]) -> None:
    def run() -> None:
        try:
            work()
        except Exception:  # a visitor who needs it gets the reason, in a sentence
            logging.getLogger(__name__).info("not loaded ahead", exc_info=True)

    threading.Thread(target=run, daemon=True, name="ahead").start()
