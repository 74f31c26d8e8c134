"""The folders of the runs: `runs/ID` in the folder that the app was started in, one for each run.

run.json       what the run is, and the hashes of who may control it; never changed
recipe.toml    as `python -m seq2seq train` reads it, paths relative to this folder
pairs.tsv      the upload; data/ is what `prepare` makes of it
process.json   the last process of the run; `lock` is locked while that lives (see `process`)
stopped        exists after somebody has asked the process to stop
log.txt        the output of the process
model/         the checkpoint; model.training/ is its state and its history
rates.tsv      the trials of a learning-rate range test

A run that nobody has viewed for `KEPT_DAYS` days is deleted when somebody starts another one.
"""

import hashlib
import hmac
import io
import os
import shutil
import tempfile
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from pages.shared.runs.names import ID, is_id, new_id
from seq2seq.config import Settings, parse, read_json, to_toml
from seq2seq.data.languages import Languages
from seq2seq.errors import CheckpointError, ConfigError, Seq2SeqError

if TYPE_CHECKING:
    from seq2seq.training import Recipe

MOST = 20  # runs that a visitor keeps
LEAST_ROOM = 500 * 2**20  # bytes that must be free before a run starts
KEPT_DAYS = 30
RunKind = Literal["training", "rates"]
_RUN = "run.json"


class Run(Settings):
    """One run, as run.json in its folder describes it."""

    version: Literal[1] = 1
    id: str = Field(pattern=f"^{ID}$")
    kind: RunKind
    created: float
    """Seconds since the epoch."""
    owner: str
    """SHA-256 of the secret of the visitor who started it."""
    control: str
    """SHA-256 of the key that controls it."""
    updates: int
    about: str
    """A short description of its data and its settings."""
    languages: tuple[str, str] | None = None
    """The languages of an upload's columns."""
    swapped: bool = False
    """Whether the right column is the source."""

    @property
    def folder(self) -> Path:
        """The folder of the run."""
        return root() / self.id


def root() -> Path:
    """Return the folder of all runs."""
    return Path("runs").absolute()


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def control_key(secret: str, run: str) -> str:
    """Return the key that controls one run of the visitor with this secret, and none of the others."""
    return hmac.new(secret.encode(), run.encode(), "sha256").hexdigest()


def may_control(run: Run, key: str) -> bool:
    """Return whether `key` is the run's."""
    return hmac.compare_digest(_hashed(key), run.control)


def create(
    kind: RunKind,
    recipe: "Recipe",
    about: str,
    secret: str,
    upload: bytes | None = None,
    languages: Languages | None = None,
    *,
    swapped: bool = False,
) -> Run:
    """Return a new run of the visitor with this secret; its folder holds everything that its process needs.

    Raises ConfigError if the visitor or the disk has no room for it, CheckpointError if it can't be written.
    """
    home = root()
    try:
        home.mkdir(exist_ok=True)
        free = shutil.disk_usage(home).free
    except OSError as failure:
        raise CheckpointError(f"{home.name}/ can't be written: {failure.strerror}; nothing was started.") from None
    if len(of_visitor(secret)) >= MOST:
        raise ConfigError(f"You keep {MOST} runs already; delete one below, then start again.")
    if free < LEAST_ROOM:
        raise ConfigError(
            f"The disk of this app has {free // 2**20} MB left and a run needs up to {LEAST_ROOM // 2**20} MB; "
            "delete a run, or come back later."
        )
    name = new_id()
    run = Run(
        id=name,
        kind=kind,
        created=time.time(),
        owner=_hashed(secret),
        control=_hashed(control_key(secret, name)),
        updates=recipe.training.schedule.updates,
        about=about,
        languages=languages,
        swapped=swapped,
    )
    _write(run, recipe, upload)
    return run


def _write(run: Run, recipe: "Recipe", upload: bytes | None) -> None:
    """Write the folder under another name first, so that nobody sees a half-written one."""
    try:
        draft = Path(tempfile.mkdtemp(prefix=".new-", dir=root()))
        try:
            (draft / _RUN).write_text(run.model_dump_json(indent=2) + "\n", encoding="utf-8")
            (draft / "recipe.toml").write_text(to_toml(recipe), encoding="utf-8")
            if upload is not None:
                (draft / "pairs.tsv").write_bytes(upload)
            os.replace(draft, run.folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as failure:
        raise CheckpointError(f"The run can't be written: {failure.strerror}; nothing was started.") from None


def find(name: str) -> Run | None:
    """Return the run of this public name, None if there is none, or its record is damaged."""
    if not is_id(name):
        return None
    try:
        run = parse(Run, read_json(root() / name / _RUN), name)
    except Seq2SeqError:
        return None
    return run if run.id == name else None


def all_runs() -> list[Run]:
    """Return all runs of all visitors, newest first; never show them to a visitor as a list."""
    found = filter(None, (find(folder.name) for folder in root().glob("*-*-*")))
    return sorted(found, key=lambda run: run.created, reverse=True)


def of_visitor(secret: str) -> list[Run]:
    """Return the runs that the visitor with this secret has started, newest first."""
    own = _hashed(secret)
    return [run for run in all_runs() if hmac.compare_digest(run.owner, own)] if secret else []


def touch(run: Run) -> None:
    """Record that somebody views the run."""
    try:
        os.utime(run.folder / _RUN)
    except OSError:
        return  # it was deleted meanwhile, or the folder is read-only; viewing works anyway


def last_viewed(run: Run) -> float:
    """Return when somebody last viewed the run, in seconds since the epoch; 0 if the run is gone."""
    try:
        return (run.folder / _RUN).stat().st_mtime
    except OSError:
        return 0.0


def remove(run: Run) -> None:
    """Delete the folder of a run that has no live process."""
    shutil.rmtree(run.folder, ignore_errors=True)


def model_folder(name: str) -> Path | None:
    """Return the checkpoint folder of a run; None before the run is validated or finished."""
    folder = root() / name / "model"
    return folder if is_id(name) and (folder / "config.json").is_file() else None


def checkpoint_zip(run: Run) -> bytes:
    """Return the checkpoint folder as a zip. Raises CheckpointError if there is none."""
    for _ in range(3):
        try:
            return _zipped(run.folder / "model", run.id)
        except FileNotFoundError:
            time.sleep(0.1)  # a validation is just replacing the folder
    raise CheckpointError("This run has no checkpoint yet; wait for its first validation.")


def _zipped(folder: Path, name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.writestr(f"{name}/{file.name}", file.read_bytes())
    return buffer.getvalue()
