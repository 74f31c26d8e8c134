"""Image encoders: a photo becomes a grid of region vectors, one pooled vector and class scores.

Another network is added by one small subclass of `ImageEncoder` and its line in `ENCODERS`.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn
from torchvision.models import Inception_V3_Weights
from torchvision.models.inception import Inception3

from seq2seq.config import Settings

PHOTO_SIZE = 224
"""Side of the squares that photos are squashed to before anything else."""
PixelRange = Literal["0..1", "-1..1"]


class ImageConfig(Settings):
    """Which image encoder, and how it wants its photos."""

    name: Literal["inception-v3", "tiny"] = "inception-v3"
    """Network: Inception v3 (Szegedy et al. 2016), or a tiny one for tests."""
    pixels: PixelRange = "0..1"
    """Range that pixels are brought to. The shipped trunk takes 0..1, torchvision's official weights -1..1."""
    size: int = Field(299, ge=75, le=1024)
    """Side of the square that the network sees."""
    classes: int = Field(1000, ge=0)
    """ImageNet classes that its head scores; 0 for none."""


class Seen(NamedTuple):
    """What an encoder says of a batch of photos."""

    regions: Tensor  # (batch, rows x columns, width), row by row
    grid: tuple[int, int]  # rows, columns
    pooled: Tensor  # (batch, width), the mean of the regions
    logits: Tensor | None  # (batch, classes), ImageNet scores, or None without a head


class ImageEncoder(nn.Module):
    """Photos to `Seen`. A subclass has `width`, and `grid_of` that turns pixels into a feature map.

    The one preprocessing, for training and uploads alike: photos squashed whole to 224 x 224 come in as uint8,
    are brought to the network's size bilinearly and scaled once.
    """

    width: int

    def __init__(self, config: ImageConfig) -> None:
        super().__init__()
        self.config = config

    def forward(self, photos: Tensor) -> Seen:
        """Return what is seen in photos, uint8 (batch, 3, height, width)."""
        return self.look(self.scale(photos))

    def scale(self, photos: Tensor) -> Tensor:
        """Return uint8 photos (batch, 3, height, width) as the network wants them, (batch, 3, size, size)."""
        size = self.config.size
        values = photos.float()
        if photos.shape[-2:] != (size, size):
            values = F.interpolate(values, (size, size), mode="bilinear", align_corners=False, antialias=True)
        values = values / 255
        values = values * 2 - 1 if self.config.pixels == "-1..1" else values
        return values.contiguous(memory_format=torch.channels_last)

    def look(self, pixels: Tensor) -> Seen:
        """Return what is seen in pixels (batch, 3, size, size) that were scaled already."""
        features = self.grid_of(pixels)  # (batch, width, rows, columns)
        pooled = features.mean((2, 3))
        regions = features.flatten(2).transpose(1, 2)
        rows, columns = features.shape[2:]
        return Seen(regions, (rows, columns), pooled, self.classify(pooled))

    def grid_of(self, pixels: Tensor) -> Tensor:
        """Return the feature map (batch, width, rows, columns)."""
        raise NotImplementedError

    def classify(self, pooled: Tensor) -> Tensor | None:
        """Return the scores of the ImageNet classes for pooled vectors (batch, width)."""
        raise NotImplementedError


class InceptionEncoder(ImageEncoder):
    """torchvision's Inception v3 (Szegedy et al. 2016), taken apart behind Mixed_7c: 8 x 8 x 2,048 at 299 pixels.

    Its weights are those of `torchvision.models.inception_v3(transform_input=False)`, under the same names, without
    the auxiliary classifier.
    """

    width = 2048

    def __init__(self, config: ImageConfig) -> None:
        super().__init__(config)
        self.network = Inception3(
            num_classes=max(1, config.classes), aux_logits=False, transform_input=False, init_weights=False
        )
        if not config.classes:
            self.network.fc = nn.Identity()

    def grid_of(self, pixels: Tensor) -> Tensor:
        """Return the feature map (batch, 2048, rows, columns)."""
        features = pixels
        for name in self.blocks():
            features = getattr(self.network, name)(features)
        return features

    @staticmethod
    def blocks() -> tuple[str, ...]:
        """Return the names of the network's parts, from the pixels to the last grid."""
        stem = ("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "maxpool1", "Conv2d_3b_1x1", "Conv2d_4a_3x3")
        mixed = ("5b", "5c", "5d", "6a", "6b", "6c", "6d", "6e", "7a", "7b", "7c")
        return (*stem, "maxpool2", *(f"Mixed_{part}" for part in mixed))

    def classify(self, pooled: Tensor) -> Tensor | None:
        """Return the scores of the ImageNet classes, (batch, classes)."""
        return self.network.fc(pooled) if self.config.classes else None


class TinyEncoder(ImageEncoder):
    """Two convolutions, for tests and for trying a training out: a tenth of the size to a side, 8 wide."""

    width = 8

    def __init__(self, config: ImageConfig) -> None:
        super().__init__(config)
        self.layers = nn.Sequential(
            nn.Conv2d(3, 8, 5, stride=5), nn.ReLU(), nn.Conv2d(8, self.width, 2, stride=2), nn.ReLU()
        )
        self.head = nn.Linear(self.width, config.classes) if config.classes else None

    def grid_of(self, pixels: Tensor) -> Tensor:
        """Return the feature map (batch, 8, size / 10, size / 10)."""
        features: Tensor = self.layers(pixels)
        return features

    def classify(self, pooled: Tensor) -> Tensor | None:
        """Return the scores of the classes, (batch, classes)."""
        return None if self.head is None else self.head(pooled)


ENCODERS: dict[str, Callable[[ImageConfig], ImageEncoder]] = {
    "inception-v3": InceptionEncoder,
    "tiny": TinyEncoder,
}


def build_image_encoder(config: ImageConfig) -> ImageEncoder:
    """Return the encoder that the config names, with untrained weights."""
    return ENCODERS[config.name](config).to(memory_format=torch.channels_last)


def imagenet_labels() -> list[str]:
    """Return the names of the 1,000 ImageNet classes, by their numbers."""
    return list(Inception_V3_Weights.IMAGENET1K_V1.meta["categories"])
