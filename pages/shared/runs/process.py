"""The processes of the runs: one for each active run, separate from the app.

Whether a process is alive is checked by a kernel lock on the run's file `lock`, which the process holds as long as
it lives, however it ends. A PID alone is not enough: after a kill, another program may get the same one.
"""

import fcntl
import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pages.shared.runs.store import KEPT_DAYS, Run, all_runs, last_viewed, remove, root
from seq2seq.config import Settings, parse, read_json
from seq2seq.errors import CheckpointError, Seq2SeqError
from seq2seq.training import training_folder
from seq2seq.training.progress import SAMPLES, STATE, read_progress

MOST_AT_ONCE = 2  # of all visitors: two cores can train two models and still answer
RATE_UPDATES = 100  # of a learning-rate range test: enough for a curve, a few seconds of work
_PROJECT = Path(__file__).resolve().parents[3]
LOG = "log.txt"
_STOPPED, _PROCESS, _LOCK = "stopped", "process.json", "lock"
_ALREADY = "One training at a time for each visitor, and yours is still going on; wait for it or stop it first."
_FULL = f"{MOST_AT_ONCE} trainings are going on here, the most that this app allows; come back in a few minutes."


class BusyError(Seq2SeqError):
    """No run may start now."""


class Process(Settings):
    """The last process that worked on a run."""

    pid: int
    started: float
    """Seconds since the epoch."""
    update: int
    """The update that it started from."""


@contextmanager
def _mutex() -> Iterator[None]:
    """Hold a mutex across threads and processes while the locks are read or changed."""
    root().mkdir(exist_ok=True)
    file = os.open(root() / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def _try_lock(run: Run) -> int | None:
    """Return the run's lock, which is held until the last copy of the descriptor is closed; None if it is taken."""
    file = os.open(run.folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file


def _is_alive_locked(run: Run) -> bool:
    try:
        lock = _try_lock(run)
    except OSError:
        return False  # the run was deleted
    if lock is not None:
        os.close(lock)
    return lock is None


def is_alive(run: Run) -> bool:
    """Return whether a process is running the run."""
    with _mutex():
        return _is_alive_locked(run)


def is_asked_to_stop(run: Run) -> bool:
    """Return whether somebody has asked the last process of the run to stop."""
    return (run.folder / _STOPPED).exists()


def last_process(run: Run) -> Process | None:
    """Return the record of the run's last process, None if there was none."""
    try:
        return parse(Process, read_json(run.folder / _PROCESS), _PROCESS)
    except Seq2SeqError:
        return None


def start(run: Run) -> None:
    """Start or resume the run in a process of its own.

    Raises BusyError if its visitor or the app has too many of them, CheckpointError if the disk can't be written.
    """
    with _mutex():
        alive = [one for one in all_runs() if _is_alive_locked(one)]
        if any(one.owner == run.owner for one in alive):
            raise BusyError(_ALREADY)
        if len(alive) >= MOST_AT_ONCE:
            raise BusyError(_FULL)
        _sweep(alive, run)
        try:
            _launch(run)
        except OSError as failure:
            raise CheckpointError(f"The run can't be started: {failure.strerror}; nothing was lost.") from None


def _sweep(alive: list[Run], but: Run) -> None:
    """Delete the runs that nobody has viewed for `KEPT_DAYS` days."""
    oldest = time.time() - KEPT_DAYS * 24 * 3600
    for run in all_runs():
        if run not in alive and run.id != but.id and last_viewed(run) < oldest:
            remove(run)


def _launch(run: Run) -> None:
    update = saved_update(run)
    lock = _try_lock(run)
    if lock is None:  # impossible: the caller has checked, under the mutex
        raise BusyError(_ALREADY)
    try:
        (run.folder / _STOPPED).unlink(missing_ok=True)
        if not can_resume(run):  # leftovers of a process that was killed before its first saved state
            for folder in (run.folder / "model", training_folder(run.folder / "model")):
                shutil.rmtree(folder, ignore_errors=True)
        with (run.folder / LOG).open("wb") as log:
            process = subprocess.Popen(
                # Low priority, so that pages stay responsive; its own session, so that it outlives the app.
                ["nice", "-n", "5", "sh", "-c", _script(run)],
                cwd=run.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": _python_path()},
                start_new_session=True,
                pass_fds=(lock,),
            )
        record = Process(pid=process.pid, started=time.time(), update=update)
        (run.folder / _PROCESS).write_text(record.model_dump_json() + "\n", encoding="utf-8")
    finally:
        os.close(lock)
    # A child that nobody waits for stays a zombie after its end.
    threading.Thread(target=process.wait, daemon=True).start()


def _python_path() -> str:
    return os.pathsep.join(filter(None, (str(_PROJECT), os.environ.get("PYTHONPATH"))))


def _script(run: Run) -> str:
    """Return the shell commands to run in the run's folder."""
    verb = (sys.executable, "-m", "seq2seq")
    lines = []
    if run.languages is not None:
        prepare = shlex.join([*verb, *prepare_arguments(run.languages, swapped=run.swapped)])
        lines.append(f"[ -f data/data.json ] || {prepare} || exit")
    words = rate_arguments() if run.kind == "rates" else train_arguments(resume=can_resume(run))
    return "\n".join([*lines, f"exec {shlex.join([*verb, *words])}"])


def prepare_arguments(languages: tuple[str, str], *, swapped: bool = False) -> list[str]:
    """Return the arguments of `python -m seq2seq` that split the uploaded pairs.

    languages: of the columns. swapped: whether the right one is the source.
    """
    source, target = reversed(languages) if swapped else languages
    columns = ",".join(languages)
    return ["prepare", "data", "pairs.tsv", "--columns", columns, "--source", source, "--target", target]


def train_arguments(*, resume: bool) -> list[str]:
    """Return the arguments of `python -m seq2seq` that train."""
    words = ["train", "recipe.toml", "--out", "model", "--threads", "1"]
    return [*words, "--resume"] if resume else words


def rate_arguments() -> list[str]:
    """Return the arguments of `python -m seq2seq` that try learning rates."""
    return ["find-rate", "recipe.toml", "--updates", str(RATE_UPDATES), "--out", "rates.tsv", "--threads", "1"]


def can_resume(run: Run) -> bool:
    """Return whether there is a saved state to resume from; without one the run starts again."""
    return (training_folder(run.folder / "model") / STATE).is_file()


def saved_update(run: Run) -> int:
    """Return the update that the run resumes from; 0 if it starts again."""
    try:
        return read_progress(training_folder(run.folder / "model")).update
    except CheckpointError:
        return 0


def stop(run: Run) -> None:
    """Ask the run's process to stop: a training saves its state after the current update."""
    with _mutex():
        process = last_process(run)
        if process is None or not _is_alive_locked(run):
            return
        with suppress(OSError):  # on a full disk it stops anyway
            (run.folder / _STOPPED).touch()
        # Before its first update a training has nothing to save, and may not listen to Ctrl-C yet.
        saves = run.kind == "training" and (training_folder(run.folder / "model") / SAMPLES).is_file()
        try:
            os.killpg(process.pid, signal.SIGINT if saves else signal.SIGTERM)
        except ProcessLookupError:
            return  # it has just ended


def delete(run: Run) -> bool:
    """Delete a run that has no live process; return whether it was deleted."""
    with _mutex():
        if _is_alive_locked(run):
            return False
        remove(run)
        return True
