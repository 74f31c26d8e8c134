"""float32 or bfloat16: which one is faster here is measured, since processors differ a hundredfold."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Literal

import torch

Precision = Literal["float32", "bfloat16"]


def autocast(precision: Precision, device: str) -> AbstractContextManager[object]:
    """Return the context in which a forward pass runs in `precision`."""
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device, dtype=torch.bfloat16)


def faster_precision(run: Callable[[Precision], object], device: str) -> Precision:
    """Return the precision in which `run` (one training step that changes nothing) is faster.

    A processor without bfloat16 arithmetic would need minutes for one step, so a small product goes first.
    """
    if _product_seconds(torch.bfloat16, device) > 1.5 * _product_seconds(torch.float32, device):
        return "float32"
    short, plain = _seconds(lambda: run("bfloat16")), _seconds(lambda: run("float32"))
    return "bfloat16" if short < plain else "float32"


def _product_seconds(dtype: torch.dtype, device: str) -> float:
    matrix = torch.ones(256, 256, dtype=dtype, device=device)
    return _seconds(lambda: (matrix @ matrix).sum().item())


def _seconds(work: Callable[[], object], tries: int = 3) -> float:
    work()  # the first call also pays for set-up
    times = []
    for _ in range(tries):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)
