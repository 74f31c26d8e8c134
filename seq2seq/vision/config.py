"""Which image encoder a model reads, and how it wants its photos."""

from typing import Literal

from pydantic import Field

from seq2seq.config import Settings

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
