"""Edited attention rows: each function returns a new row that is non-negative and sums to 1.

A row has one weight for each source piece. mask: True = real; padding gets exactly 0; None: all are real.
"""

import math
from collections.abc import Sequence

from seq2seq.errors import ConfigError

Row = tuple[float, ...]


def uniform(row: Sequence[float], *, mask: Sequence[bool] | None = None) -> Row:
    """Return the same weight for every real position of `row`."""
    return renormalised([1.0] * len(row), mask=mask)


def one_hot(row: Sequence[float], *places: int, mask: Sequence[bool] | None = None) -> Row:
    """Return all weight on one position, or in equal shares on the positions of one word.

    Raises ConfigError for a position out of range.
    """
    chosen = _places(row, places)
    return renormalised([float(i in chosen) for i in range(len(row))], mask=mask)


def drop(row: Sequence[float], *places: int, mask: Sequence[bool] | None = None) -> Row:
    """Return `row` with zero weight on these positions and the rest renormalised.

    Raises ConfigError for a position out of range, and if nothing is left.
    """
    dropped = _places(row, places)
    return renormalised([0.0 if i in dropped else weight for i, weight in enumerate(row)], mask=mask)


def shift(row: Sequence[float], by: int, *, mask: Sequence[bool] | None = None) -> Row:
    """Return `row` with every weight moved by `by` real positions; what would fall off stays at the edge.

    Not cyclic: a sentence's end is not adjacent to its start.
    """
    weights = renormalised(row, mask=mask)
    real = [i for i in range(len(row)) if mask is None or mask[i]]
    moved = [0.0] * len(row)
    for rank, place in enumerate(real):
        moved[real[min(max(rank + by, 0), len(real) - 1)]] += weights[place]
    return renormalised(moved, mask=mask)


def renormalised(weights: Sequence[float], *, mask: Sequence[bool] | None = None) -> Row:
    """Return weights divided by their sum; padding gets 0.

    Raises ConfigError if one is negative or not finite, if all are 0, or if the mask has another length.
    """
    if mask is not None and len(mask) != len(weights):
        raise ConfigError(f"There are {len(weights)} weights for {len(mask)} source pieces; give one for each.")
    for place, weight in enumerate(weights, 1):
        if not math.isfinite(weight) or weight < 0:
            raise ConfigError(f"The {_ordinal(place)} attention weight is {weight}; give 0 or a positive number.")
    real = [w if mask is None or mask[i] else 0.0 for i, w in enumerate(weights)]
    # Dividing by the largest first avoids overflow and underflow.
    largest = max(real, default=0.0)
    if largest == 0:
        raise ConfigError("All attention weights are 0, so there is nothing to attend to; give one that is not.")
    scaled = [weight / largest for weight in real]
    total = math.fsum(scaled)
    return tuple(weight / total for weight in scaled)


def _places(row: Sequence[float], places: tuple[int, ...]) -> set[int]:
    for place in places:
        if not 0 <= place < len(row):
            raise ConfigError(f"There is no source piece {place}; places count from 0 to {len(row) - 1}.")
    return set(places)


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
