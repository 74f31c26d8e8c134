"""Token selection (top-k or sampling), shared by the search and scheduled sampling."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from seq2seq.search.arrays import Array, as_array
from seq2seq.search.options import Sample

_BLOCK = 64  # tokens; near the square root of a usual vocabulary, where both stages cost about the same
_FEW = 50_000  # numbers; of fewer, one call that looks at each costs less than several that look at blocks


def choose(
    log_probs: Tensor,
    count: int = 1,
    sample: Sample | None = None,
    generators: Sequence[torch.Generator] | None = None,
) -> Tensor:
    """Return the `count` best tokens of each row, best first, or one sampled token: (rows, count).

    log_probs: (rows, vocabulary), natural log; -inf forbids a token. Ties are broken by the lower token id.
    With `sample` one token is drawn for each row with that row's generator, so the result does not depend on the
    rest of the batch.
    """
    if sample is None:
        return _best(log_probs, min(count, log_probs.shape[1]))
    assert generators is not None
    uniform = torch.stack([torch.rand(1, generator=generator, dtype=torch.float64) for generator in generators])
    return _draw(log_probs, sample, uniform.to(log_probs.device))


def best_tokens(log_probs: Tensor, count: int) -> tuple[Array, Array]:
    """Return the values and tokens of the `count` best of each row, best first, ties by the lower token id.

    log_probs: (rows, vocabulary). Both results are arrays (rows, count) on the CPU: what follows are a few numbers
    a row, for which numpy's calls cost a tenth of torch's.
    """
    if count == 1 and log_probs.numel() < _FEW:
        top = log_probs.max(1, keepdim=True)  # the first of several maxima
        return as_array(top.values), as_array(top.indices)
    asked = min(count + 1, log_probs.shape[1])
    best, ids = map(as_array, _top(log_probs, asked))
    order = np.lexsort((ids, -best))  # along the last axis
    best, ids = np.take_along_axis(best, order, 1), np.take_along_axis(ids, order, 1)
    if asked > count:
        # topk breaks ties at its boundary arbitrarily; rows with such a tie are fully sorted instead.
        for row in np.flatnonzero(best[:, count] == best[:, count - 1]):
            ids[row] = log_probs[row].sort(descending=True, stable=True).indices[:asked].cpu()
    return best[:, :count], ids[:, :count]


def _best(log_probs: Tensor, count: int) -> Tensor:
    return torch.from_numpy(best_tokens(log_probs, count)[1]).to(log_probs.device)


def _top(log_probs: Tensor, asked: int) -> tuple[Tensor, Tensor]:
    """Return the result of torch's topk, several times as fast for the few best of thousands.

    The top tokens are in the blocks with the highest maxima, so only those blocks are searched.
    """
    rows, vocabulary = log_probs.shape
    blocks = vocabulary // _BLOCK
    if blocks <= 2 * asked:
        return log_probs.topk(asked, dim=1)
    end = blocks * _BLOCK
    best = log_probs[:, :end].view(rows, blocks, _BLOCK).amax(2).topk(asked, dim=1).indices  # (rows, asked)
    inside = (best[:, :, None] * _BLOCK + torch.arange(_BLOCK, device=best.device)).flatten(1)
    rest = torch.arange(end, vocabulary, device=best.device).expand(rows, -1)
    searched = torch.cat([inside, rest], 1)
    values, places = log_probs.gather(1, searched).topk(asked, dim=1)
    return values, searched.gather(1, places)


def _draw(log_probs: Tensor, sample: Sample, uniform: Tensor) -> Tensor:
    """uniform: (rows, 1) in [0, 1). Returns tokens (rows, 1) by the inverse of the cumulative distribution."""
    scaled = (log_probs.double() / sample.temperature).log_softmax(1)
    if sample.top_k:
        tokens = _best(scaled, min(sample.top_k, scaled.shape[1]))  # a full sort takes several times as long
        ordered = scaled.gather(1, tokens)
    else:
        ordered, tokens = scaled.sort(dim=1, descending=True, stable=True)
    probabilities = ordered.exp()
    before = probabilities.cumsum(1) - probabilities
    keep = before < sample.top_p  # the token that crosses top_p is included
    # A running sum of 1 - 1e-17 must not let a later token in, nor drop the first.
    keep[:, 0] = True
    probabilities = probabilities * keep
    total = probabilities.cumsum(1)
    drawn = (total <= uniform * total[:, -1:]).sum(1, keepdim=True)
    chosen: Tensor = tokens.gather(1, drawn.clamp_max(tokens.shape[1] - 1))
    return chosen
