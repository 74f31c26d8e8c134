"""Ctrl-C and SIGTERM: a first one stops a training where it can resume, a second one stops it at once."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_STOPPING = b"\nStopping after this update; Ctrl-C again stops at once.\n"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)  # the second is what `kill`, containers and torchrun send


@contextmanager
def stop_on_signal() -> Iterator[threading.Event]:
    """Yield an event that the first Ctrl-C or SIGTERM sets; a second one raises KeyboardInterrupt."""
    asked = threading.Event()

    def ask(_signal: int, _frame: FrameType | None) -> None:
        asked.set()
        for each in _SIGNALS:
            signal.signal(each, _interrupt)
        os.write(2, _STOPPING)  # print is not safe in here

    with _handled(ask):
        yield asked


@contextmanager
def sigterm_as_interrupt() -> Iterator[None]:
    """Make SIGTERM raise KeyboardInterrupt, as Ctrl-C does."""
    with _handled(_interrupt):
        yield


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Handle both signals until the body ends; outside the main thread, do nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = {each: signal.signal(each, handler) for each in _SIGNALS}
    try:
        yield
    finally:
        for each, old in previous.items():
            signal.signal(each, old)
