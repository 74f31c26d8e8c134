"""Folders of image encoders, whose weights are stored once for all captioning models that use them.

config.json (`ImageEncoderRecord`), weights.safetensors (float16, under the names of torchvision's own network, so
that they load there too), README.md (the card), and the licences of what they come from.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from safetensors.torch import save
from torch import Tensor

from seq2seq.checkpoint_config import FORMAT, WEIGHTS
from seq2seq.config import Settings, parse, read_json
from seq2seq.digests import digest, fingerprint
from seq2seq.errors import CheckpointError
from seq2seq.folders import CONFIG, new_folder, read_whole
from seq2seq.vision.config import ImageConfig
from seq2seq.vision.image_encoder import ImageEncoder, build_image_encoder
from seq2seq.weights import Uninitialised, check_shapes, emptied, finite, header, read_with_digest

_COUNTER = "num_batches_tracked"


class ImageEncoderRecord(Settings):
    """Contents of an image encoder's config.json."""

    format: Literal[1] = FORMAT
    kind: Literal["trunk"] = "trunk"
    image: ImageConfig
    weights: str
    """Digest of the weights file, by which caption checkpoints refer to their image encoder."""


class LoadedImageEncoder(NamedTuple):
    """A loaded image encoder, ready to encode photos."""

    encoder: ImageEncoder
    digest: str  # of the weights file, by which captioning models name it
    name: str

    @property
    def fingerprint(self) -> str:
        """Identifies the encoder in answers: from its weights and its config."""
        return fingerprint("trunk", self.encoder.config.model_dump_json(), self.digest)


def write_image_encoder(folder: Path, encoder: ImageEncoder, extra: Mapping[str, str]) -> None:
    """Write a complete encoder folder, or nothing. extra: further text files by name (card, licences, history)."""
    with new_folder(folder) as draft:
        kept = {name: value.detach().half().contiguous() for name, value in _tensors(encoder).items()}
        (draft / WEIGHTS).write_bytes(save(kept))
        config = ImageEncoderRecord(image=encoder.config, weights=digest((draft / WEIGHTS).read_bytes()))
        (draft / CONFIG).write_text(json.dumps(config.model_dump(), indent=2) + "\n", encoding="utf-8")
        for name, text in extra.items():
            (draft / name).write_text(text, encoding="utf-8")


def read_image_encoder_record(folder: Path) -> ImageEncoderRecord:
    """Return an image encoder's config.json. Raises CheckpointError if the folder holds no image encoder."""
    if not (folder / CONFIG).is_file():
        raise CheckpointError(f"{folder} has no {CONFIG}, so it holds no image encoder; name another folder.")
    return parse(
        ImageEncoderRecord, read_json(folder / CONFIG, CheckpointError), str(folder / CONFIG), CheckpointError
    )


def read_image_encoder(folder: Path) -> LoadedImageEncoder:
    """Return the image encoder in `folder`, in float32 and in eval mode. Raises CheckpointError in one sentence."""
    return read_whole(folder, lambda: _read(folder))


def _read(folder: Path) -> LoadedImageEncoder:
    config = read_image_encoder_record(folder)
    path = folder / WEIGHTS
    with torch.device("meta"), Uninitialised():
        encoder = build_image_encoder(config.image)
    wanted = {name: tuple(value.shape) for name, value in _tensors(encoder).items()}
    check_shapes(header(path), wanted, path)
    tensors, found = read_with_digest(path)
    if found != config.weights:
        raise CheckpointError(f"{path} is not the file that was saved here; copy the whole folder again.")
    check_shapes({name: tuple(value.shape) for name, value in tensors.items()}, wanted, path)
    encoder.network.load_state_dict(_state(encoder, finite(emptied(tensors), path)), assign=True)
    encoder.to(memory_format=torch.channels_last)
    return LoadedImageEncoder(encoder.eval().requires_grad_(False), found, folder.name)


def _state(encoder: ImageEncoder, tensors: Iterator[tuple[str, Tensor]]) -> dict[str, Tensor]:
    """Return the network's state with these tensors, and counters of batches, which no file holds, at zero."""
    counters = {name: torch.zeros((), dtype=torch.long) for name, _ in encoder.network.named_buffers()}
    return {name: value for name, value in counters.items() if name.endswith(_COUNTER)} | dict(tensors)


def fill_encoder(encoder: ImageEncoder, weights: Mapping[str, Tensor], where: Path, *, head: bool = True) -> None:
    """Load weights, under the network's own names, into the encoder.

    head: whether they must include the classifier; otherwise it stays unchanged.
    Raises CheckpointError that names the first tensor that is missing, unknown or of another shape.
    """
    own = _tensors(encoder)
    if not head:
        own = {name: value for name, value in own.items() if not name.startswith("fc.")}
    wanted = {name: tuple(value.shape) for name, value in own.items()}
    check_shapes({name: tuple(value.shape) for name, value in weights.items()}, wanted, where)
    for name, tensor in finite(weights.items(), where):
        with torch.no_grad():
            own[name].copy_(tensor)


def _tensors(encoder: ImageEncoder) -> dict[str, Tensor]:
    """Return the network's parameters and buffers by name, without the batch counters."""
    tensors = {**dict(encoder.network.named_parameters()), **dict(encoder.network.named_buffers())}
    return {name: value for name, value in tensors.items() if not name.endswith(_COUNTER)}
