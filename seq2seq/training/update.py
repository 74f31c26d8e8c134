"""One training update: forward, backward, clip, step."""

import math
import warnings
from collections.abc import Mapping
from typing import Generic

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from seq2seq.distributed import Group
from seq2seq.training.precision import autocast
from seq2seq.training.recipe import Precision
from seq2seq.training.task import B, Learner, Objective


class Updater(Generic[B]):
    """Updates a learner's model, batch by batch."""

    def __init__(self, learner: Learner[B], precision: Precision = "float32", group: Group | None = None) -> None:
        self.learner, self.precision, self.group = learner, precision, group or Group()
        self._forward: nn.Module = _Forward(learner, self.group)
        self._parts: dict[str, list[nn.Parameter]] = {}  # with a gradient norm each
        for entry in (entry for optimiser in learner.optimisers for entry in optimiser.param_groups):
            self._parts.setdefault(entry.get("part", entry["name"]), []).extend(entry["params"])

    def update(self, batch: B, factor: float, number: int = 0) -> Mapping[str, float]:
        """Update the model by one batch, at `factor` of the peak rates, and return the sums for the history.

        number: how many updates came before. Each process of a group takes its share of the batch; the gradients
        of all are added, so that the group does what one process would do with the whole batch. If gradients are
        clipped and their norm is not finite, nothing is updated, and the norm counts as 0.
        """
        optimiser = self.learner.optimiser(batch)
        self.learner.model.train()
        optimiser.zero_grad(set_to_none=True)
        with autocast(self.precision, self._device):
            loss, sums = self._shared_forward()(batch, number)
        # DistributedDataParallel takes the mean over the processes, while it goes back.
        torch.autograd.backward(loss * self.group.world)
        norms = self._clip()
        if norms is None:
            norms = {f"{name}_norms": 0.0 for name in self._parts}
        else:
            for entry in optimiser.param_groups:
                entry["lr"] = entry["peak"] * factor
            optimiser.step()
        kept = torch.stack([each.detach().to(self.learner.sums_type) for each in sums])
        totals = self.group.sum_(kept).tolist()
        return dict(zip(self.learner.sums, totals, strict=True)) | norms

    @property
    def _device(self) -> str:
        device: torch.device = next(self.learner.model.parameters()).device
        return device.type

    def _shared_forward(self) -> nn.Module:
        """Return the forward pass; of several processes, one whose backward pass adds up their gradients."""
        if self.group.world > 1 and not isinstance(self._forward, DistributedDataParallel):
            # Not every update uses every parameter; and without this the buckets are arranged anew after the first
            # update, so that a resumed training would add up in another order.
            warnings.filterwarnings("ignore", message=".*find_unused_parameters")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # torch wants to rename broadcast_buffers
                self._forward = DistributedDataParallel(
                    self._forward,
                    broadcast_buffers=False,
                    gradient_as_bucket_view=True,
                    find_unused_parameters=True,
                )
        return self._forward

    def _clip(self) -> dict[str, float] | None:
        """Clip the gradients by the norm of all; return each part's norm before that, None if it is not finite."""
        if self.learner.plan.clip == math.inf:
            return {}
        # The norm of an empty list of gradients is on the CPU, wherever the others are.
        norms = {name: get_total_norm(_gradients(part)).to(self._device) for name, part in self._parts.items()}
        total = torch.stack(list(norms.values())).norm()
        if not bool(total.isfinite()):
            return None
        for part in self._parts.values():
            clip_grads_with_norm_(part, self.learner.plan.clip, total)
        return {f"{name}_norms": float(norm) for name, norm in norms.items()}

    def peaks(self) -> dict[str, float]:
        """Return the peak learning rates, by the optimisers' groups."""
        groups = [entry for optimiser in self.learner.optimisers for entry in optimiser.param_groups]
        return {entry["name"]: entry["peak"] for entry in groups}

    def dry_run(self, batch: B, precision: Precision) -> None:
        """Run forward and backward in `precision` and change nothing; for measuring."""
        state, rng = torch.get_rng_state(), self.learner.rng.get_state()
        self.learner.model.train()
        try:
            with autocast(precision, self._device):
                loss = self.learner.objective(batch, batch, 0).loss
            torch.autograd.backward(loss)
        finally:
            self.learner.model.zero_grad(set_to_none=True)
            torch.set_rng_state(state)
            self.learner.rng.set_state(rng)


class _Forward(nn.Module, Generic[B]):
    """The loss of this process's share of a batch, as a module that has the learner's parameters."""

    def __init__(self, learner: Learner[B], group: Group) -> None:
        super().__init__()
        self.model = learner.model
        self._learner, self._group = learner, group

    def forward(self, batch: B, number: int) -> Objective:
        """Return the result for the share."""
        share = batch.share(self._group.rank, self._group.world)
        if share.rows:
            return self._learner.objective(share, batch, number)
        # A zero that every parameter takes part in, since all processes have to exchange all gradients.
        zero = torch.stack([each.sum() for each in self.parameters() if each.requires_grad]).sum() * 0
        return Objective(zero, [zero] * len(self._learner.sums))


def _gradients(part: list[nn.Parameter]) -> list[Tensor]:
    return [parameter.grad for parameter in part if parameter.grad is not None]
