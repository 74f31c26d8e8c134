"""The trials of a learning-rate range test, and the rates that they suggest."""

import math
from collections.abc import Sequence
from typing import NamedTuple

_DIVERGED = 4.0  # times the best smoothed loss


class RateTrial(NamedTuple):
    """One update of the test."""

    rate: float  # of the decoder
    loss: float  # nats per token, unsmoothed labels
    smoothed: float  # running mean of the losses so far


class Suggestion(NamedTuple):
    """Peak learning rates that the test suggests; None where it finds none."""

    steepest: float | None  # where the loss falls fastest
    diverged: float | None  # where the loss had grown fourfold
    tenth: float | None  # a tenth of `diverged`


def suggest(tried: Sequence[RateTrial]) -> Suggestion:
    """Return where the loss falls fastest over the logarithm of the rate, and where it diverges."""
    finite = [one for one in tried if math.isfinite(one.smoothed)]
    reach = max(1, len(finite) // 25)  # the slope is taken over some neighbours, since losses are noisy
    slopes = [
        ((after.smoothed - before.smoothed) / math.log(after.rate / before.rate), here.rate)
        for before, here, after in zip(finite, finite[reach:], finite[2 * reach :], strict=False)
    ]
    falling = [slope for slope in slopes if slope[0] < 0]
    steepest = min(falling)[1] if falling else None
    best = min(finite, key=lambda one: one.smoothed, default=RateTrial(0.0, math.inf, math.inf))
    # It diverges after its best: while it still falls, it may be far above that.
    broken = [one.rate for one in tried if one.rate > best.rate and not one.smoothed <= _DIVERGED * best.smoothed]
    diverged = broken[0] if broken else None
    return Suggestion(steepest, diverged, diverged / 10 if diverged else None)
