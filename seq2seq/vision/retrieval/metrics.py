"""Retrieval metrics: photos by texts, and texts by photos."""

from typing import NamedTuple

import torch
from torch import Tensor

_DEPTHS = (1, 5, 10)


class Retrieval(NamedTuple):
    """Recall (share of answers) at 1, 5, 10, and the median rank of the answer (1 is best)."""

    recall_1: float
    recall_5: float
    recall_10: float
    median_rank: float
    queries: int


class RetrievalScores(NamedTuple):
    """Retrieval metrics of validation photos and their captions."""

    photos: Retrieval  # by captions
    captions: Retrieval  # by photos


def photos_by_texts(cosines: Tensor, owner: Tensor) -> Retrieval:
    """Return the metrics of finding each text's photo.

    cosines: (texts, photos). owner: (texts,) the photo of each text.
    """
    return _figures(_ranks(cosines, owner[:, None] == torch.arange(cosines.shape[1])))


def texts_by_photos(cosines: Tensor, owner: Tensor) -> Retrieval:
    """Return the metrics of finding each photo's texts: the best ranked counts (Hodosh et al. 2013).

    cosines, owner: as in `photos_by_texts`.
    """
    return _figures(_ranks(cosines.T, torch.arange(cosines.shape[1])[:, None] == owner))


def _ranks(cosines: Tensor, right: Tensor) -> Tensor:
    """Return the rank, from 1, of the best correct answer in each row; tied wrong ones rank before it."""
    best = cosines.masked_fill(~right, -torch.inf).amax(1, keepdim=True)
    return ((cosines >= best) & ~right).sum(1) + 1


def _figures(ranks: Tensor) -> Retrieval:
    first, five, ten = (float((ranks <= depth).double().mean()) for depth in _DEPTHS)
    return Retrieval(first, five, ten, float(ranks.double().quantile(0.5)), len(ranks))


def format_metrics(found: Retrieval) -> str:
    """Return retrieval metrics as text."""
    return (
        f"recall at 1, 5, 10: {found.recall_1:.1%}, {found.recall_5:.1%}, {found.recall_10:.1%}, "
        f"median rank {found.median_rank:g}"
    )
