"""The learning-rate range test (Smith 2017, section 3.3): increase the rate and watch where the loss falls."""

import math
from collections.abc import Callable, Iterator
from itertools import count, repeat

import torch

from seq2seq.errors import ConfigError
from seq2seq.training.rates import _DIVERGED, RateTrial
from seq2seq.training.task import B, Task
from seq2seq.training.update import Updater

LOWEST, HIGHEST = 1e-5, 1.0
_MEMORY = 0.9  # decay of the running mean of the loss


def sweep(step: Callable[[float], float], updates: int) -> Iterator[RateTrial]:
    """Yield one record for each of at most `updates` steps, at rates that grow geometrically.

    step: makes one update at a rate and returns its loss. The test ends when the smoothed loss is four times its
    best, or a loss is not finite.
    """
    mean, best = 0.0, math.inf
    growth = (HIGHEST / LOWEST) ** (1 / max(1, updates - 1))
    for number in range(updates):
        rate = LOWEST * growth**number
        loss = step(rate)
        mean = _MEMORY * mean + (1 - _MEMORY) * loss
        smoothed = mean / (1 - _MEMORY ** (number + 1))  # bias correction as in Adam
        yield RateTrial(rate, loss, smoothed)
        best = min(best, smoothed)
        if not math.isfinite(loss) or smoothed > _DIVERGED * best:
            return


def rate_test(task: Task[B], updates: int) -> Iterator[RateTrial]:
    """Yield the records of a test with a task's model and batches, from its initial weights on.

    The rate in the records is that of the last group of parameters, which is the decoder's, a search's words or an
    image encoder's heads; the others keep their ratio to it. Raises ConfigError if there are no batches.
    """
    torch.manual_seed(task.plan.seed)
    task.initialise()
    if next(task.batches.epoch(0), None) is None:
        raise ConfigError("The first epoch has no batches to learn from; name other data.")
    updater = Updater(task, "float32" if task.plan.precision == "auto" else task.plan.precision)
    device = next(task.model.parameters()).device
    # A plan of epochs may change the task from one to the next, so the first is repeated.
    epochs = repeat(0) if task.plan.unit == "epoch" else count()
    remaining = (batch for number in epochs for batch in task.batches.epoch(number))

    def step(rate: float) -> float:
        batch = next(remaining).to(device)
        peak = task.optimiser(batch).param_groups[-1]["peak"]
        return task.loss({"updates": 1, **updater.update(batch, rate / peak)})

    yield from sweep(step, updates)
