"""Atomic writes of checkpoint folders: written under a temporary name, then swapped with the old one."""

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
_ABANDONED = 3600.0  # seconds without a change after which a draft counts as left by a killed process
_TRIES = 8  # a reader gives up after this many replacements in a row
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder that is renamed to `folder` at the end; on an error nothing changes.

    Concurrent readers see the old folder or the new one, and a kill leaves one of them whole.
    Raises CheckpointError if the disk is full, the path can't be written, or something other than a checkpoint
    is there, which is never replaced. Exceptions of the body itself are passed on unchanged.
    """
    folder = resolve_symlink(folder)
    check_replaceable(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        draft = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.draft")
        draft.mkdir()  # with the umask's permissions, unlike tempfile's folders
    except OSError as failure:
        raise CheckpointError(f"{folder} can't be written: {reason(failure)}; choose another place.") from None
    try:
        yield draft
        _replace_folder(draft, folder)
    except (OSError, SafetensorError) as failure:
        if not _concerns_output(failure, draft, folder):
            raise
        raise CheckpointError(f"{folder} can't be written: {reason(failure)}; free some room.") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def as_folder(folder: object) -> Path:
    """Return the path of a checkpoint folder. Raises ConfigError if the argument is not a path."""
    if not isinstance(folder, str | os.PathLike) or not isinstance(os.fspath(folder), str):
        raise ConfigError(f"Expected the path of a checkpoint folder, not {type(folder).__name__}.")
    return Path(folder)


def resolve_symlink(folder: Path) -> Path:
    """Return the target of a symlink, so that writing keeps the link; any other path unchanged."""
    return folder.resolve() if folder.is_symlink() else folder


def _concerns_output(failure: Exception, draft: Path, folder: Path) -> bool:
    """Return whether an error is about the folder being written, not about a file that its writer reads."""
    name = getattr(failure, "filename", None)
    return name is None or str(name).startswith((str(draft), str(folder)))


def _replace_folder(draft: Path, folder: Path) -> None:
    """Rename `draft` to `folder`; if that fails, the old `folder` stays in place."""
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
    """Swap two paths atomically; False where system or file system can't (only Linux's renameat2 can)."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):  # an old C library
        return False
    return int(renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE)) == 0


def _sweep(folder: Path) -> None:
    """Delete drafts of this folder left by killed processes."""
    oldest = time.time() - _ABANDONED
    for draft in folder.parent.glob(f".{folder.name}.*.draft*"):
        try:
            if draft.stat().st_mtime < oldest:
                shutil.rmtree(draft)
        except OSError:
            continue  # already deleted, or another user's


def write_file(path: Path, data: str | bytes) -> None:
    """Write a file atomically; on a failure the old file stays.

    Raises OSError that names the requested file, not the draft next to it.
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
    """Raise CheckpointError if something other than a checkpoint is at `out`."""
    if not (out / CONFIG).is_file():
        check_unused(out)


def check_unused(out: Path) -> None:
    """Raise CheckpointError if something is at `out` that a new checkpoint would replace."""
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise CheckpointError(f"{out} is already there; name a new folder, or move that one away.")


def read_whole(folder: Path, read: Callable[[], T]) -> T:
    """Return the result of `read`, called again if the folder was replaced while its files were read.

    Files are read one by one; the digests in config.json reveal a mixture of two folders.
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
    """Return a value that changes when the folder, or a file in it, is replaced; () if there is no folder."""
    try:
        state = folder.stat()
    except (OSError, ValueError):
        return ()
    return state.st_dev, state.st_ino, state.st_mtime_ns


def stamp(folder: Path, names: tuple[str, ...]) -> tuple[int, ...]:
    """Return a value that changes when one of these files of a folder is written, replaced or deleted."""
    found: list[int] = []
    for name in names:
        try:
            state = (folder / name).stat()
            found += (state.st_ino, state.st_size, state.st_mtime_ns)
        except (OSError, ValueError):
            found.append(0)
    return tuple(found)
