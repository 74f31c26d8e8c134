"""Search constraints: coverage penalty, blocking of repeated n-grams, diverse beam groups."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from seq2seq.search.arrays import Array, as_array, on
from seq2seq.text import END

# Lower clamp, as log(0) = -inf would make scores incomparable; a softmax leaves at least about as much.
_UNSEEN = 1e-10

Extensions = tuple[Array, Array, Array]  # parent rows, tokens, totals


def coverage_penalty(covered: Tensor, mask: Tensor) -> Tensor:
    """Return the sum over real source positions of ln(min(attention so far, 1)), (rows,) (Wu et al. 2016, eq. 15).

    covered: (rows, source), a hypothesis's attention to each position, summed over its steps.
    It is 0 if every position has a summed attention of at least 1, and negative otherwise.
    """
    logs = covered.double().clamp(_UNSEEN, 1.0).log()
    return logs.masked_fill(~mask, 0.0).sum(1)


def forbid_repeats(log_probs: Tensor, tokens: Tensor, size: int, ends: Tensor) -> None:
    """Write -inf into log_probs (rows, vocabulary) where a token would repeat one of its row's n-grams.

    tokens: (rows, length), each row's prefix without <s>; size: of the n-grams (Paulus et al. 2018, section 2.5).
    A row without any other allowed token may end, even before its minimum length.
    ends: (rows,), the model's log-probability of the end token.
    """
    length = tokens.shape[1]
    if length < size:
        return
    last = tokens[:, length - size + 1 :]  # (rows, size - 1)
    before = tokens.unfold(1, size, 1)[:, :, : size - 1]  # (rows, n-grams, size - 1)
    same = (before == last[:, None]).all(2)
    rows, places = same.nonzero(as_tuple=True)
    log_probs[rows, tokens[rows, places + size - 1]] = float("-inf")
    stuck = log_probs.isneginf().all(1)
    log_probs[:, END] = torch.where(stuck, ends, log_probs[:, END])


def extend_groups(
    allowed: Tensor, source: Array, group: Array, diversity: float, extend: Callable[[Array, Tensor], Extensions]
) -> Extensions:
    """Return the extensions of all groups, each penalised for the tokens that earlier groups chose at this step.

    A token chosen by n hypotheses of earlier groups of its source is penalised by n x diversity: Hamming diversity
    of Vijayakumar et al. 2018, section 4. Totals stay the model's own.
    allowed: (rows, vocabulary), natural log; source, group: (rows,). extend: selects extensions for the rows of one
    group, given them and the penalised log-probabilities; its parents are indices into these rows.
    """
    device = allowed.device
    said = allowed.new_zeros(int(source.max()) + 1, allowed.shape[1])
    found: list[Extensions] = []
    for number in range(int(group.max()) + 1):
        rows = np.flatnonzero(group == number)
        penalised = allowed[on(device, rows)] - diversity * said[on(device, source[rows])]
        parents, tokens, totals = extend(rows, penalised)
        parents = rows[parents]
        places = on(device, source[parents]), on(device, tokens)
        totals = totals + diversity * as_array(said[places].double())
        said.index_put_(places, torch.ones_like(places[1], dtype=said.dtype), accumulate=True)
        found.append((parents, tokens, totals))
    parents, tokens, totals = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return parents, tokens, totals
