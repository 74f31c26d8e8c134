"""Checkpoints that visitors have uploaded: each session has its own folder, deleted when the session ends."""

import io
import os
import secrets
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from filelock import FileLock, Timeout

from pages.shared import cache
from seq2seq.checkpoint_config import SOURCE, TARGET, WEIGHTS
from seq2seq.data.readers import ZIP_ERRORS, require_plain_packing
from seq2seq.errors import CheckpointError, Seq2SeqError, reason, shortened
from seq2seq.evaluation.atlas import read_atlas
from seq2seq.evaluation.calibration import read_calibration
from seq2seq.evaluation.searches import read_searches
from seq2seq.evaluation.stored import read_lengths
from seq2seq.folders import CONFIG
from seq2seq.history import HISTORY
from seq2seq.loading import load

MOST_OF_A_SESSION = 4  # models
MOST_ON_SERVER = 2 * 2**30  # bytes of all sessions' models
LEAST_FREE = 500 * 2**20  # bytes that stay free on the disk
_PREFIX = "seq2seq-uploads-"
_LOCK = "lock"
_LONGEST_ERROR = 300  # characters; a foreign file can make parts of it long
# The files of a checkpoint that the pages read, with their maximum bytes; nothing else is unpacked.
_FILES = {
    CONFIG: 2**16,
    WEIGHTS: 150 * 2**20,
    SOURCE: 8 * 2**20,
    TARGET: 8 * 2**20,
    HISTORY: 8 * 2**20,
    "train.toml": 2**18,
    "README.md": 2**20,
    "calibration.json": 2**18,
    "lengths.json": 2**18,
    "searches.json": 16 * 2**20,
    "atlas.json": 2**20,
}


@dataclass(frozen=True)
class SessionFolder:
    """The folder of one session's uploads."""

    owner: str
    """Identifies the session in cache keys."""
    folder: Path


@st.cache_resource(show_spinner=False)
def _server_folder() -> tuple[Path, FileLock]:
    """Return the folder of this server's rooms, and the lock that shows that the server is alive."""
    for old in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        _sweep(old)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    lock = FileLock(folder / _LOCK)
    lock.acquire(timeout=0)
    return folder, lock


def _sweep(folder: Path) -> None:
    """Delete the rooms of a server that has ended, and so has released its lock."""
    try:
        lock = FileLock(folder / _LOCK)
        with lock.acquire(timeout=0):
            shutil.rmtree(folder, ignore_errors=True)
    except (OSError, Timeout):
        return  # it is alive, or belongs to another user


def _leave(room: SessionFolder) -> None:
    shutil.rmtree(room.folder, ignore_errors=True)
    cache.store().evict_owner(room.owner)


@st.cache_resource(scope="session", on_release=_leave, show_spinner=False)
def _room() -> SessionFolder:
    owner = secrets.token_hex(8)
    folder = _server_folder()[0] / owner
    folder.mkdir(mode=0o700)
    return SessionFolder(owner, folder)


def owner() -> str:
    """Return the id of this session in the cache keys of its uploads."""
    return _room().owner


def folders() -> list[Path]:
    """Return the checkpoint folders that this session has uploaded and that are still there."""
    if "uploads" not in st.session_state:
        return []
    return [folder for folder in map(Path, st.session_state["uploads"]) if (folder / CONFIG).is_file()]


def is_upload(folder: Path) -> bool:
    """Return whether a folder is one of this session's uploads."""
    return folder in folders()


def without_paths(message: str) -> str:
    """Return a message without the server's paths to this session's uploads."""
    for folder in (*(each.parent for each in folders()), _server_folder()[0]):
        message = message.replace(f"{folder}{os.sep}", "")
    return message


def add(name: str, data: bytes, model_name: str) -> Path:
    """Unpack an uploaded checkpoint folder (zip) for this session under a name, and return its folder.

    Everything that a page may read later is read once here, so that a damaged checkpoint is refused as a whole.
    Raises CheckpointError if it is not a checkpoint, or there is no room for it.
    """
    room = _room()
    try:
        room.folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # the OS may have deleted it
        place = Path(tempfile.mkdtemp(dir=room.folder)) / model_name
    except OSError as failure:
        raise CheckpointError(f"This server can't keep uploads now ({reason(failure)}); come back later.") from None
    try:
        with _opened(data, name) as archive:
            _require_room(sum(member.file_size for member in _members(archive)))
            try:
                unpack(archive, place)
            except ZIP_ERRORS as failure:
                raise _no_zip(name, failure) from None
        validate_checkpoint(place)
    except OSError as failure:
        _discard(place)
        raise CheckpointError(f"{name} can't be kept here: {reason(failure)}; come back later.") from None
    except Seq2SeqError as problem:
        _discard(place)
        told = str(problem).replace(f"{place.parent}{os.sep}", "")
        raise CheckpointError(shortened(told, _LONGEST_ERROR)) from None
    except BaseException:
        _discard(place)
        raise
    st.session_state.setdefault("uploads", []).append(str(place))
    return place


def _opened(data: bytes, name: str) -> zipfile.ZipFile:
    """Return an opened zip. Raises CheckpointError if it is not a zip file."""
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except ZIP_ERRORS as failure:
        raise _no_zip(name, failure) from None


def _no_zip(name: str, failure: Exception) -> CheckpointError:
    return CheckpointError(f"{name} is not a zip file that can be read ({reason(failure)}); zip the folder again.")


def _discard(place: Path) -> None:
    shutil.rmtree(place.parent, ignore_errors=True)


def _require_room(size: int) -> None:
    """Raise CheckpointError if the session, the server or the disk has no room for `size` more bytes."""
    if len(folders()) >= MOST_OF_A_SESSION:
        raise CheckpointError(
            f"You have uploaded {MOST_OF_A_SESSION} models already, and a session keeps no more; reload the page "
            "to start again."
        )
    server = _server_folder()[0]
    used = sum(file.stat().st_size for file in server.rglob("*") if file.is_file())
    if used + size > MOST_ON_SERVER:
        raise CheckpointError("This server keeps as many uploads as it can; come back later.")
    if shutil.disk_usage(server).free - size < LEAST_FREE:
        raise CheckpointError(
            "The disk of this server is nearly full, so no model can be uploaded; come back later."
        )


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the files of the checkpoint folder in a zip. Raises CheckpointError unless there is exactly one."""
    configs = [item for item in archive.namelist() if Path(item).name == CONFIG]
    if len(configs) != 1:
        raise CheckpointError(f"The zip holds {len(configs)} files {CONFIG}; zip one checkpoint folder.")
    inside = Path(configs[0]).parent
    return [
        member
        for member in archive.infolist()
        if Path(member.filename).name in _FILES and Path(member.filename).parent == inside and not member.is_dir()
    ]


def unpack(archive: zipfile.ZipFile, folder: Path) -> None:
    """Write the files of a checkpoint into `folder`; paths in the zip are ignored, so nothing is written elsewhere.

    Raises CheckpointError if a file exceeds its limit, whatever size the zip states.
    """
    members = _members(archive)
    folder.mkdir(parents=True)
    for member in members:
        require_plain_packing(member, "The zip")
        name = Path(member.filename).name
        left = _FILES[name]
        with archive.open(member) as source, (folder / name).open("wb") as target:
            while block := source.read(2**20):
                left -= len(block)
                if left < 0:
                    raise CheckpointError(
                        f"{name} unpacks to more than {_FILES[name] / 2**20:.3g} MB; that is no checkpoint's."
                    )
                target.write(block)


def validate_checkpoint(folder: Path) -> None:
    """Read everything that pages read of a checkpoint. Raises Seq2SeqError at the first damaged file."""
    load(folder)
    for read in (read_calibration, read_lengths, read_searches, read_atlas):
        read(folder)
