"""Trunk folders: an image encoder's weights, stored once for all caption checkpoints that name them.

config.json (`TrunkConfig`), weights.safetensors (float16, under the names of torchvision's own network, so that
they load there too), README.md (the card), and the licences of what they come from.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from safetensors.torch import save_file
from torch import Tensor

from seq2seq.checkpoint import CONFIG, FORMAT, WEIGHTS, digest, new_folder, read_weights
from seq2seq.config import Settings, parse, read_json
from seq2seq.errors import CheckpointError
from seq2seq.models.image import ImageConfig, ImageEncoder, build_image_encoder


class TrunkConfig(Settings):
    """What a trunk's config.json holds."""

    format: Literal[1] = FORMAT
    kind: Literal["trunk"] = "trunk"
    image: ImageConfig
    weights: str
    """Digest of the weights file, by which caption checkpoints name their trunk."""


class Trunk(NamedTuple):
    """An image encoder that was read, ready to look at photos."""

    encoder: ImageEncoder
    digest: str
    name: str


def write_trunk(folder: Path, encoder: ImageEncoder, extra: Mapping[str, str]) -> None:
    """Write a whole trunk folder, or nothing. extra: further text files by name (card, licences, history)."""
    with new_folder(folder) as draft:
        kept = {name: value.detach().half().contiguous() for name, value in _tensors(encoder).items()}
        save_file(kept, draft / WEIGHTS)
        config = TrunkConfig(image=encoder.config, weights=digest((draft / WEIGHTS).read_bytes()))
        (draft / CONFIG).write_text(json.dumps(config.model_dump(), indent=2) + "\n", encoding="utf-8")
        for name, text in extra.items():
            (draft / name).write_text(text, encoding="utf-8")


def read_trunk_config(folder: Path) -> TrunkConfig:
    """Return what a trunk's config.json says. Raises CheckpointError if the folder holds no trunk."""
    if not (folder / CONFIG).is_file():
        raise CheckpointError(f"{folder} has no {CONFIG}, so it holds no photo encoder; name another folder.")
    return parse(TrunkConfig, read_json(folder / CONFIG, CheckpointError), str(folder / CONFIG), CheckpointError)


def read_trunk(folder: Path) -> Trunk:
    """Return the trunk in `folder`, in float32 and ready to look. Raises CheckpointError in one sentence."""
    config = read_trunk_config(folder)
    encoder = build_image_encoder(config.image)
    fill_encoder(encoder, read_weights(folder / WEIGHTS), folder / WEIGHTS)
    found = digest((folder / WEIGHTS).read_bytes())
    if found != config.weights:
        raise CheckpointError(
            f"{folder / WEIGHTS} is not the file that was saved here; copy the whole folder again."
        )
    return Trunk(encoder.eval().requires_grad_(False), found, folder.name)


def fill_encoder(encoder: ImageEncoder, weights: Mapping[str, Tensor], where: Path, *, head: bool = True) -> None:
    """Put weights under the network's own names into the encoder.

    head: whether the classifier must be among them; without it that part stays as it is.
    Raises CheckpointError that names the first tensor that is missing, unknown or of another shape.
    """
    own = _tensors(encoder)
    if not head:
        own = {name: value for name, value in own.items() if not name.startswith("fc.")}
    for name in sorted(own.keys() ^ weights.keys()):
        what = "lacks" if name in own else "has an unknown tensor"
        raise CheckpointError(f"{where} {what} {name}, so it belongs to another network; name another file.")
    for name, value in own.items():
        if value.shape != weights[name].shape or not bool(weights[name].isfinite().all()):
            raise CheckpointError(f"{where}: {name} does not fit this network or is damaged; name another file.")
        with torch.no_grad():
            value.copy_(weights[name])


def _tensors(encoder: ImageEncoder) -> dict[str, Tensor]:
    """Return what the network learnt, under its own names; how many batches it saw is not part of that."""
    tensors = {**dict(encoder.network.named_parameters()), **dict(encoder.network.named_buffers())}
    return {name: value for name, value in tensors.items() if not name.endswith("num_batches_tracked")}
