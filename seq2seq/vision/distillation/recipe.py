"""Recipes of an image encoder. Every key stands here with its meaning."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from seq2seq.config import Settings
from seq2seq.training.recipe import Precision
from seq2seq.vision.config import ImageConfig


class Stage(Settings):
    """Some epochs at one size."""

    size: int = Field(ge=75, le=1024)
    """Side of the squares that the network is shown."""
    epochs: int = Field(ge=1)
    """How often all photos are shown."""


class DistilRecipe(Settings):
    """[distil]: what each part of the loss counts, and what of the photos is shown."""

    former_names: ClassVar[Mapping[str, str]] = {"least_captions": "min_caption_count"}
    regions: float = Field(1.0, ge=0)
    """Squared error of the teacher's regions, each channel with deviation 1."""
    classes: float = Field(0.5, ge=0)
    """Divergence from the teacher's classes (Hinton et al. 2015)."""
    words: float = Field(1.0, ge=0)
    """Cross-entropy of the captions' words, summed over the words and divided by 10."""
    temperature: float = Field(2.0, gt=0)
    """Of both sides' classes."""
    min_caption_count: int = Field(20, ge=1)
    """Words that at least so many captions have are predicted."""
    smallest_crop: float = Field(0.5, gt=0, le=1)
    """Least share of a photo's area that is shown."""
    recolour: float = Field(0.25, ge=0, lt=1)
    """How much brightness, contrast and saturation change at most."""


class ImageEncoderRecipe(Settings):
    """A whole recipe of a photo encoder."""

    former_names: ClassVar[Mapping[str, str]] = {"rise": "warmup"}
    image: ImageConfig = ImageConfig()
    """Which network, and how it wants its photos."""
    distil: DistilRecipe = DistilRecipe()
    """What is learnt from whom."""
    seed: int = Field(1, ge=0, lt=2**31)
    """Decides the order of photos, crops and colours."""
    batch_photos: int = Field(32, ge=2)
    """Photos in a batch of one process."""
    rate: float = Field(5e-4, gt=0)
    """Peak learning rate of the network."""
    head_rate: float = Field(1e-3, gt=0)
    """Peak learning rate of what turns its features into the teacher's and into words."""
    warmup: float = Field(0.05, ge=0, lt=1)
    """Share of the work on the way up to the peak; from there half a cosine leads down."""
    weight_decay: float = Field(0.02, ge=0)
    """Of AdamW."""
    clip: float = Field(5.0, gt=0)
    """Largest norm of all gradients together."""
    frozen_up_to: str = "maxpool2"
    """The network's parts up to this one stay as they are; empty: all learn."""
    precision: Precision = "float32"
    """float32 or bfloat16."""
    stages: tuple[Stage, ...] = Field(min_length=1)
    """Sizes, one after the other: small ones first, since they are cheap."""
