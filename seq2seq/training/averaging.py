"""Checkpoint averaging: the mean weights of several snapshots of one training (Junczys-Dowmunt et al. 2016)."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from seq2seq.checkpoint import read_checkpoint, write_checkpoint
from seq2seq.config import read_text
from seq2seq.errors import CheckpointError
from seq2seq.evaluation.calibration import FILE as CALIBRATION
from seq2seq.folders import check_unused
from seq2seq.history import HISTORY
from seq2seq.weights import fill_weights

_KEPT_FILES = ("README.md", "train.toml", HISTORY, CALIBRATION)


def average_weights(weights: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Return the mean of each tensor, in float32.

    Raises CheckpointError if the names or shapes differ.
    """
    first = weights[0]
    shapes = {name: tensor.shape for name, tensor in first.items()}
    for number, other in enumerate(weights[1:], 2):
        if {name: tensor.shape for name, tensor in other.items()} != shapes:
            raise CheckpointError(
                f"Checkpoint {number} has other tensors than the first; average models of the same shape."
            )
    return {name: torch.stack([each[name].to(torch.float32) for each in weights]).mean(0) for name in first}


def average_checkpoints(out: Path, folders: Sequence[Path]) -> None:
    """Write the mean of checkpoints of the same configuration to the new folder `out`.

    Raises CheckpointError that names the first folder whose configuration differs, or `out` if it is in use.
    """
    check_unused(out)
    first = read_checkpoint(folders[0])
    weights = []
    for folder in folders:
        other = read_checkpoint(folder)
        for what in ("source", "target", "model", "vocabulary"):
            if getattr(other.config, what) != getattr(first.config, what):
                raise CheckpointError(
                    f"{folder} has another {what} than {folders[0]}; average checkpoints that share it."
                )
        weights.append(dict(other.model.named_parameters()))
    with torch.no_grad():
        fill_weights(first.model, average_weights(weights), out)
    recipe = folders[0] / "train.toml"
    extra = {"train.toml": read_text(recipe, CheckpointError)} if recipe.is_file() else {}
    names = "".join(f"- {folder.resolve().name}\n" for folder in folders)
    extra["README.md"] = (
        f"# {first.config.source} to {first.config.target}\n\nThe mean of the weights of {len(folders)} "
        f"checkpoints (`python -m seq2seq average`):\n\n{names}\nScores and limits: not measured yet.\n"
    )
    write_checkpoint(out, first.config, first.model, first.source, first.target, extra, first.known)


def shrink_checkpoint(out: Path, folder: Path) -> None:
    """Write a checkpoint to the new folder `out` with its matrices in 8 bits, half as large.

    Card, recipe, history and calibration go with it; evaluations, which are bound to the weights, do not.
    Raises CheckpointError if it can't be read, or `out` is in use.
    """
    check_unused(out)
    kept = read_checkpoint(folder)
    extra = {name: read_text(folder / name, CheckpointError) for name in _KEPT_FILES if (folder / name).is_file()}
    write_checkpoint(out, kept.config, kept.model, kept.source, kept.target, extra, kept.known, int8=True)
