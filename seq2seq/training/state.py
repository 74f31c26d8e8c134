"""What a training needs to resume as if never stopped: safetensors and JSON next to the checkpoint."""

import os
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import save
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer

from seq2seq.distributed import Group
from seq2seq.errors import CheckpointError, reason
from seq2seq.folders import write_file
from seq2seq.training.progress import PROGRESS, STATE, Progress, read_progress
from seq2seq.weights import read_weights


def save_state(
    folder: Path,
    progress: Progress,
    model: nn.Module,
    optimiser: AdamW,
    rng: torch.Generator,
    group: Group,
) -> None:
    """Write the state atomically: an interruption leaves the old one or the new one.

    All processes of the group call this, since each has its own RNG state; the leader writes.
    """
    tensors = {f"model.{name}": value.detach() for name, value in model.named_parameters()}
    tensors |= optimiser_tensors(model, optimiser)
    states = group.gather((_dropout_state(model), rng.get_state()))
    if not group.leads:
        return
    for rank, (dropout, coin) in enumerate(states):
        tensors |= {f"random.dropout.{rank}": dropout, f"random.coins.{rank}": coin}
    # The progress is stored inside the tensors' file, so that both change atomically.
    draft = folder / f"{STATE}.new"
    contiguous = {name: value.contiguous() for name, value in tensors.items()}
    write_tensors(contiguous, draft, {"progress": progress.model_dump_json()})
    os.replace(draft, folder / STATE)
    write_file(folder / PROGRESS, progress.model_dump_json(indent=2) + "\n")


def _device(model: nn.Module) -> torch.device:
    return next(model.parameters()).device


def _dropout_state(model: nn.Module) -> Tensor:
    """Return the state of the generator that dropout draws from: that of the model's device."""
    device = _device(model)
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else torch.get_rng_state()


def optimiser_tensors(model: nn.Module, optimiser: Optimizer) -> dict[str, Tensor]:
    """Return the optimiser's moments of each parameter, by names for a state file."""
    return {
        f"optimiser.{key}.{name}": value.detach()
        for name, parameter in model.named_parameters()
        for key, value in optimiser.state.get(parameter, {}).items()
    }


def take_optimiser_tensors(model: nn.Module, optimiser: Optimizer, tensors: dict[str, Tensor]) -> None:
    """Restore the optimiser's moments from what `optimiser_tensors` returned."""
    for name, parameter in model.named_parameters():
        found = _optimiser_state(tensors, name)
        if found:
            # The fused optimiser ignores strides, so moments need their parameter's memory layout.
            optimiser.state[parameter] = {
                key: torch.empty_like(parameter).copy_(value)
                if value.shape == parameter.shape
                else value.to(parameter.device)
                for key, value in found.items()
            }


def write_tensors(tensors: dict[str, Tensor], path: Path, metadata: dict[str, str] | None = None) -> None:
    """Write a safetensors file. Raises CheckpointError if the disk is full or the place can't be written."""
    try:
        path.write_bytes(save(tensors, metadata))
    except (OSError, SafetensorError) as failure:  # safetensors may raise either if the disk is full
        path.unlink(missing_ok=True)
        raise CheckpointError(f"{path} can't be written: {reason(failure)}; {recovery_advice(path)}.") from None


def recovery_advice(path: Path) -> str:
    """Return what to do after a training's file could not be written, most likely for lack of disk space."""
    if any((folder / STATE).is_file() for folder in path.parents[:2]):
        return "free some room, then --resume"
    return "free some room, then start it again"


def load_state(folder: Path, model: nn.Module, optimiser: AdamW, rng: torch.Generator, group: Group) -> Progress:
    """Restore model, optimiser and generators from `folder`, and return the training's progress.

    Raises CheckpointError if there is no state, or it does not fit.
    """
    progress = read_progress(folder)
    tensors = read_weights(folder / STATE)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            saved = tensors.get(f"model.{name}")
            if saved is None or saved.shape != parameter.shape:
                raise CheckpointError(f"{folder / STATE} belongs to another model ({name}); train anew.")
            parameter.copy_(saved)
    take_optimiser_tensors(model, optimiser, tensors)
    ranks = sum(name.startswith("random.dropout.") for name in tensors)
    if ranks != group.world:
        raise CheckpointError(f"{folder} was trained by {ranks} processes, not {group.world}; resume with as many.")
    if any(f"random.coins.{rank}" not in tensors for rank in range(ranks)):
        raise CheckpointError(f"{folder / STATE} lacks the random numbers' state; train anew.")
    state, device = tensors[f"random.dropout.{group.rank}"], _device(model)
    try:
        if device.type == "cuda":
            torch.cuda.set_rng_state(state, device)
        else:
            torch.set_rng_state(state)
    except RuntimeError:
        raise CheckpointError(f"{folder} was trained on another kind of device; resume it there.") from None
    rng.set_state(tensors[f"random.coins.{group.rank}"])
    return progress


def _optimiser_state(tensors: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    found = {}
    for key in ("step", "exp_avg", "exp_avg_sq", "sum"):
        if f"optimiser.{key}.{name}" in tensors:
            found[key] = tensors[f"optimiser.{key}.{name}"]
    return found
