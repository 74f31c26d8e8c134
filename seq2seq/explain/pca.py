"""Vector compression: principal components, quantised to four bits each.

The variance of a recurrent state of a few hundred numbers is spread widely, so few components in float16 preserve
nearest neighbours badly; more components of four bits each do better in the same space. (For the French to English
decoder's states, recall at 10: 64 components in float16 0.64, 256 of four bits 0.85; both 128 bytes.)
"""

from dataclasses import dataclass

import torch
from torch import Tensor

LEVELS = 16  # of a code; two codes share a byte
# Step size in standard deviations: the best uniform quantiser for normally distributed values (Max 1960).
_STEP = 0.3352


@dataclass(frozen=True)
class PcaProjection:
    """A linear projection to `components`, and the spread of the values along each.

    mean: (width,), components: (dimensions, width), orthonormal rows, spread: (dimensions,), standard deviations.
    """

    mean: Tensor
    components: Tensor
    spread: Tensor

    def reduce(self, vectors: Tensor) -> Tensor:
        """Return vectors (rows, width) in the components' coordinates, (rows, dimensions)."""
        return (vectors - self.mean) @ self.components.T

    def encode(self, reduced: Tensor) -> Tensor:
        """Return the codes of reduced vectors (rows, dimensions): bytes (rows, dimensions / 2)."""
        levels = (reduced / (self.spread * _STEP) + LEVELS / 2 - 0.5).round().clamp(0, LEVELS - 1)
        codes = levels.to(torch.uint8)
        return codes[:, 0::2] * LEVELS + codes[:, 1::2]

    def decode(self, codes: Tensor) -> Tensor:
        """Return the midpoint of each code's level, (rows, dimensions), for bytes (rows, dimensions / 2)."""
        levels = torch.stack([codes // LEVELS, codes % LEVELS], 2).flatten(1)
        return (levels - (LEVELS / 2 - 0.5)) * (self.spread * _STEP)


def fit(vectors: Tensor, dimensions: int) -> PcaProjection:
    """Return the projection to the principal components of vectors (rows, width), largest variance first.

    Their number is even and at most `dimensions` and `width`. The sign of each makes its largest element positive,
    so that the projection is deterministic.
    """
    mean = vectors.mean(0)
    centred = (vectors - mean).double()
    # The covariance is small and its eigenvectors are the components; an SVD of all rows is slower.
    values, rows = torch.linalg.eigh(centred.T @ centred / max(1, len(vectors)))
    kept = max(2, min(dimensions, vectors.shape[1]) // 2 * 2)
    components = rows.T.flip(0)[:kept]
    largest = components.gather(1, components.abs().argmax(1, keepdim=True))
    spread = values.flip(0)[:kept].clamp_min(1e-12).sqrt()
    return PcaProjection(mean, (components * largest.sign()).half().float(), spread.float())


def squared_distances(queries: Tensor, vectors: Tensor) -> Tensor:
    """Return the squared Euclidean distances (queries, vectors), by one matrix product."""
    products = queries @ vectors.T
    distances = (queries**2).sum(1, keepdim=True) - 2 * products + (vectors**2).sum(1)
    return distances.clamp_min(0)


def recall(found: Tensor, wanted: Tensor) -> float:
    """Return the share of `wanted` that is among `found`, row by row; both (rows, k), integers."""
    return float((wanted[:, :, None] == found[:, None]).any(2).float().mean())
