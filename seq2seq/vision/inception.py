"""Inception v3 (Szegedy et al. 2016, "Rethinking the Inception Architecture", table 1), up to its last grid.

torchvision has the same network, but importing it loads torch's compiler too: two seconds and 200 MB, for which
nobody who wants a caption should wait. Names are torchvision's, so its weights fit.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Kernel = tuple[int, int]


class Layer(NamedTuple):
    """A convolution of a block. It pads so that the grid keeps its size, unless its stride is 2."""

    name: str
    width: int
    """Channels of its output."""
    kernel: Kernel = (1, 1)
    stride: int = 1


Chain = Sequence[Layer | tuple[Layer, ...]]
"""Convolutions one after another; a tuple of them is side by side."""


class Convolution(nn.Module):
    """A convolution without bias, batch normalisation, ReLU."""

    def __init__(self, inputs: int, width: int, kernel: Kernel, stride: int = 1, padding: Kernel = (0, 0)) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, width, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(width, eps=0.001)

    def forward(self, features: Tensor) -> Tensor:
        """Map (batch, inputs, rows, columns) to (batch, width, rows, columns)."""
        return F.relu(self.bn(self.conv(features)), inplace=True)


class Mixed(nn.Module):
    """Chains of convolutions side by side, and pooling; their outputs are concatenated.

    pooled: channels of the convolution after average pooling; None for max pooling of 3 x 3 with stride 2.
    """

    def __init__(self, inputs: int, *chains: Chain, pooled: int | None) -> None:
        super().__init__()
        self._chains = chains
        for chain in chains:
            width = inputs
            for layers in map(_side_by_side, chain):
                for name, out, kernel, stride in layers:
                    padding = (kernel[0] // 2, kernel[1] // 2) if stride == 1 else (0, 0)
                    self.add_module(name, Convolution(width, out, kernel, stride, padding))
                width = sum(layer.width for layer in layers)
        if pooled is not None:
            self.branch_pool = Convolution(inputs, pooled, (1, 1))

    def forward(self, features: Tensor) -> Tensor:
        """Map (batch, inputs, rows, columns) to (batch, the widths of all chains, rows, columns)."""
        found: list[Tensor] = []
        for chain in self._chains:
            values = [features]
            for layers in map(_side_by_side, chain):
                before = values[0] if len(values) == 1 else torch.cat(values, 1)
                values = [self.get_submodule(layer.name)(before) for layer in layers]
            found += values
        return torch.cat([*found, self._pooled(features)], 1)

    def _pooled(self, features: Tensor) -> Tensor:
        if "branch_pool" not in self._modules:
            return F.max_pool2d(features, 3, 2)
        pooled: Tensor = self.branch_pool(F.avg_pool2d(features, 3, 1, 1))
        return pooled


def _side_by_side(layers: Layer | tuple[Layer, ...]) -> tuple[Layer, ...]:
    return (layers,) if isinstance(layers, Layer) else layers


class Inception(nn.Module):
    """The network from pixels (batch, 3, 299, 299) to the grid (batch, 2048, 8, 8), and a head of classes."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.Conv2d_1a_3x3 = Convolution(3, 32, (3, 3), 2)
        self.Conv2d_2a_3x3 = Convolution(32, 32, (3, 3))
        self.Conv2d_2b_3x3 = Convolution(32, 64, (3, 3), padding=(1, 1))
        self.maxpool1 = nn.MaxPool2d(3, 2)
        self.Conv2d_3b_1x1 = Convolution(64, 80, (1, 1))
        self.Conv2d_4a_3x3 = Convolution(80, 192, (3, 3))
        self.maxpool2 = nn.MaxPool2d(3, 2)
        self.Mixed_5b = _fine(192, 32)
        self.Mixed_5c = _fine(256, 64)
        self.Mixed_5d = _fine(288, 64)
        self.Mixed_6a = Mixed(
            288,
            [Layer("branch3x3", 384, (3, 3), 2)],
            [
                Layer("branch3x3dbl_1", 64),
                Layer("branch3x3dbl_2", 96, (3, 3)),
                Layer("branch3x3dbl_3", 96, (3, 3), 2),
            ],
            pooled=None,
        )
        self.Mixed_6b = _middle(128)
        self.Mixed_6c = _middle(160)
        self.Mixed_6d = _middle(160)
        self.Mixed_6e = _middle(192)
        self.Mixed_7a = Mixed(
            768,
            [Layer("branch3x3_1", 192), Layer("branch3x3_2", 320, (3, 3), 2)],
            [
                Layer("branch7x7x3_1", 192),
                Layer("branch7x7x3_2", 192, (1, 7)),
                Layer("branch7x7x3_3", 192, (7, 1)),
                Layer("branch7x7x3_4", 192, (3, 3), 2),
            ],
            pooled=None,
        )
        self.Mixed_7b = _coarse(1280)
        self.Mixed_7c = _coarse(2048)
        self.fc = nn.Linear(2048, classes) if classes else nn.Identity()


def _fine(inputs: int, pooled: int) -> Mixed:
    """Return a block of the grid of 35 x 35 (figure 5 of the paper)."""
    return Mixed(
        inputs,
        [Layer("branch1x1", 64)],
        [Layer("branch5x5_1", 48), Layer("branch5x5_2", 64, (5, 5))],
        [Layer("branch3x3dbl_1", 64), Layer("branch3x3dbl_2", 96, (3, 3)), Layer("branch3x3dbl_3", 96, (3, 3))],
        pooled=pooled,
    )


def _middle(width: int) -> Mixed:
    """Return a block of the grid of 17 x 17 (figure 6); width: channels inside of its chains."""
    return Mixed(
        768,
        [Layer("branch1x1", 192)],
        [Layer("branch7x7_1", width), Layer("branch7x7_2", width, (1, 7)), Layer("branch7x7_3", 192, (7, 1))],
        [
            Layer("branch7x7dbl_1", width),
            Layer("branch7x7dbl_2", width, (7, 1)),
            Layer("branch7x7dbl_3", width, (1, 7)),
            Layer("branch7x7dbl_4", width, (7, 1)),
            Layer("branch7x7dbl_5", 192, (1, 7)),
        ],
        pooled=192,
    )


def _coarse(inputs: int) -> Mixed:
    """Return a block of the grid of 8 x 8 (figure 7), whose chains end in two convolutions side by side."""
    return Mixed(
        inputs,
        [Layer("branch1x1", 320)],
        [Layer("branch3x3_1", 384), (Layer("branch3x3_2a", 384, (1, 3)), Layer("branch3x3_2b", 384, (3, 1)))],
        [
            Layer("branch3x3dbl_1", 448),
            Layer("branch3x3dbl_2", 384, (3, 3)),
            (Layer("branch3x3dbl_3a", 384, (1, 3)), Layer("branch3x3dbl_3b", 384, (3, 1))),
        ],
        pooled=192,
    )
