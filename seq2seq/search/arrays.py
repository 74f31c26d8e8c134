"""Arrays of a search's bookkeeping: a few numbers for each hypothesis, on the CPU.

numpy's calls cost a tenth of torch's, which is what matters for so few numbers.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Array = NDArray[Any]


def as_array(tensor: Tensor) -> Array:
    """Return the numbers of a tensor on any device; on the CPU they share its memory."""
    tensor = tensor.detach().cpu()
    return (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()  # numpy has no bfloat16


def on(device: torch.device, array: Array) -> Tensor:
    """Return a tensor of an array's numbers; on the CPU it shares the array's memory."""
    return torch.from_numpy(np.ascontiguousarray(array)).to(device)
