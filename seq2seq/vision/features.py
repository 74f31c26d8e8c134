"""Image features of a folder of photos, computed once and stored on disk for training.

A features folder holds photos.txt (file names, one per line), regions.npy (photos, places, width) and pooled.npy
(photos, width), both float16 and memory-mapped, and features.json, which identifies the encoder.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.lib.format import open_memmap
from tqdm import tqdm

from seq2seq.config import Settings, parse, read_json, read_text
from seq2seq.errors import DataError, PhotoError
from seq2seq.training.precision import autocast
from seq2seq.training.recipe import Precision
from seq2seq.vision.config import ImageConfig
from seq2seq.vision.encoder_checkpoint import LoadedImageEncoder
from seq2seq.vision.image_encoder import ImageFeatures
from seq2seq.vision.photos import read_photo
from seq2seq.vision.pixels import squash

NAMES, REGIONS, POOLED, RECORD = "photos.txt", "regions.npy", "pooled.npy", "features.json"
_BATCH = 16
Array = np.ndarray[Any, np.dtype[np.float16]]


class FeatureStoreRecord(Settings):
    """Contents of features.json."""

    trunk: str
    """Digest of the encoder's weights."""
    image: ImageConfig
    precision: Precision
    grid: tuple[int, int]
    photos: tuple[str, ...]
    """All requested photos."""
    content: str = ""
    """Digest of the bytes of all of them, since other data sets have photos of the same names."""
    mirrored: bool = False
    """Whether each photo was mirrored left to right."""
    done: int
    """How many of them have been processed; the folder is complete when all have."""
    skipped: tuple[str, ...] = ()
    """Photos that could not be read."""


class FeatureStore(NamedTuple):
    """An opened features folder."""

    names: list[str]
    regions: Array  # (photos, places, width)
    pooled: Array  # (photos, width)
    grid: tuple[int, int]
    encoder: str  # digest of the encoder's weights, or "" for features of another program
    content: str = ""  # digest of the photos' bytes, or "" if the folder does not say

    def rows(self, names: Sequence[str]) -> list[int]:
        """Return the row of each photo. Raises DataError if one of them is not there."""
        places = {name: row for row, name in enumerate(self.names)}
        missing = [name for name in names if name not in places]
        if missing:
            raise DataError(f"{missing[0]} is not among the {len(self.names):,} photos of the features; add it.")
        return [places[name] for name in names]

    def image_features(self, rows: Sequence[int]) -> ImageFeatures:
        """Return the features of the photos of these rows, in float32."""
        rows = list(rows)
        regions, pooled = (torch.from_numpy(part[rows].astype(np.float32)) for part in (self.regions, self.pooled))
        return ImageFeatures(regions, self.grid, pooled, None)


def build_feature_store(
    encoder: LoadedImageEncoder,
    photos: Sequence[Path],
    folder: Path,
    precision: Precision = "float32",
    *,
    mirrored: bool = False,
) -> FeatureStore:
    """Return the features of these photos; those missing in `folder` are computed and stored there.

    mirrored: of the photos mirrored left to right. An unreadable photo is skipped with a message.
    Raises DataError if the folder holds those of another encoder or of other photos, or none can be read.
    """
    names = tuple(path.name for path in photos)
    content = content_digest(photos)
    record = _record(folder)
    if record is None:
        record = _create(encoder, photos, folder, precision, content, mirrored)
    if record.trunk != encoder.digest or record.precision != precision:
        raise DataError(f"{folder} holds features of another image encoder; name a new folder, or delete that one.")
    if (record.photos, record.content, record.mirrored) != (names, content, mirrored):
        raise DataError(f"{folder} holds features of other photos; name a new folder, or delete that one.")
    if record.done < len(names):
        _resume(encoder, photos, folder, record)
    return open_feature_store(folder)


def content_digest(photos: Sequence[Path]) -> str:
    """Return a fingerprint of the bytes of these files, in their order; one that can't be read counts as empty."""
    whole = hashlib.blake2b(digest_size=16)
    for path in photos:
        try:
            data = path.read_bytes()
        except OSError:
            data = b""
        whole.update(len(data).to_bytes(8, "little") + data)
    return whole.hexdigest()


def kept_precision(folder: Path) -> Precision | None:
    """Return the precision of a folder's features, so that an interrupted run continues with the same one."""
    record = _record(folder)
    return None if record is None else record.precision


def open_feature_store(folder: Path) -> FeatureStore:
    """Return the folder that `build_feature_store` wrote, or one with the same arrays from another program.

    Raises DataError if it is incomplete or damaged.
    """
    record = _record(folder)
    if record is not None and record.done < len(record.photos):
        raise DataError(f"{folder} is not complete ({record.done} of {len(record.photos)} photos); make it again.")
    names = read_text(folder / NAMES, DataError).splitlines()
    try:
        regions = np.load(folder / REGIONS, mmap_mode="r")
        side: tuple[int, ...] = regions.shape[1:-1]
        regions = regions.reshape(len(regions), -1, regions.shape[-1])
        pooled = np.load(folder / POOLED, mmap_mode="r") if (folder / POOLED).is_file() else regions.mean(1)
    except (OSError, ValueError) as failure:
        raise DataError(f"{folder} holds no features ({failure}); make them again.") from None
    if not len(regions) == len(pooled) == len(names):
        raise DataError(f"{folder} is damaged: its files differ in length; make it again.")
    if record is not None:
        return FeatureStore(names, regions, pooled, record.grid, record.trunk, record.content)
    square = round(regions.shape[1] ** 0.5)
    grid = (side[0], side[1]) if len(side) == 2 else (square, square)
    return FeatureStore(names, regions, pooled, grid, "")


def _record(folder: Path) -> FeatureStoreRecord | None:
    path = folder / RECORD
    return parse(FeatureStoreRecord, read_json(path, DataError), str(path), DataError) if path.is_file() else None


def _create(
    encoder: LoadedImageEncoder,
    photos: Sequence[Path],
    folder: Path,
    precision: Precision,
    content: str,
    mirrored: bool,
) -> FeatureStoreRecord:
    """Allocate the files for the features of all photos."""
    with torch.inference_mode():
        image_features: ImageFeatures = encoder.encoder(readable(photos, 1))
    _, places, width = image_features.regions.shape
    try:
        folder.mkdir(parents=True, exist_ok=True)
        open_memmap(folder / REGIONS, "w+", np.float16, (len(photos), places, width)).flush()
        open_memmap(folder / POOLED, "w+", np.float16, (len(photos), width)).flush()
    except OSError as failure:
        raise DataError(f"{folder} can't be written: {failure.strerror}; choose another place.") from None
    record = FeatureStoreRecord(
        trunk=encoder.digest,
        image=encoder.encoder.config,
        precision=precision,
        grid=image_features.grid,
        photos=tuple(path.name for path in photos),
        content=content,
        mirrored=mirrored,
        done=0,
    )
    _write(folder, record)
    return record


def readable(photos: Sequence[Path], count: int) -> torch.Tensor:
    """Return the first `count` photos that can be read, squashed, as one batch; fewer if there are fewer.

    Raises DataError if none can be read.
    """
    found: list[torch.Tensor] = []
    for path in photos:
        try:
            found.append(squash(read_photo(path)))
        except PhotoError:
            continue  # reported when its batch is processed
        if len(found) == count:
            break
    if not found:
        raise DataError("There is no photo that can be read; name a folder of photos.")
    return torch.stack(found)


def _resume(encoder: LoadedImageEncoder, photos: Sequence[Path], folder: Path, record: FeatureStoreRecord) -> None:
    """Process the remaining photos. The record is saved periodically; a resumed run continues from it."""
    regions, pooled = (np.load(folder / name, mmap_mode="r+") for name in (REGIONS, POOLED))
    skipped = list(record.skipped)
    row = record.done - len(skipped)
    bar = tqdm(total=len(photos), initial=record.done, unit="photo", disable=None)
    for start in range(record.done, len(photos), _BATCH):
        part = list(_readable(photos[start : start + _BATCH], skipped))
        if part:
            batch = torch.stack(part)
            batch = batch.flip(3) if record.mirrored else batch
            with torch.inference_mode(), autocast(record.precision, "cpu"):
                image_features: ImageFeatures = encoder.encoder(batch)
            regions[row : row + len(part)] = image_features.regions.to(torch.float16).numpy()
            pooled[row : row + len(part)] = image_features.pooled.to(torch.float16).numpy()
        row += len(part)
        done = min(start + _BATCH, len(photos))
        bar.update(done - bar.n)
        last = done == len(photos)
        if last:
            regions.flush()
            pooled.flush()
            if skipped:
                _shorten(folder, row)
            kept = [path.name for path in photos if path.name not in set(skipped)]
            (folder / NAMES).write_text("".join(f"{name}\n" for name in kept), encoding="utf-8")
        if last or start // _BATCH % 20 == 19:
            _write(folder, record.model_copy(update={"done": done, "skipped": tuple(skipped)}))
    bar.close()


def _readable(photos: Sequence[Path], skipped: list[str]) -> Iterator[torch.Tensor]:
    for path in photos:
        try:
            yield squash(read_photo(path))
        except PhotoError as failure:
            tqdm.write(f"{failure} It is left out.")
            skipped.append(path.name)


def _shorten(folder: Path, rows: int) -> None:
    """Cut off the rows that were allocated for photos that could not be read."""
    for name in (REGIONS, POOLED):
        draft = folder / f"{name}.new"
        with draft.open("wb") as file:
            np.save(file, np.load(folder / name, mmap_mode="r")[:rows])
        os.replace(draft, folder / name)


def _write(folder: Path, record: FeatureStoreRecord) -> None:
    draft = folder / f"{RECORD}.new"
    draft.write_text(json.dumps(record.model_dump()) + "\n", encoding="utf-8")
    os.replace(draft, folder / RECORD)
