"""Recipes of an image encoder, with the meaning of every key."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from seq2seq.config import Settings
from seq2seq.training.recipe import Averaging, Precision
from seq2seq.vision.config import ImageConfig


class DistilDataRecipe(Settings):
    """[data]: photos, captions, and what the teacher sees. The paths come from the command line."""

    start: Path
    """Weights of the network to start from (safetensors)."""
    photos: Path
    """Folder of the training photos."""
    captions: Path
    """Their captions: split<TAB>file<TAB>caption lines; .gz is read too."""
    teacher: Path
    """What tools/teacher has written for them."""
    valid_photos: Path
    """Folder of the validation photos."""
    valid_captions: Path
    """Their captions."""
    valid_teacher: Path
    """What tools/teacher has written for them."""


class Stage(Settings):
    """Some epochs at one input size."""

    size: int = Field(ge=75, le=1024)
    """Side of the network's square input, in pixels."""
    epochs: int = Field(ge=1)
    """Passes over all photos."""


class DistilRecipe(Settings):
    """[distil]: weights of the loss terms, and augmentation of the photos."""

    former_names: ClassVar[Mapping[str, str]] = {"least_captions": "min_caption_count"}
    regions: float = Field(1.0, ge=0)
    """Weight of the squared error of the teacher's regions, each channel with deviation 1."""
    classes: float = Field(0.5, ge=0)
    """Weight of the KL divergence from the teacher's classes (Hinton et al. 2015)."""
    words: float = Field(1.0, ge=0)
    """Weight of the cross-entropy of the captions' words, summed over the words and divided by 10."""
    temperature: float = Field(2.0, gt=0)
    """Softmax temperature of teacher and student."""
    min_caption_count: int = Field(20, ge=1)
    """Words in at least that many captions are predicted."""
    smallest_crop: float = Field(0.5, gt=0, le=1)
    """Smallest share of a photo's area in a crop."""
    recolour: float = Field(0.25, ge=0, lt=1)
    """Largest relative change of brightness, contrast and saturation."""


class ImageEncoderRecipe(Settings):
    """A complete recipe of an image encoder."""

    former_names: ClassVar[Mapping[str, str]] = {"rise": "warmup"}
    data: DistilDataRecipe
    """Photos, captions and teacher."""
    image: ImageConfig = ImageConfig()
    """The network, and the input that it expects."""
    distil: DistilRecipe = DistilRecipe()
    """Loss terms and augmentation."""
    seed: int = Field(1, ge=0, lt=2**31)
    """Decides the order of photos, crops and colours."""
    batch_photos: int = Field(32, ge=2)
    """Photos in a batch of one process."""
    rate: float = Field(5e-4, gt=0)
    """Peak learning rate of the network."""
    head_rate: float = Field(1e-3, gt=0)
    """Peak learning rate of the maps from its features to the teacher's and to words."""
    warmup: float = Field(0.05, ge=0, lt=1)
    """Share of the work for warm-up to the peak; from there the rate decays by half a cosine."""
    weight_decay: float = Field(0.02, ge=0)
    """Weight decay of AdamW."""
    clip: float = Field(5.0, gt=0)
    """Largest global gradient norm; larger ones are clipped."""
    frozen_up_to: str = "maxpool2"
    """The network's blocks up to this one are frozen; empty: none is."""
    precision: Precision = "float32"
    """float32 or bfloat16."""
    stages: tuple[Stage, ...] = Field(min_length=1)
    """Sizes, one after the other: small ones first, since they are cheap."""
    patience: int = Field(0, ge=0)
    """Early stopping: epochs without a larger share of teacher's classes among the encoder's first five before the
    training ends; 0 never does."""
    averaging: Averaging = Averaging()
    """Averaging of checkpoints."""

    @property
    def sizes(self) -> list[int]:
        """The input size of each epoch."""
        return [stage.size for stage in self.stages for _ in range(stage.epochs)]
