"""What a training needs to resume as if never stopped: safetensors and JSON next to the checkpoint."""

import os
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import save
from torch import Tensor, nn
from torch.optim import Optimizer

from seq2seq.distributed import Group
from seq2seq.errors import CheckpointError, reason
from seq2seq.folders import write_file
from seq2seq.training.progress import PROGRESS, STATE, Progress, read_progress
from seq2seq.training.task import B, Learner
from seq2seq.weights import distinct, read_weights

_MOMENTS = ("step", "exp_avg", "exp_avg_sq", "sum")  # of AdamW and Adagrad


def save_state(folder: Path, progress: Progress, learner: Learner[B], group: Group) -> None:
    """Write the state atomically: an interruption leaves the old one or the new one.

    All processes of the group call this, since each has its own RNG state; the leader writes.
    """
    tensors = {f"model.{name}": value.detach() for name, value in distinct(learner.model)}
    for name, parameter, optimiser in _optimised(learner):
        for key, value in optimiser.state.get(parameter, {}).items():
            tensors[f"optimiser.{key}.{name}"] = value.detach()
    states = group.gather((_dropout_state(learner.model), learner.rng.get_state()))
    if not group.leads:
        return
    for rank, (dropout, coin) in enumerate(states):
        tensors |= {f"random.dropout.{rank}": dropout, f"random.coins.{rank}": coin}
    # The progress is stored inside the tensors' file, so that both change atomically.
    draft = folder / f"{STATE}.new"
    try:
        write_tensors(tensors, draft, {"progress": progress.model_dump_json()})
        os.replace(draft, folder / STATE)
        write_file(folder / PROGRESS, progress.model_dump_json(indent=2) + "\n")
    except OSError as failure:
        raise CheckpointError(
            f"{folder} can't be written: {reason(failure)}; {recovery_advice(folder / STATE)}."
        ) from None


def _optimised(learner: Learner[B]) -> Iterator[tuple[str, nn.Parameter, Optimizer]]:
    """Yield the name of each parameter that has an optimiser, with both."""
    owners = {
        parameter: optimiser
        for optimiser in learner.optimisers
        for entry in optimiser.param_groups
        for parameter in entry["params"]
    }
    for name, parameter in learner.model.named_parameters():
        if parameter in owners:
            yield name, parameter, owners[parameter]


def _device(model: nn.Module) -> torch.device:
    return next(model.parameters()).device


def _dropout_state(model: nn.Module) -> Tensor:
    """Return the state of the generator that dropout draws from: that of the model's device."""
    device = _device(model)
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else torch.get_rng_state()


def write_tensors(tensors: dict[str, Tensor], path: Path, metadata: dict[str, str] | None = None) -> None:
    """Write a safetensors file. Raises CheckpointError if the disk is full or the place can't be written."""
    try:
        path.write_bytes(save({name: value.contiguous() for name, value in tensors.items()}, metadata))
    except (OSError, SafetensorError) as failure:  # safetensors may raise either if the disk is full
        path.unlink(missing_ok=True)
        raise CheckpointError(f"{path} can't be written: {reason(failure)}; {recovery_advice(path)}.") from None


def recovery_advice(path: Path) -> str:
    """Return what to do after a training's file could not be written, most likely for lack of disk space."""
    if any((folder / STATE).is_file() for folder in path.parents[:2]):
        return "free some room, then --resume"
    return "free some room, then start it again"


def load_state(folder: Path, learner: Learner[B], group: Group) -> Progress:
    """Restore model, optimisers and generators from `folder`, and return the training's progress.

    Raises CheckpointError if there is no state, or it does not fit.
    """
    progress = read_progress(folder)
    tensors = read_weights(folder / STATE)
    with torch.no_grad():
        for name, own in distinct(learner.model):
            saved = tensors.get(f"model.{name}")
            if saved is None or saved.shape != own.shape:
                raise CheckpointError(f"{folder / STATE} belongs to another model ({name}); train anew.")
            own.copy_(saved)
    for name, parameter, optimiser in _optimised(learner):
        # The fused optimiser ignores strides, so moments need their parameter's memory layout.
        found = {
            key: torch.empty_like(parameter).copy_(value)
            if value.shape == parameter.shape
            else value.to(parameter.device)
            for key in _MOMENTS
            if (value := tensors.get(f"optimiser.{key}.{name}")) is not None
        }
        if found:
            optimiser.state[parameter] = found
    ranks = sum(name.startswith("random.dropout.") for name in tensors)
    if ranks != group.world:
        raise CheckpointError(f"{folder} was trained by {ranks} processes, not {group.world}; resume with as many.")
    if any(f"random.coins.{rank}" not in tensors for rank in range(ranks)):
        raise CheckpointError(f"{folder / STATE} lacks the random numbers' state; train anew.")
    state, device = tensors[f"random.dropout.{group.rank}"], _device(learner.model)
    try:
        if device.type == "cuda":
            torch.cuda.set_rng_state(state, device)
        else:
            torch.set_rng_state(state)
    except RuntimeError:
        raise CheckpointError(f"{folder} was trained on another kind of device; resume it there.") from None
    learner.rng.set_state(tensors[f"random.coins.{group.rank}"])
    return progress
