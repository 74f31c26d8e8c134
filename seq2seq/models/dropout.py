"""Dropout for sequences."""

import torch
from torch import Tensor, nn


class SharedDropout(nn.Module):
    """Zeroes the same activations at every step of a sequence (Gal and Ghahramani 2016, section 4).

    It also draws far fewer numbers than a mask for each step. A decoder that goes step by step, as scheduled
    sampling and attention before the cell do, draws anew at each of them between its layers.
    """

    def __init__(self, share: float) -> None:
        """share: of the activations that are zeroed in training."""
        super().__init__()
        self.share = share

    def forward(self, activations: Tensor) -> Tensor:
        """Return activations (batch, time, width), or (rows, width) of one step, with some of them zeroed."""
        if not self.training or self.share == 0:
            return activations
        like = activations[:, :1] if activations.dim() == 3 else activations
        kept = torch.empty_like(like).bernoulli_(1 - self.share)
        return activations * kept.div_(1 - self.share)


def make_dropout(share: float, shared: bool) -> nn.Module:
    """Return dropout with a mask for a whole sequence, if `shared`, or for each step."""
    return SharedDropout(share) if shared else nn.Dropout(share)
