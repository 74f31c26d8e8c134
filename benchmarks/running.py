"""The app, started for a measurement."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]


class App(NamedTuple):
    """The app's address and process id."""

    address: str
    process: int
    started: float
    """`time.perf_counter()` when the process was started."""


@contextmanager
def running_app(script: Path = ROOT / "app.py", *, poll: float = 0.5) -> Iterator[App]:
    """Start the app with the models that ship, with one thread per computation; end it afterwards.

    script: another app. poll: seconds between two looks whether it answers.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"},
    )
    try:
        address = f"http://127.0.0.1:{port}"
        while time.perf_counter() < started + 60:
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()
                break
            except OSError:
                time.sleep(poll)
        yield App(address, process.pid, started)
    finally:
        process.terminate()
        process.wait(60)
