"""Pooled vectors of a folder of photos, cached in one small file next to it, so that the next search is immediate.

Photos come and go between two searches, so each is cached by its name, size and time; only new and changed ones
are encoded. (Features for training, with regions and in a fixed order, are in `seq2seq.vision.features`.)
"""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from seq2seq.errors import PhotoError
from seq2seq.models import device_of
from seq2seq.vision.encoder_checkpoint import LoadedImageEncoder
from seq2seq.vision.photos import read_photo
from seq2seq.vision.pixels import squash

_BATCH = 8
_KEEP_EVERY = 25  # batches


class PhotoVectors(NamedTuple):
    """Pooled image features of photos."""

    photos: list[Path]
    pooled: Tensor  # (photos, width), float32, on the CPU
    skipped: list[str]  # an error message for each photo that can't be read


class _Kept(NamedTuple):
    """A photo's vector, and the stamp of its file at that time."""

    stamp: str
    pooled: Tensor  # (width,), float16


def cache_file(folder: Path) -> Path:
    """Return the cache file of a folder of photos, next to the folder."""
    whole = folder.resolve()
    return whole.with_name(f"{whole.name}.pooled.safetensors")


def photo_vectors(
    encoder: LoadedImageEncoder,
    photos: Sequence[Path],
    cache: Path | None = None,
    watch: Callable[[int], object] = lambda _: None,
) -> PhotoVectors:
    """Return the pooled vectors of photos; those in `cache` are not computed again.

    A photo that can't be read is skipped with a message. cache: a file of this function; if missing, damaged or of
    another encoder, it is rewritten; if it can't be written, nothing is cached. watch: called with the number of
    further photos done.
    """
    kept = _read(cache, encoder.digest)
    found: dict[Path, _Kept] = {}
    new: list[Path] = []
    for path in photos:
        old = kept.get(path.name)
        if old is not None and old.stamp == _stamp(path):
            found[path] = old
        else:
            new.append(path)
    watch(len(found))
    skipped: list[str] = []
    for start in range(0, len(new), _BATCH):
        batch = new[start : start + _BATCH]
        found |= _seen(encoder, batch, skipped)
        watch(len(batch))
        if start // _BATCH % _KEEP_EVERY == _KEEP_EVERY - 1:
            _write(cache, encoder.digest, found)
    # Vectors of photos that are gone are dropped, so that the file never outgrows the folder.
    if new or len(found) < len(kept):
        _write(cache, encoder.digest, found)
    order = [path for path in photos if path in found]
    pooled = [found[path].pooled.float() for path in order]
    return PhotoVectors(order, torch.stack(pooled) if pooled else torch.zeros(0, encoder.encoder.width), skipped)


def _seen(encoder: LoadedImageEncoder, photos: Sequence[Path], skipped: list[str]) -> dict[Path, _Kept]:
    squares, stamps = {}, {}
    for path in photos:
        # Before the file is read: one that changes meanwhile is then encoded again the next time.
        stamps[path] = _stamp(path)
        try:
            squares[path] = squash(read_photo(path))
        except PhotoError as failure:
            skipped.append(str(failure))
    if not squares:
        return {}
    with torch.inference_mode():
        batch = torch.stack(list(squares.values())).to(device_of(encoder.encoder))
        pooled = encoder.encoder(batch).pooled.half().cpu()
    return {path: _Kept(stamps[path], row) for path, row in zip(squares, pooled.clone(), strict=True)}


def _stamp(path: Path) -> str:
    try:
        state = path.stat()
    except OSError:
        return "gone"
    return f"{state.st_size} {state.st_mtime_ns}"


def _read(cache: Path | None, encoder: str) -> dict[str, _Kept]:
    """Return the cached vectors; none if the file is missing, damaged or of another encoder."""
    if cache is None or not cache.is_file():
        return {}
    try:
        with safe_open(cache, framework="pt") as opened:
            record = json.loads((opened.metadata() or {})["photos"])
            pooled = opened.get_tensor("pooled")
        if record["trunk"] != encoder or len(record["stamps"]) != len(pooled):
            return {}
        return {
            name: _Kept(stamp, row) for (name, stamp), row in zip(record["stamps"].items(), pooled, strict=True)
        }
    except (SafetensorError, OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _write(cache: Path | None, encoder: str, found: dict[Path, _Kept]) -> None:
    """Cache the vectors if possible: a folder on a full or read-only disk is searched all the same."""
    if cache is None or not found:
        return
    record = {"trunk": encoder, "stamps": {path.name: one.stamp for path, one in found.items()}}
    draft = cache.with_name(f"{cache.name}.{os.getpid()}.new")
    try:
        save_file(
            {"pooled": torch.stack([one.pooled for one in found.values()])}, draft, {"photos": json.dumps(record)}
        )
        os.replace(draft, cache)
    except (OSError, SafetensorError):
        draft.unlink(missing_ok=True)
