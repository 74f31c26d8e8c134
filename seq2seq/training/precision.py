"""float32 or bfloat16: measures which is faster on this machine, since processors differ a hundredfold."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch

from seq2seq.errors import ConfigError
from seq2seq.training.recipe import Precision


def autocast(precision: Precision, device: str) -> AbstractContextManager[object]:
    """Return the context in which a forward pass runs in `precision`."""
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device, dtype=torch.bfloat16)


def trains_in(precision: Precision, device: str) -> bool:
    """Return whether recurrent layers can run in `precision` here; oneDNN has no bfloat16 ones for AVX2."""
    layer = torch.nn.LSTM(8, 8, device="meta").to_empty(device=device)  # draws no random number
    try:
        with autocast(precision, device):
            layer(torch.zeros(1, 1, 8, device=device))
    except RuntimeError:
        return False
    return True


def require(precision: Precision, device: str) -> Precision:
    """Return `precision` unchanged. Raises ConfigError if recurrent layers can't be trained in it here."""
    if not trains_in(precision, device):
        raise ConfigError(f"This processor can't train in {precision}; set training.precision=auto.")
    return precision


def faster_precision(run: Callable[[Precision], object], device: str) -> Precision:
    """Return the precision in which `run` (one training step that changes nothing) is faster.

    A processor without bfloat16 arithmetic would need minutes for one step, so a matrix product is timed first.
    """
    if not trains_in("bfloat16", device):
        return "float32"
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
