"""Whether a photo is like those that a model was trained on.

What of a photo's pooled vector lies outside of the directions in which the training photos differ: the
reconstruction error of a principal component analysis (Jackson and Mudholkar 1979), relative to its mean over the
training photos. Photos of another kind lie further outside.
"""

from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import save
from torch import Tensor

from seq2seq.errors import CheckpointError
from seq2seq.vision.captioning.checkpoint_config import FAMILIAR
from seq2seq.weights import packed_rows, read_weights, unpacked_rows

_DIRECTIONS = 128
_USUAL = 0.95  # of held-out photos count as familiar


class Familiarity(NamedTuple):
    """The training photos' pooled vectors, summarised."""

    mean: Tensor  # (width,)
    directions: Tensor  # (directions, width), orthonormal, of the largest variance
    scale: float  # the training photos' mean squared distance from the span of the directions
    limit: float  # the distance, relative to that, up to which a photo is familiar

    def distances(self, pooled: Tensor) -> Tensor:
        """Return the distance of each photo, (photos,); about 1 for photos like those of the training."""
        return _outside(pooled - self.mean, self.directions) / self.scale

    def familiar(self, pooled: Tensor) -> list[bool]:
        """Return whether each photo, by its pooled vector (photos, width), is like those of the training."""
        found: list[bool] = (self.distances(pooled) <= self.limit).tolist()
        return found


def learn_familiarity(pooled: Tensor, held_out: Tensor) -> Familiarity | None:
    """Return the summary of the training photos' pooled vectors (photos, width), or None if they are too few.

    held_out: pooled vectors of photos of the same kind; nineteen in twenty of them will count as familiar.
    """
    count = min(_DIRECTIONS, len(pooled) // 2, pooled.shape[1] // 2)
    if not count:
        return None
    mean = pooled.mean(0)
    directions = torch.linalg.svd(pooled - mean, full_matrices=False).Vh[:count]
    directions = unpacked_rows(*packed_rows(directions))  # as they are stored
    scale = max(float(_outside(pooled - mean, directions).mean()), 1e-12)
    found = Familiarity(mean.half().float(), directions, scale, 0.0)
    return found._replace(limit=float(found.distances(held_out).quantile(_USUAL)))


def _outside(centred: Tensor, directions: Tensor) -> Tensor:
    return (centred.square().sum(1) - (centred @ directions.T).square().sum(1)).clamp_min(0)


def stored_familiarity(found: Familiarity) -> bytes:
    """Return the bytes of familiar.safetensors: the directions in 8 bits, with a scale each."""
    codes, scales = packed_rows(found.directions)
    limits = torch.tensor([found.scale, found.limit])
    return save({"mean": found.mean.half(), "codes": codes.contiguous(), "scales": scales, "limits": limits})


def read_familiarity(folder: Path) -> Familiarity | None:
    """Return what is stored in a model's folder, or None. Raises CheckpointError if it is damaged."""
    path = folder / FAMILIAR
    if not path.is_file():
        return None
    tensors = read_weights(path)
    try:
        mean, codes, scales, limits = (tensors[name] for name in ("mean", "codes", "scales", "limits"))
        directions = unpacked_rows(codes, scales)
        scale, limit = limits.tolist()
        _outside(mean.float()[None], directions)  # raises for shapes that do not fit
    except (KeyError, ValueError, RuntimeError):
        raise CheckpointError(f"{path} is damaged; copy it again, or delete it.") from None
    return Familiarity(mean.float(), directions, scale, limit)
