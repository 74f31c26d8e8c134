"""The snapshots of validated models, whose mean becomes the checkpoint."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from seq2seq.training.averaging import average_weights
from seq2seq.training.progress import ValidatedUpdate
from seq2seq.training.recipe import Averaging
from seq2seq.training.state import write_tensors
from seq2seq.weights import check_shapes, distinct, finite, read_weights


def add_snapshot(folder: Path, update: int, model: nn.Module) -> None:
    """Write a model's weights into `folder`."""
    write_tensors({name: value.detach().clone() for name, value in _weights(model).items()}, _file(folder, update))


def keep_averaged(folder: Path, averaging: Averaging, validations: Sequence[ValidatedUpdate]) -> list[int]:
    """Delete the snapshots that the recipe does not average; return the updates of the others."""
    if averaging.of == "best":
        chosen = sorted(validations, key=lambda validation: -validation.score)[: averaging.count]
    else:
        chosen = [*validations[-averaging.count :]]
    updates = [validation.update for validation in chosen]
    for path in folder.glob("*.safetensors"):
        if path not in [_file(folder, update) for update in updates]:
            path.unlink()
    return updates


def fill_with_mean(
    model: nn.Module, folder: Path, averaging: Averaging, validations: Sequence[ValidatedUpdate]
) -> list[int]:
    """Fill `model` with the mean of the snapshots that the recipe averages; return their updates.

    Raises CheckpointError if one can't be read.
    """
    chosen = keep_averaged(folder, averaging, validations)
    paths = [_file(folder, update) for update in chosen]
    own, mean = _weights(model), average_weights([read_weights(path) for path in paths])
    found, wanted = ({name: tuple(value.shape) for name, value in each.items()} for each in (mean, own))
    check_shapes(found, wanted, paths[0])
    with torch.no_grad():
        for name, value in finite(mean.items(), paths[0]):
            own[name].copy_(value)
    return sorted(chosen)


def _weights(model: nn.Module) -> dict[str, Tensor]:
    """Return parameters and buffers, but for counters, which have no mean."""
    return {name: value for name, value in distinct(model) if value.is_floating_point()}


def _file(folder: Path, update: int) -> Path:
    return folder / f"{update}.safetensors"
