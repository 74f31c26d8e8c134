"""The snapshots of validated models, whose mean becomes the checkpoint."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from seq2seq.training.averaging import average_weights
from seq2seq.training.progress import ValidatedUpdate
from seq2seq.training.recipe import Averaging
from seq2seq.training.state import write_tensors
from seq2seq.weights import distinct, fill_weights, read_weights


def add_snapshot(folder: Path, update: int, model: nn.Module) -> None:
    """Write a model's weights into `folder`."""
    write_tensors({name: value.detach().clone() for name, value in distinct(model)}, _file(folder, update))


def fill_with_mean(
    model: nn.Module, folder: Path, averaging: Averaging, validations: Sequence[ValidatedUpdate]
) -> list[int]:
    """Fill `model` with the mean of the snapshots that the recipe averages; return their updates.

    Those no longer needed are deleted. Raises CheckpointError if one can't be read.
    """
    if averaging.of == "best":
        chosen = sorted(validations, key=lambda validation: -validation.score)[: averaging.count]
    else:
        chosen = [*validations[-averaging.count :]]
    paths = [_file(folder, validation.update) for validation in chosen]
    for path in folder.glob("*.safetensors"):
        if path not in paths:
            path.unlink()
    with torch.no_grad():
        fill_weights(model, average_weights([read_weights(path) for path in paths]), paths[0])
    return sorted(validation.update for validation in chosen)


def _file(folder: Path, update: int) -> Path:
    return folder / f"{update}.safetensors"
