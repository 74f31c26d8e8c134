"""config.json of a photo search, read without the weights."""

from typing import Literal

from pydantic import Field

from seq2seq.checkpoint_config import FORMAT
from seq2seq.config import Settings
from seq2seq.vision.captioning.checkpoint_config import ImageEncoderName

WORDS = "words.txt"


class JointConfig(Settings):
    """Widths of a joint embedding."""

    photo: int = Field(2048, ge=1)
    """Width of a photo's pooled vector, set by the image encoder."""
    word: int = Field(128, ge=1)
    """Width of a word vector."""
    joint: int = Field(256, ge=1)
    """Dimensions of the joint space."""


class SearchConfig(Settings):
    """Contents of a photo search's config.json."""

    format: Literal[1] = FORMAT
    kind: Literal["search"] = "search"
    trunk: ImageEncoderName | None = None
    """The image encoder whose pooled vectors it was trained on; those of another one are meaningless here. None if
    they came from elsewhere, so that no photo can be searched."""
    model: JointConfig
    captioned: int
    """How many of the first words occurred in a caption; the others are placed by skip-gram alone."""
    naming: int
    """How many of the first words occurred in enough captions to name a photo."""
    words: str
    """Digest of words.txt."""
    weights: str
    """Digest of weights.safetensors."""
