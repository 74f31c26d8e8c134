"""Learning rates and teacher-forcing ratios as functions of the update."""

import math

from seq2seq.training.recipe import Constant, Exponential, Forcing, InverseSqrt, Linear, OneCycle, Schedule


def rate_factor(schedule: Schedule, update: int, halvings: int = 0) -> float:
    """Return the share of the peak learning rate at `update`, counted from 0.

    halvings: how often validation has halved the rate so far; only an open-ended schedule uses it.
    """
    if isinstance(schedule, OneCycle):
        warmup = max(1.0, schedule.warmup * schedule.updates)
        if update < warmup:
            return (update + 1) / (warmup + 1)
        # Cosine decay; the last update's rate is still above 0.
        done = (update - warmup) / max(1.0, schedule.updates - warmup)
        return 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
    if isinstance(schedule, InverseSqrt):
        number = update + 1
        return min(number / schedule.warmup, math.sqrt(schedule.warmup / number))
    rising = min(1.0, (update + 1) / (schedule.warmup + 1))
    return float(rising * 0.5**halvings)


def forcing_ratio(forcing: Forcing, update: int) -> float:
    """Return the teacher-forcing ratio at `update`, counted from 0 (Bengio et al. 2015, 2.4)."""
    if isinstance(forcing, Constant):
        return forcing.ratio
    if isinstance(forcing, Linear):
        return max(forcing.floor, 1 - forcing.slope * update)
    if isinstance(forcing, Exponential):
        return float(forcing.base**update)
    # Capped against overflow of exp, which comes long after the ratio is practically 0.
    return forcing.k / (forcing.k + math.exp(min(700.0, update / forcing.k)))
