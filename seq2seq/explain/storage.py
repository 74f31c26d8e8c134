"""Files that `index` writes next to a checkpoint folder: tensors and a JSON record, tied to the model's weights."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

import safetensors
import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from seq2seq.checkpoint_config import WEIGHTS
from seq2seq.config import Settings, parse
from seq2seq.digests import digest
from seq2seq.errors import CheckpointError, reason

R = TypeVar("R", bound="FileMetadata")
_RECORD = "record"  # safetensors metadata holds strings; ours is one JSON text


class FileMetadata(Settings):
    """Metadata that every such file has."""

    weights: str
    """Digest of the weights that the file was made for."""


class Shape(NamedTuple):
    """The expected dtype and shape of a tensor; -1 allows any size."""

    kind: torch.dtype
    sizes: tuple[int, ...]


def weights_digest(folder: Path) -> str:
    """Return the digest of a checkpoint's weights. Raises CheckpointError if there are none."""
    try:
        return digest((folder / WEIGHTS).read_bytes())
    except OSError as failure:
        raise CheckpointError(f"{folder / WEIGHTS} can't be read: {failure.strerror}.") from None


def rebuild_command(index: Path) -> str:
    """Return the command that rebuilds an index folder whose files are damaged or made for other weights."""
    return f"make it again: python -m seq2seq index --model {index.with_suffix('')} TRAIN.tsv"


def write_file(path: Path, tensors: Mapping[str, Tensor], record: FileMetadata) -> None:
    """Write the file atomically: all of it, or nothing changes. Raises CheckpointError if it can't be written."""
    data = save({name: value.contiguous() for name, value in tensors.items()}, {_RECORD: record.model_dump_json()})
    try:
        path.parent.mkdir(exist_ok=True)
        handle, draft = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.chmod(draft, 0o644)  # mkstemp's files are private
            os.replace(draft, path)
        except OSError:
            os.unlink(draft)
            raise
    except OSError as failure:
        raise CheckpointError(f"{path} can't be written: {failure.strerror}; free some room.") from None


def read_file(path: Path, record: type[R]) -> tuple[dict[str, Tensor], R]:
    """Return the tensors and the record of a file in an index folder.

    Raises CheckpointError if the file is damaged, or made for other weights than those of its model.
    """
    try:
        with safe_open(path, framework="pt") as file:
            names = file.keys()
            tensors = {name: file.get_tensor(name) for name in names}
            text = (file.metadata() or {}).get(_RECORD)
        values = json.loads(text) if text is not None else None
    except (safetensors.SafetensorError, OSError, ValueError, KeyError, RecursionError) as failure:
        raise damaged(path, reason(failure)) from None
    found = parse(record, values, str(path), CheckpointError)
    model = path.parent.with_suffix("")
    if found.weights != weights_digest(model):
        raise CheckpointError(
            f"{path} was made for other weights than those of {model}; {rebuild_command(path.parent)}"
        )
    return tensors, found


def check_tensors(path: Path, tensors: Mapping[str, Tensor], shapes: Mapping[str, Shape]) -> None:
    """Raise CheckpointError unless `tensors` are exactly those of `shapes`, and finite."""
    for name in sorted(tensors.keys() ^ shapes.keys()):
        raise damaged(path, f"it {'lacks' if name in shapes else 'has an unknown tensor'} {name}")
    for name, (kind, sizes) in shapes.items():
        tensor = tensors[name]
        fits = tensor.dim() == len(sizes) and all(
            size in (-1, real) for size, real in zip(sizes, tensor.shape, strict=True)
        )
        if tensor.dtype != kind or not fits:
            raise damaged(path, f"{name} is {str(tensor.dtype).removeprefix('torch.')} {tuple(tensor.shape)}")
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise damaged(path, f"{name} holds values that are not finite")


def damaged(path: Path, reason: str) -> CheckpointError:
    """Return the error for a damaged file, with its reason."""
    return CheckpointError(f"{path} is damaged ({reason}); {rebuild_command(path.parent)}")
