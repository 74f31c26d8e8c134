"""Photos with a teacher's features and the words of their captions, and batches of views of them."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from seq2seq.distributed import Group
from seq2seq.errors import DataError
from seq2seq.text.captions import normalise_caption
from seq2seq.vision.captions import read_captions
from seq2seq.vision.distillation.recipe import DistilDataRecipe, ImageEncoderRecipe
from seq2seq.vision.distillation.teacher import Teacher, Views, read_teacher, recoloured, teacher_views
from seq2seq.vision.distillation.words import frequent_words, word_shares
from seq2seq.vision.image_encoder import ImageEncoder
from seq2seq.vision.pixels import read_squares

_MEASURED = 50  # photos per evaluation batch
Rows = np.ndarray[Any, np.dtype[np.int64]]


class DistillationBatch(NamedTuple):
    """Views of photos with their targets. Each process makes its own, so that its share is all of it."""

    pixels: Tensor  # (batch, 3, size, size), as the network expects them
    regions: Tensor  # (batch, places, width), the teacher's
    words: Tensor  # (batch, words), the share of a photo's captions that have each word
    rate_factor: float = 1.0  # share of the peak rates

    @property
    def rows(self) -> int:
        """Number of photos."""
        return len(self.pixels)

    def share(self, rank: int, world: int) -> "DistillationBatch":
        """Return the batch."""
        return self

    def to(self, device: torch.device) -> "DistillationBatch":
        """Return the batch on `device`."""
        pixels, regions, words, rate_factor = self
        return DistillationBatch(pixels.to(device), regions.to(device), words.to(device), rate_factor)


class DistillationData(NamedTuple):
    """Photos with their training targets."""

    photos: np.ndarray[Any, np.dtype[np.uint8]]  # (photos, 3, 224, 224)
    teacher: Teacher
    words: Tensor  # (photos, words), the share of a photo's captions that have each word

    def pixels(self, rows: Rows, views: Views, size: int) -> Tensor:
        """Return views of photos in 0..1, (batch, 3, size, size)."""
        return views.of(torch.from_numpy(self.photos[rows]).float() / 255, size)

    def whole(self, encoder: ImageEncoder, size: int) -> Iterator[DistillationBatch]:
        """Yield all photos, uncropped, in their own order."""
        for start in range(0, len(self.photos), _MEASURED):
            rows = np.arange(start, min(start + _MEASURED, len(self.photos)))
            views = Views.whole(len(rows))
            regions = teacher_views(self.teacher, rows, views, encoder.grid_side(size))
            pixels = encoder.normalise_pixels(self.pixels(rows, views, size))
            yield DistillationBatch(pixels, regions, self.words[rows])


class DistillationBatches:
    """The batches of any epoch: all photos in another order each time, each with another crop and other colours."""

    def __init__(
        self, recipe: ImageEncoderRecipe, data: DistillationData, encoder: ImageEncoder, group: Group
    ) -> None:
        self._recipe, self._data, self._encoder, self._group = recipe, data, encoder, group

    def epoch(self, number: int) -> Iterator[DistillationBatch]:
        """Yield this process's batches of epoch `number`, counted from 0; they follow from the seed."""
        recipe, data, world = self._recipe, self._data, self._group.world
        sizes = recipe.sizes
        seed = recipe.seed * 1_000_003 + number
        order = np.random.default_rng(seed).permutation(len(data.photos))
        batch = min(recipe.batch_photos, len(order) // world)
        updates = len(order) // (batch * world)
        own = order[: updates * batch * world].reshape(updates, world, batch)[:, self._group.rank]
        generator = torch.Generator().manual_seed(seed * 64 + self._group.rank)
        for update, chosen in enumerate(own):
            rows = np.sort(chosen)  # in the order on disk
            views = Views.drawn(len(rows), recipe.distil.smallest_crop, generator)
            pixels = recoloured(data.pixels(rows, views, sizes[number]), recipe.distil.recolour, generator)
            regions = teacher_views(data.teacher, rows, views, self._encoder.grid_side(sizes[number]))
            factor = work_factor(sizes, number + update / updates, recipe.warmup)
            yield DistillationBatch(self._encoder.normalise_pixels(pixels), regions, data.words[rows], factor)


def work_factor(sizes: list[int], epochs: float, warmup: float) -> float:
    """Return the share of the peak rate after this many epochs: linear warm-up, then half a cosine (Smith 2018).

    warmup: the share of the work that it takes; an epoch's work grows with its pixels.
    """
    work = np.cumsum([0.0, *(size**2 for size in sizes)])
    done = float(np.interp(epochs, range(len(work)), work) / work[-1])
    if done < warmup:
        return (done + 1e-3) / (warmup + 1e-3)
    return 0.5 * (1 + math.cos(math.pi * (done - warmup) / (1 - warmup))) + 1e-4


def load_data(data: DistilDataRecipe, least: int, cache: Path) -> tuple[DistillationData, DistillationData]:
    """Return training and validation data. The words are those of at least `least` training captions.

    cache: a folder for the photos in the size that is trained on.
    Raises DataError or PhotoError if something can't be read or belongs to other photos.
    """
    parts = {
        "train": (data.photos, data.captions, read_teacher(data.teacher)),
        "valid": (data.valid_photos, data.valid_captions, read_teacher(data.valid_teacher)),
    }
    captions = {name: _captions(teacher, file) for name, (_, file, teacher) in parts.items()}
    words = frequent_words(captions["train"], least)
    train, valid = (
        DistillationData(
            read_squares(folder, teacher.names, cache / f"{name}.npy"), teacher, word_shares(captions[name], words)
        )
        for name, (folder, _, teacher) in parts.items()
    )
    return train, valid


def _captions(teacher: Teacher, path: Path) -> list[list[str]]:
    """Return the captions of the teacher's photos. Raises DataError if one of them has none."""
    known = read_captions(path)
    for name in teacher.names:
        if name not in known:
            raise DataError(f"{name} was seen by the teacher and has no caption; make both of the same photos.")
    return [[normalise_caption(text) for text in known[name]] for name in teacher.names]
