"""config.json of a captioning model, read without the weights."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from seq2seq.checkpoint_config import FORMAT, LEAST_ALPHA, MOST_ALPHA, TARGET, WEIGHTS, read_config_as
from seq2seq.config import Settings
from seq2seq.folders import CONFIG, stamp
from seq2seq.vision.captioning.config import CaptionConfig
from seq2seq.vision.config import ImageConfig

FAMILIAR = "familiar.safetensors"


class ImageEncoderName(Settings):
    """The image encoder that a model was trained on, and its preprocessing."""

    name: str
    """Name of its folder, expected next to the model's own."""
    digest: str
    """Digest of its weights."""
    image: ImageConfig
    """Network and preprocessing."""


class CaptionCheckpointConfig(Settings):
    """Contents of config.json."""

    format: Literal[1] = FORMAT
    kind: Literal["captions"] = "captions"
    target: str = "en"
    """Language code of the captions."""
    model: CaptionConfig
    members: int = Field(1, ge=1, le=16)
    """How many models of this shape decide together."""
    trunk: ImageEncoderName | None = None
    """None for a decoder that was trained on features from elsewhere, which can't caption photos."""
    vocabulary: dict[str, str]
    """Digest of the SentencePiece file."""
    weights: str | None = None
    """Digest of the weights file."""
    alpha: float = Field(0.7, ge=LEAST_ALPHA, le=MOST_ALPHA)
    """Length penalty that was best on the validation photos."""


def read_caption_config(folder: Path) -> CaptionCheckpointConfig:
    """Return the parsed config.json. Raises CheckpointError if the folder holds no captioning model."""
    return read_config_as(folder, CaptionCheckpointConfig, "captions")


def caption_stamp(folder: Path) -> tuple[int, ...]:
    """Return a stamp of the files that determine the outputs of a folder's model."""
    return stamp(folder, (CONFIG, WEIGHTS, TARGET, FAMILIAR))
