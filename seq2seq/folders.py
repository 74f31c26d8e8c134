"""Checkpoint folders appear whole: written under another name, and exchanged with the old one in one step."""

import ctypes
import errno
import os
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from safetensors import SafetensorError

from seq2seq.errors import CheckpointError, ConfigError, reason

T = TypeVar("T")
CONFIG = "config.json"
_ABANDONED = 3600.0  # seconds without a change after which a draft belongs to a process that was killed
_TRIES = 8  # a reader that meets so many replacements in a row gives up
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder that takes the name `folder` at the end; on an error nothing changes.

    Whoever reads meanwhile finds the old folder or the new one, and a kill leaves one of them whole.
    Raises CheckpointError if the disk is full, the place can't be written, or something other than a checkpoint
    lies there, which is never replaced. What the body raises of its own stays what it is.
    """
    folder = behind_links(folder)
    check_replaceable(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        draft = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.draft")
        draft.mkdir()  # by the umask, which tempfile's folders ignore
    except OSError as failure:
        raise CheckpointError(f"{folder} can't be written: {reason(failure)}; choose another place.") from None
    try:
        yield draft
        _take_place(draft, folder)
    except (OSError, SafetensorError) as failure:
        if not _is_of(failure, draft, folder):
            raise
        raise CheckpointError(f"{folder} can't be written: {reason(failure)}; free some room.") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def as_folder(folder: object) -> Path:
    """Return the path of a checkpoint folder. Raises ConfigError if what is given is no path."""
    if not isinstance(folder, str | os.PathLike) or not isinstance(os.fspath(folder), str):
        raise ConfigError(f"The path of a checkpoint folder is wanted, not {type(folder).__name__}.")
    return Path(folder)


def behind_links(folder: Path) -> Path:
    """Return what a link leads to, so that the link stays one; anything else as it is."""
    return folder.resolve() if folder.is_symlink() else folder


def _is_of(failure: Exception, draft: Path, folder: Path) -> bool:
    """Return whether an error is about the folder that is written, and not about a file that its writer reads."""
    name = getattr(failure, "filename", None)
    return name is None or str(name).startswith((str(draft), str(folder)))


def _take_place(draft: Path, folder: Path) -> None:
    """Give `draft` the name `folder`; if that fails, what had the name keeps it."""
    if not folder.exists():
        os.replace(draft, folder)
    elif not exchange(draft, folder):
        retired = draft.with_name(f"{draft.name}.old")
        os.replace(folder, retired)
        try:
            os.replace(draft, folder)
        except OSError:
            os.replace(retired, folder)
            raise
        shutil.rmtree(retired, ignore_errors=True)


def exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step; False where system or disk can't (Linux's renameat2 alone does it)."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):  # an old C library
        return False
    return int(renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE)) == 0


def _sweep(folder: Path) -> None:
    """Delete drafts of this folder that a kill has left behind."""
    oldest = time.time() - _ABANDONED
    for draft in folder.parent.glob(f".{folder.name}.*.draft*"):
        try:
            if draft.stat().st_mtime < oldest:
                shutil.rmtree(draft)
        except OSError:
            continue  # gone meanwhile, or somebody else's


def write_file(path: Path, data: str | bytes) -> None:
    """Write a whole file, or leave what was there; a failure leaves no half of it.

    Raises OSError, which names the file that was asked for and not the draft beside it.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.draft")
    try:
        draft.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
        os.replace(draft, path)
    except OSError as failure:
        failure.filename, failure.filename2 = str(path), None
        raise
    finally:
        draft.unlink(missing_ok=True)


def check_replaceable(out: Path) -> None:
    """Raise CheckpointError if something other than a checkpoint lies at `out`."""
    if not (out / CONFIG).is_file():
        check_unused(out)


def check_unused(out: Path) -> None:
    """Raise CheckpointError if something lies at `out` that a new checkpoint would replace."""
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise CheckpointError(f"{out} is already there; name a new folder, or move that one away.")


def read_whole(folder: Path, read: Callable[[], T]) -> T:
    """Return what `read` makes of the files of a folder; once more if the folder was replaced meanwhile.

    Files are read one by one, and the digests in config.json show when they come from two folders.
    """
    for _ in range(_TRIES - 1):
        before = identity(folder)
        try:
            return read()
        except CheckpointError:
            if identity(folder) == before:
                raise
    return read()


def identity(folder: Path) -> tuple[int, ...]:
    """Return what changes when the folder is replaced, or a file in it; nothing if there is no folder."""
    try:
        state = folder.stat()
    except (OSError, ValueError):
        return ()
    return state.st_dev, state.st_ino, state.st_mtime_ns


def stamp(folder: Path, names: tuple[str, ...]) -> tuple[int, ...]:
    """Return what changes when one of these files of a folder is written, replaced or taken away."""
    found: list[int] = []
    for name in names:
        try:
            state = (folder / name).stat()
            found += (state.st_ino, state.st_size, state.st_mtime_ns)
        except (OSError, ValueError):
            found.append(0)
    return tuple(found)
