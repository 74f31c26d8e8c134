"""Several processes on one job, as `torchrun` starts them; with a single process everything here is a no-op."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from seq2seq.errors import ConfigError

T = TypeVar("T")


class Group(NamedTuple):
    """The process group; this process is `rank` of 0 .. world - 1."""

    rank: int = 0
    world: int = 1

    @property
    def leads(self) -> bool:
        """True for the one process that writes and prints."""
        return self.rank == 0

    def sum_(self, tensor: Tensor) -> Tensor:
        """Replace `tensor` in place by its sum over all processes (all-reduce), and return it."""
        if self.world > 1:
            dist.all_reduce(tensor)
        return tensor

    def from_leader(self, value: T) -> T:
        """Return the leader's value in every process (broadcast); all wait for it."""
        if self.world == 1:
            return value
        box = [value]
        dist.broadcast_object_list(box, src=0)
        return box[0]

    def gather(self, value: T) -> list[T]:
        """Return the values of all processes by rank, in every process (all-gather)."""
        if self.world == 1:
            return [value]
        boxes: list[Any] = [None] * self.world
        dist.all_gather_object(boxes, value)
        return boxes

    def any(self, flag: bool) -> bool:
        """Return whether the flag is set in any process; the same result in every process."""
        if self.world == 1:
            return flag
        return bool(self.sum_(torch.tensor(int(flag), device=_device())).item())


@contextmanager
def group(device: str = "cpu") -> Iterator[Group]:
    """Join the processes that torchrun started (gloo, or nccl on GPUs), and leave them at the end.

    On GPUs each process takes the one of its number on its machine.
    Raises ConfigError if `device` names one for all of them, or there are too few.
    """
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        yield Group()
        return
    if device.startswith("cuda"):
        torch.cuda.set_device(_own_gpu(device))
    # The others wait while the leader validates, or processes all photos once.
    dist.init_process_group("nccl" if device.startswith("cuda") else "gloo", timeout=timedelta(days=1))
    try:
        yield Group(dist.get_rank(), dist.get_world_size())
    finally:
        dist.destroy_process_group()


def _own_gpu(device: str) -> int:
    """Return the number of this process's GPU."""
    if device != "cuda":
        raise ConfigError(f"Under torchrun each process takes a GPU of its own; write --device cuda, not {device}.")
    rank, there = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
    if rank >= there:
        raise ConfigError(
            f"torchrun started more processes than there are GPUs, {there}; give --nproc-per-node {there}."
        )
    return rank


def _device() -> str:
    return "cuda" if dist.get_backend() == "nccl" else "cpu"
