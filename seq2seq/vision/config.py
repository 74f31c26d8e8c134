"""Which image encoder a model uses, and the input that it expects."""

from typing import Literal

from pydantic import Field

from seq2seq.config import Settings

PixelRange = Literal["0..1", "-1..1"]


class ImageConfig(Settings):
    """Which image encoder, and the input that it expects."""

    name: Literal["inception-v3", "tiny"] = "inception-v3"
    """Network: Inception v3 (Szegedy et al. 2016), or a tiny one for tests."""
    pixels: PixelRange = "0..1"
    """Range that pixels are scaled to. The shipped encoder expects 0..1, torchvision's official weights -1..1."""
    size: int = Field(299, ge=75, le=1024)
    """Side of the network's square input, in pixels."""
    classes: int = Field(1000, ge=0)
    """ImageNet classes of its head; 0 for no head."""
