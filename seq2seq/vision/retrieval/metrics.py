"""How well photos are found by words, and words by photos."""

from typing import NamedTuple

import torch
from torch import Tensor

_DEPTHS = (1, 5, 10)


class Retrieval(NamedTuple):
    """Shares of queries whose answer is among the first 1, 5, 10, and the median rank of the answer (1 is best)."""

    recall_1: float
    recall_5: float
    recall_10: float
    median_rank: float
    queries: int


def photos_by_texts(cosines: Tensor, owner: Tensor) -> Retrieval:
    """Return how well each text finds its photo.

    cosines: (texts, photos). owner: (texts,) the photo of each text.
    """
    return _figures(_ranks(cosines, owner[:, None] == torch.arange(cosines.shape[1])))


def texts_by_photos(cosines: Tensor, owner: Tensor) -> Retrieval:
    """Return how well each photo finds one of its texts: the best placed counts (Hodosh et al. 2013).

    cosines, owner: as in `photos_by_texts`.
    """
    return _figures(_ranks(cosines.T, torch.arange(cosines.shape[1])[:, None] == owner))


def _ranks(cosines: Tensor, right: Tensor) -> Tensor:
    """Return the rank, from 1, of the best right answer in each row; wrong ones of the same score go before it."""
    best = cosines.masked_fill(~right, -torch.inf).amax(1, keepdim=True)
    return ((cosines >= best) & ~right).sum(1) + 1


def _figures(ranks: Tensor) -> Retrieval:
    first, five, ten = (float((ranks <= depth).double().mean()) for depth in _DEPTHS)
    return Retrieval(first, five, ten, float(ranks.double().quantile(0.5)), len(ranks))


def says(found: Retrieval) -> str:
    """Return retrieval figures as words."""
    return (
        f"recall at 1, 5, 10: {found.recall_1:.1%}, {found.recall_5:.1%}, {found.recall_10:.1%}, "
        f"median rank {found.median_rank:g}"
    )
