"""Resuming a training: with the recipe that it started with, and with no other process training it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout

from seq2seq.config import Settings, parse, read_toml
from seq2seq.digests import digest
from seq2seq.errors import CheckpointError, ConfigError, reason, shortened
from seq2seq.folders import resolve_symlink
from seq2seq.training.progress import read_progress

RECIPE, _LOCK = "train.toml", "lock"
R = TypeVar("R", bound=Settings)
_EXTENDABLE_KEY = "training.schedule.updates"
_MOST_NAMED = 4


def training_folder(out: Path) -> Path:
    """Return the folder of the training state of `out`: next to it, or next to its target if it is a link.

    Raises CheckpointError if `out` has no name to derive that folder's name from.
    """
    if not out.name:
        raise CheckpointError(f"{out} is an existing folder; name a new one for the checkpoint.")
    real = resolve_symlink(out)
    return real.with_name(real.name + ".training")


@contextmanager
def exclusive_lock(out: Path) -> Iterator[None]:
    """Be the only training of `out` on this machine; the lock ends with the process, however that ends.

    Raises CheckpointError if another process trains there, or the place can't be written.
    """
    folder = training_folder(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / _LOCK)
        lock.acquire(timeout=0)
    except Timeout:
        raise CheckpointError(
            f"Another process is training {out} now; wait for it to end, stop it, or name another --out."
        ) from None
    except OSError as failure:
        raise CheckpointError(f"{folder} can't be written: {reason(failure)}; choose another place.") from None
    try:
        yield
    finally:
        (folder / _LOCK).unlink(missing_ok=True)
        lock.release()
        if not any(folder.iterdir()):  # refused before it began
            folder.rmdir()


def fingerprint_of(recipe: Settings) -> str:
    """Return the digest that identifies a recipe in a training's state."""
    return digest(recipe.model_dump_json().encode())


def is_fingerprint_of(fingerprint: str, recipe: Settings) -> bool:
    """Return whether a training's state names this recipe, be it under the former names of some keys."""
    return fingerprint in (fingerprint_of(recipe), digest(recipe.former_json().encode()))


def kept_recipe_file(folder: Path) -> Path:
    """Return the recipe of the training in `folder`. Raises CheckpointError or ConfigError if there is none."""
    read_progress(folder)
    path = folder / RECIPE
    if not path.is_file():
        raise ConfigError(f"{folder} is from an earlier version and lacks its recipe; name the recipe.")
    return path


def check_resumed(folder: Path, recipe: R) -> R:
    """Return the recipe to resume `folder` with: the one it started with, with as many updates or more.

    Raises CheckpointError if there is no training, ConfigError that names the keys that differ.
    """
    progress = read_progress(folder)
    if is_fingerprint_of(progress.recipe, recipe):
        return recipe
    if not (folder / RECIPE).is_file():
        raise ConfigError(f"{folder} was started with another recipe; resume with that one, or train elsewhere.")
    old = parse(type(recipe), read_toml(folder / RECIPE), str(folder / RECIPE))
    before, after = (dict(_flat(each.model_dump(mode="json"))) for each in (old, recipe))
    different = [key for key in before | after if before.get(key) != after.get(key)]
    if different == [_EXTENDABLE_KEY] and after[_EXTENDABLE_KEY] > before[_EXTENDABLE_KEY]:
        return recipe
    shown = ", ".join(
        f"{key} (was {shortened(str(before.get(key)), 40)}, is {shortened(str(after.get(key)), 40)})"
        for key in different[:_MOST_NAMED]
    )
    more = f" and {len(different) - _MOST_NAMED} more" if len(different) > _MOST_NAMED else ""
    longer = " (more updates are allowed)" if _EXTENDABLE_KEY in before else ""
    raise ConfigError(
        f"{folder} was started with another recipe: {shown}{more}. Leave the recipe out to continue with that one"
        f"{longer}, or train elsewhere."
    )


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values of nested tables by keys like training.schedule.updates."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
