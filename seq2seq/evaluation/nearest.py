"""The photo most similar to another one: the baseline that a caption has to beat."""

import torch
from torch import Tensor


@torch.inference_mode()
def nearest_rows(photos: Tensor, others: Tensor) -> list[int]:
    """Return for each of `photos` (n, width) the row of `others` (m, width) with the highest cosine similarity.

    Both are pooled vectors; the mean of `others` is subtracted first, since all photos share it.
    """
    mean = others.mean(0)
    directions = [torch.nn.functional.normalize(part - mean, dim=1) for part in (photos, others)]
    found: list[int] = (directions[0] @ directions[1].t()).argmax(1).tolist()
    return found
