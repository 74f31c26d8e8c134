"""The mean of the weights of several moments of one training (Junczys-Dowmunt et al. 2016)."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from seq2seq.errors import CheckpointError


def average_weights(weights: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Return the mean of each tensor, in float32.

    Raises CheckpointError if the names or shapes differ.
    """
    first = weights[0]
    shapes = {name: tensor.shape for name, tensor in first.items()}
    for number, other in enumerate(weights[1:], 2):
        if {name: tensor.shape for name, tensor in other.items()} != shapes:
            raise CheckpointError(f"Checkpoint {number} has other tensors than the first; average alike models.")
    return {name: torch.stack([each[name].to(torch.float32) for each in weights]).mean(0) for name in first}
