"""Runs for tests: folders as a process would leave them, and a stand-in for a process that lives."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pages.shared.runs import store
from pages.shared.runs.process import LOG
from pages.shared.runs.store import Run, RunKind
from pages.teacher_forcing_panels.choices import Choice, recipe
from seq2seq.config import parse
from seq2seq.data.readers import Languages
from seq2seq.history import HISTORY
from seq2seq.training import Recipe, Training, training_folder

SECRET = "mine-" + "s" * 38
OTHER = "theirs-" + "t" * 36
TINY: dict[str, Any] = {
    "data": {"grammar": 200, "valid_pairs": 6},
    "text": {"kind": "word", "source_size": 120, "target_size": 120},
    "model": {"cell": "gru", "embedding": 8, "encoder_hidden": 8, "decoder_hidden": 16, "dropout": 0.2},
    "training": {
        "batch_tokens": 60,
        "precision": "float32",
        "log_every": 2,
        "validate_every": 4,
        "schedule": {"kind": "one-cycle", "updates": 8},
    },
}


def tiny_recipe(updates: int = 8, **training: float) -> Recipe:
    """Return a recipe that trains within a second or two."""
    schedule = {"kind": "one-cycle", "updates": updates}
    return parse(Recipe, TINY | {"training": TINY["training"] | {"schedule": schedule, **training}}, "recipe")


def new_run(secret: str = SECRET, kind: RunKind = "training", wanted: Recipe | None = None) -> Run:
    """Return a run whose process was never started."""
    return store.create(kind, wanted or tiny_recipe(), "a run for tests", secret)


def new_upload(data: bytes, secret: str = SECRET) -> Run:
    """Return a run on uploaded pairs whose process was never started."""
    wanted = recipe(Choice(grammar=1000), None)
    return store.create("training", wanted, "uploaded", secret, data, Languages("fr", "en"))


def trained_run(secret: str = SECRET, stop_at: int | None = None) -> Run:
    """Return a run that was trained right here, to its end or to update `stop_at`."""
    wanted = tiny_recipe()
    run = new_run(secret, wanted=wanted)
    Training(wanted, run.folder / "model").run(stop_at=stop_at)
    return run


def write_history(run: Run, *lines: dict[str, object], rest: str = "") -> None:
    """Write history lines as a training does; rest: the beginning of a line that is not complete yet."""
    folder = training_folder(run.folder / "model")
    folder.mkdir(exist_ok=True)
    (folder / HISTORY).write_text("".join(json.dumps(line) + "\n" for line in lines) + rest, encoding="utf-8")


def write_log(run: Run, text: str) -> None:
    """Write what the process said."""
    (run.folder / LOG).write_text(text, encoding="utf-8")


@contextmanager
def alive(run: Run) -> Iterator[None]:
    """Hold the run's lock as its process does."""
    file = os.open(run.folder / "lock", os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)
