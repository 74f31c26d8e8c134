"""What `info` shows of the folders of photo models: captioning models, image encoders, photo searches."""

from collections.abc import Callable
from pathlib import Path

from torch import nn

from seq2seq.config import Settings
from seq2seq.training.recipe import read_changed
from seq2seq.vision.captioning.checkpoint import read_caption_checkpoint
from seq2seq.vision.captioning.checkpoint_config import ImageEncoderName
from seq2seq.vision.captioning.recipe import CaptionRecipe
from seq2seq.vision.encoder_checkpoint import read_image_encoder
from seq2seq.vision.retrieval.search import PhotoSearch

Parts = tuple[nn.Module, str, Settings, dict[str, str], dict[str, str]]
"""Model, digest, config, inputs and outputs, and further facts."""


def _captions(folder: Path) -> Parts:
    checkpoint = read_caption_checkpoint(folder)
    config = checkpoint.config
    sides = {
        "captions": f"photos to {config.target}",
        "image encoder": _encoder(config.trunk),
        "vocabulary": f"{config.target} {len(checkpoint.target):,} pieces",
    }
    together = {"decide together": f"{config.members} decoders"} if config.members > 1 else {}
    more = {**together, "alpha": f"{config.alpha:g}", **_photos(folder)}
    return checkpoint.model, checkpoint.digest, config.model, sides, more


def _image_encoder(folder: Path) -> Parts:
    trunk = read_image_encoder(folder)
    sides = {"image encoder": f"photos to regions of {trunk.encoder.width:,} numbers and one vector of as many"}
    return trunk.encoder, trunk.digest, trunk.encoder.config, sides, {}


def _search(folder: Path) -> Parts:
    search = PhotoSearch.load(folder)
    sides = {
        "photo search": "English words and photos to one space",
        "image encoder": _encoder(search.config.trunk),
        "vocabulary": f"{len(search.words):,} words, {search.config.captioned:,} of them from captions",
    }
    return search.model, search.digest, search.config.model, sides, {}


def _encoder(trunk: ImageEncoderName | None) -> str:
    return "features from elsewhere" if trunk is None else f"{trunk.name} ({trunk.image.name}, {trunk.digest})"


def _photos(folder: Path) -> dict[str, str]:
    """Return the training captions of the model, if the folder records them."""
    if not (folder / "train.toml").is_file():
        return {}
    data = read_changed(CaptionRecipe, folder / "train.toml").data
    return {"trained on": str(data.captions), "validated on": str(data.valid_captions)}


READERS: dict[str, Callable[[Path], Parts]] = {"captions": _captions, "trunk": _image_encoder, "search": _search}
