"""Image encoders: a photo becomes a grid of region vectors, one pooled vector and class scores.

Another network is added by one small subclass of `ImageEncoder` and its line in `ENCODERS`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seq2seq.errors import CheckpointError
from seq2seq.vision.config import ImageConfig
from seq2seq.vision.inception import Inception


class ImageFeatures(NamedTuple):
    """An encoder's outputs for a batch of photos."""

    regions: Tensor  # (batch, rows x columns, width), row by row
    grid: tuple[int, int]  # rows, columns
    pooled: Tensor  # (batch, width), the mean of the regions
    logits: Tensor | None  # (batch, classes), ImageNet scores, or None without a head


class ImageEncoder(nn.Module, ABC):
    """Maps photos to `ImageFeatures`. A subclass has `width`, `blocks` and `grid_side`.

    Training and uploads share one preprocessing: whole photos, squashed to 224 x 224, come in as uint8, are
    resized to the network's size bilinearly and scaled once.
    """

    width: int
    network: nn.Module
    """The module with the weights, which are stored under its names."""

    def __init__(self, config: ImageConfig) -> None:
        super().__init__()
        self.config = config

    def forward(self, photos: Tensor) -> ImageFeatures:
        """Return the features of photos, uint8 (batch, 3, height, width)."""
        return self.encode_pixels(self.scale(photos))

    def scale(self, photos: Tensor) -> Tensor:
        """Return uint8 photos (batch, 3, height, width) as the network expects them, (batch, 3, size, size)."""
        size = self.config.size
        values = photos.float()
        if photos.shape[-2:] != (size, size):
            values = F.interpolate(values, (size, size), mode="bilinear", align_corners=False, antialias=True)
        return self.normalise_pixels(values / 255)

    def normalise_pixels(self, values: Tensor) -> Tensor:
        """Return pixels in 0..1 scaled to the range that the network expects, (batch, 3, size, size)."""
        values = values * 2 - 1 if self.config.pixels == "-1..1" else values
        return values.contiguous(memory_format=torch.channels_last)

    def encode_pixels(self, pixels: Tensor) -> ImageFeatures:
        """Return the features of already scaled pixels (batch, 3, size, size)."""
        features = self.feature_map(pixels)  # (batch, width, rows, columns)
        pooled = features.mean((2, 3))
        regions = features.flatten(2).transpose(1, 2)
        rows, columns = features.shape[2:]
        return ImageFeatures(regions, (rows, columns), pooled, self.classify(pooled))

    def feature_map(self, pixels: Tensor) -> Tensor:
        """Return the feature map (batch, width, rows, columns)."""
        features = pixels
        for name in self.blocks():
            features = self.block(name)(features)
        return features

    def block(self, name: str) -> nn.Module:
        """Return one of `blocks`."""
        block = getattr(self.network, name)
        assert isinstance(block, nn.Module)
        return block

    def classify(self, pooled: Tensor) -> Tensor | None:
        """Return the scores of the ImageNet classes, (batch, classes), for pooled vectors (batch, width)."""
        head = self.head()
        return None if head is None else head(pooled)

    def head(self) -> nn.Linear | None:
        """Return the layer that scores the classes, or None if there is none."""
        head = getattr(self.network, "fc", None)
        return head if isinstance(head, nn.Linear) else None

    def freeze_head(self) -> None:
        """Freeze the class head."""
        head = self.head()
        if head is not None:
            head.requires_grad_(False)

    @abstractmethod
    def blocks(self) -> tuple[str, ...]:
        """Return the names of the network's parts, from the pixels to the last grid."""

    @abstractmethod
    def grid_side(self, size: int) -> int:
        """Return the number of regions per side of the grid for photos of this size."""


class InceptionEncoder(ImageEncoder):
    """Inception v3 (Szegedy et al. 2016), cut after Mixed_7c: 8 x 8 x 2,048 at 299 pixels.

    Its weights are those of `torchvision.models.inception_v3(transform_input=False)`, under the same names, without
    the auxiliary classifier.
    """

    width = 2048

    def __init__(self, config: ImageConfig) -> None:
        super().__init__(config)
        self.network = Inception(config.classes)

    def blocks(self) -> tuple[str, ...]:
        """Return the names of the network's parts, from the pixels to the last grid."""
        stem = ("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "maxpool1", "Conv2d_3b_1x1", "Conv2d_4a_3x3")
        mixed = ("5b", "5c", "5d", "6a", "6b", "6c", "6d", "6e", "7a", "7b", "7c")
        return (*stem, "maxpool2", *(f"Mixed_{part}" for part in mixed))

    def grid_side(self, size: int) -> int:
        """Return the number of regions per side of the grid for photos of this size; 8 at 299."""
        side = (size - 3) // 2 - 1  # two convolutions without padding at the edge
        side = (side - 3) // 2 - 1  # pooling, and another one
        for _ in range(3):  # pooling, Mixed_6a, Mixed_7a
            side = (side - 3) // 2 + 1
        return side


class TinyEncoder(ImageEncoder):
    """Two convolutions, for tests and trial runs: a tenth of the input size per side, width 8."""

    width = 8

    def __init__(self, config: ImageConfig) -> None:
        super().__init__(config)
        self.network = nn.Module()
        self.network.fine = nn.Sequential(nn.Conv2d(3, 8, 5, stride=5), nn.ReLU())
        self.network.coarse = nn.Sequential(nn.Conv2d(8, self.width, 2, stride=2), nn.ReLU())
        if config.classes:
            self.network.fc = nn.Linear(self.width, config.classes)

    def blocks(self) -> tuple[str, ...]:
        """Return the names of the network's parts, from the pixels to the last grid."""
        return ("fine", "coarse")

    def grid_side(self, size: int) -> int:
        """Return the number of regions per side of the grid for photos of this size."""
        return ((size - 5) // 5 + 1) // 2


_LABELS = Path(__file__).with_name("imagenet.txt")  # as torchvision names them
ENCODERS: dict[str, Callable[[ImageConfig], ImageEncoder]] = {"inception-v3": InceptionEncoder, "tiny": TinyEncoder}


def build_image_encoder(config: ImageConfig) -> ImageEncoder:
    """Return the encoder that the config names, with untrained weights."""
    return ENCODERS[config.name](config).to(memory_format=torch.channels_last)


def imagenet_labels() -> list[str]:
    """Return the names of the 1,000 ImageNet classes, by index."""
    return _LABELS.read_text(encoding="utf-8").splitlines()


def official_weights(file: Path | None = None) -> dict[str, Tensor]:
    """Return torchvision's own ImageNet weights of Inception v3, without the auxiliary classifier.

    file: a local copy (inception_v3_google-0cc3c7bd.pth); otherwise torchvision downloads them.
    Raises CheckpointError if they are not available, or the file is another one. No pickled code is run.
    """
    if file is None:
        from torchvision.models import Inception_V3_Weights  # which takes two seconds
    try:
        if file is None:
            loaded = Inception_V3_Weights.IMAGENET1K_V1.get_state_dict(progress=True)
        else:
            loaded = torch.load(file, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CheckpointError(f"{file} does not exist; check the path.") from None
    except OSError as failure:  # URLError is one
        raise CheckpointError(
            f"The official weights can't be loaded ({failure}); download the file elsewhere and name it."
        ) from None
    except Exception:  # unpickling a foreign file may raise anything
        raise CheckpointError(f"{file} is no weights file of torchvision; name another one.") from None
    if not isinstance(loaded, dict) or not all(isinstance(value, Tensor) for value in loaded.values()):
        raise CheckpointError(f"{file} is no weights file of torchvision; name another one.")
    aside = ("AuxLogits.",)
    return {
        name: value
        for name, value in loaded.items()
        if not name.startswith(aside) and not name.endswith("num_batches_tracked")
    }
