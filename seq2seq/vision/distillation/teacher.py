"""A teacher's features of photos, and views of photos with the teacher's features of them."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from seq2seq.errors import DataError


class Teacher(NamedTuple):
    """A teacher's features of photos, and its class head."""

    names: list[str]
    regions: np.ndarray[Any, np.dtype[np.float16]]  # (photos, rows, columns, width), memory-mapped
    weight: Tensor  # (classes, width)
    bias: Tensor  # (classes,)


def read_teacher(folder: Path) -> Teacher:
    """Return what tools/teacher wrote into `folder`. Raises DataError if that is incomplete."""
    try:
        names = (folder / "photos.txt").read_text(encoding="utf-8").splitlines()
        regions = np.load(folder / "regions.npy", mmap_mode="r")
        head = load_file(folder / "head.safetensors")
        return Teacher(names, regions, head["weight"], head["bias"])
    except (OSError, ValueError, KeyError, SafetensorError) as failure:
        raise DataError(
            f"{folder} does not hold a teacher's features ({failure}); run tools/teacher again."
        ) from None


class Views(NamedTuple):
    """A crop of each photo: left, top, width and height as fractions of the photo; mirrored or not."""

    boxes: Tensor  # (batch, 4)
    mirrored: Tensor  # (batch,) bool

    @classmethod
    def whole(cls, count: int) -> "Views":
        """Return views of whole photos."""
        return cls(torch.tensor([0.0, 0.0, 1.0, 1.0]).repeat(count, 1), torch.zeros(count, dtype=torch.bool))

    @classmethod
    def drawn(cls, count: int, smallest: float, generator: torch.Generator) -> "Views":
        """Return random crops of at least `smallest` of a photo's area, a half of them mirrored."""
        area = smallest + (1 - smallest) * torch.rand(count, generator=generator)
        stretch = torch.exp((torch.rand(count, generator=generator) - 0.5) * 0.4)
        width, height = (area * stretch).sqrt().clamp(max=1), (area / stretch).sqrt().clamp(max=1)
        left = (1 - width) * torch.rand(count, generator=generator)
        top = (1 - height) * torch.rand(count, generator=generator)
        mirrored = torch.rand(count, generator=generator) < 0.5
        return cls(torch.stack([left, top, width, height], 1), mirrored)

    def of(self, maps: Tensor, size: int) -> Tensor:
        """Return the views of maps (batch, channels, rows, columns), each (channels, size, size), bilinearly."""
        left, top, width, height = self.boxes.unbind(1)
        none = torch.zeros_like(left)
        across = torch.where(self.mirrored, -width, width)
        rows = [
            torch.stack([across, none, 2 * left + width - 1], 1),
            torch.stack([none, height, 2 * top + height - 1], 1),
        ]
        grid = F.affine_grid(torch.stack(rows, 1), [len(maps), 1, size, size], align_corners=False)
        return F.grid_sample(maps, grid, mode="bilinear", padding_mode="border", align_corners=False)


def recoloured(pixels: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """Return pixels in 0..1 (batch, 3, rows, columns) with brightness, contrast and saturation changed a little."""

    def factor() -> Tensor:
        return 1 + strength * (2 * torch.rand(len(pixels), 1, 1, 1, generator=generator) - 1)

    pixels = pixels * factor()
    mean = pixels.mean((1, 2, 3), keepdim=True)
    pixels = mean + (pixels - mean) * factor()
    grey = pixels.mean(1, keepdim=True)
    return (grey + (pixels - grey) * factor()).clamp(0, 1)


def teacher_views(teacher: Teacher, rows: np.ndarray[Any, Any], views: Views, side: int) -> Tensor:
    """Return the teacher's features of views of these photos, for a grid of side x side: (batch, places, width)."""
    maps = torch.from_numpy(teacher.regions[rows]).float().permute(0, 3, 1, 2)
    finer = views.of(maps, 2 * side)  # two samples per cell and side, so that a coarse grid misses nothing
    return F.avg_pool2d(finer, 2).flatten(2).transpose(1, 2)
