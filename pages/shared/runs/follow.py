"""The status of a run, read from the files of its process: complete lines only, never a half-written file."""

import json
import shutil
import time
from dataclasses import dataclass
from typing import Any, Literal

from pages.shared.runs import process
from pages.shared.runs.store import Run
from seq2seq.data.pairs import Pair
from seq2seq.data.readers import read_pairs
from seq2seq.errors import CheckpointError, DataError
from seq2seq.history import HISTORY
from seq2seq.training import training_folder
from seq2seq.training.progress import SAMPLES, read_progress
from seq2seq.training.rates import RateTrial

State = Literal["starting", "running", "stopping", "finished", "stopped", "diverged", "failed", "killed"]
ACTIVE: frozenset[State] = frozenset({"starting", "running", "stopping"})
_RATES = "rates.tsv"
_FULL = 5 * 2**20  # bytes; with less free space a process can't even log that the disk is full


@dataclass(frozen=True)
class Status:
    """The status of a run at one point in time."""

    state: State
    update: int
    history: tuple[dict[str, Any], ...]
    """The lines of history.jsonl so far."""
    message: str = ""
    """The process's error message when it failed."""
    left: float | None = None
    """Estimated seconds to the end, from the updates so far; None before there are any."""

    @property
    def is_active(self) -> bool:
        """Whether a process is running it."""
        return self.state in ACTIVE

    @property
    def validated(self) -> dict[str, Any] | None:
        """The last line of the history with validation scores."""
        return next((line for line in reversed(self.history) if "valid" in line), None)


def read_status(run: Run) -> Status:
    """Return the run's status."""
    alive = process.is_alive(run)  # first, so that the files of a process that has ended are complete
    history = _history(run)
    update = max((line["update"] for line in history), default=0)
    if alive:
        state: State = "running" if history else "starting"
        if process.is_asked_to_stop(run):
            state = "stopping"
        return Status(state, update, history, left=_eta(run, update))
    state, message = _ended(run, history)
    if state == "stopped":
        update = process.saved_update(run)
    return Status(state, update, history, message)


def _ended(run: Run, history: tuple[dict[str, Any], ...]) -> tuple[State, str]:
    """Return how the run's last process ended, and its error message."""
    if _is_finished(run):
        return "finished", ""
    if history and "diverged" in history[-1]:
        return "diverged", ""
    said = _last_log_line(run)
    if said.startswith("Error: "):
        return "failed", said.removeprefix("Error: ")
    if process.is_asked_to_stop(run):
        return "stopped", ""
    try:
        full = shutil.disk_usage(run.folder).free < _FULL
    except OSError:
        full = False
    return ("failed", "The disk is full; free some room.") if full else ("killed", "")


def _is_finished(run: Run) -> bool:
    if run.kind == "rates":
        return bool(rates(run))
    try:
        return read_progress(training_folder(run.folder / "model")).finished
    except CheckpointError:
        return False


def _history(run: Run) -> tuple[dict[str, Any], ...]:
    path = training_folder(run.folder / "model") / HISTORY
    try:
        data = path.read_bytes()
    except OSError:
        return ()
    lines = data[: data.rfind(b"\n") + 1].splitlines()
    found = []
    for line in lines:
        try:
            found.append(json.loads(line))
        except ValueError:
            break  # the disk was full in the middle of it
    return tuple(found)


def _eta(run: Run, update: int) -> float | None:
    """Return the estimated seconds to the end, from this process's updates so far, validations included."""
    last = process.last_process(run)
    folder = training_folder(run.folder / "model")
    try:
        logged = (folder / HISTORY).stat().st_mtime
        # A new training begins once its vocabularies are learnt; a resumed one, a few seconds after its start.
        began = max(last.started, (folder / SAMPLES).stat().st_mtime) if last else logged
    except OSError:
        return None
    done = update - last.update if last else 0
    if done <= 0 or logged <= began:
        return None
    return max(1.0, (logged - began) / done * (run.updates - update) - (time.time() - logged))


def _last_log_line(run: Run) -> str:
    try:
        text = (run.folder / process.LOG).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


def samples(run: Run) -> list[Pair]:
    """Return the validation pairs whose translations the history keeps."""
    try:
        return list(read_pairs(training_folder(run.folder / "model") / SAMPLES))
    except DataError:
        return []


def rates(run: Run) -> list[RateTrial]:
    """Return the trials of a learning-rate range test; none before its end."""
    try:
        lines = (run.folder / _RATES).read_text(encoding="utf-8").splitlines()[1:]
        return [RateTrial(*map(float, line.split("\t"))) for line in lines]
    except (OSError, ValueError, TypeError):
        return []
