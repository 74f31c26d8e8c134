"""Where a model's tensors lie, and what a device wants of its callers."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


def device_of(model: nn.Module) -> torch.device:
    """Return where the weights of a model lie; what it is given has to lie there, too."""
    return next(model.parameters()).device


@contextmanager
def backward_through_recurrence() -> Iterator[None]:
    """Let gradients go through recurrent layers that are not in training mode, on CUDA as well.

    cuDNN's recurrent kernels keep what a backward pass needs in training mode alone, where dropout would change the
    result; PyTorch's own kernels do without.
    """
    with torch.backends.cudnn.flags(enabled=False):
        yield
