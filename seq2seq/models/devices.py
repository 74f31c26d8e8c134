"""The device of a model's tensors, and device-specific workarounds."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


def device_of(model: nn.Module) -> torch.device:
    """Return the device of a model's weights, where its inputs must be, too."""
    return next(model.parameters()).device


@contextmanager
def backward_through_recurrence() -> Iterator[None]:
    """Allow backpropagation through recurrent layers in evaluation mode, on CUDA as well.

    cuDNN's recurrent kernels support a backward pass only in training mode, where dropout would change the result;
    PyTorch's own kernels have no such restriction.
    """
    with torch.backends.cudnn.flags(enabled=False):
        yield
