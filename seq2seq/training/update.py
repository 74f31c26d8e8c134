"""One training update: forward, backward, clip, step."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grads_with_norm_, get_total_norm
from torch.optim import AdamW

from seq2seq.distributed import Group
from seq2seq.models import Memory
from seq2seq.training.losses import Losses, added, token_losses
from seq2seq.training.precision import autocast
from seq2seq.training.recipe import Precision
from seq2seq.training.sampling import mixed_decoding
from seq2seq.training.task import AnyRecipe, DrawnReward, Targets, TrainedModel, TrainingBatch
from seq2seq.training.window import UpdateStatistics


class Updater:
    """Updates a model, batch by batch."""

    def __init__(
        self,
        model: TrainedModel,
        recipe: AnyRecipe,
        precision: Precision,
        group: Group | None = None,
        reward: DrawnReward | None = None,
    ) -> None:
        """reward: gives the loss over outputs that the model samples, in place of given targets."""
        self.model = model
        self.precision = precision
        self._group = group or Group()
        self.rng = torch.Generator().manual_seed(recipe.training.seed + self._group.rank)
        self._recipe = recipe
        self._reward = reward
        parts = {
            "encoder": [*model.encoder.parameters()],
            "decoder": [*model.bridge.parameters(), *model.decoder.parameters()],
        }
        # Frozen parameters are left out, also of weight decay.
        self._parts = {name: [each for each in part if each.requires_grad] for name, part in parts.items()}
        training = recipe.training
        self._peaks = {"encoder": training.encoder_rate, "decoder": training.decoder_rate}
        groups = [
            {"params": part, "lr": self._peaks[name], "name": name} for name, part in self._parts.items() if part
        ]
        # Loshchilov and Hutter 2019; beta2 as in Vaswani et al. 2017, which suits a few thousand updates.
        self.optimiser = AdamW(groups, betas=(0.9, 0.98), eps=1e-9, weight_decay=training.weight_decay, fused=True)

    def losses(self, batch: TrainingBatch, ratio: float = 1.0) -> Losses:
        """Return the batch's differentiable losses; ratio: the teacher-forcing ratio."""
        with autocast(self.precision, batch.decoder_input.device.type):
            if self._reward is not None:
                return self._reward.losses(self.model, batch, self.rng)
            return added([self._losses(memory, part, ratio) for memory, part in batch.parts(self.model)])

    def _losses(self, memory: Memory, targets: Targets, ratio: float) -> Losses:
        decoder = self.model.decoder
        if ratio >= 1:
            readouts, _, _ = decoder.readouts(targets.decoder_input, memory)
            logits = decoder.output(readouts[targets.mask])  # (tokens, vocabulary)
        else:
            forcing = self._recipe.forcing
            mixed = mixed_decoding(
                decoder, targets.decoder_input, memory, ratio, forcing.feedback, self.rng, forcing.flip
            )
            logits = mixed.logits[targets.mask]
        return token_losses(logits, targets.labels[targets.mask], self._recipe.training.label_smoothing)

    def update(self, batch: TrainingBatch, factor: float, ratio: float = 1.0) -> UpdateStatistics:
        """Update the model by one batch, at `factor` of the peak rates; not if the gradient norm is not finite.

        Each process of a group takes its share of the batch. The gradients of all are summed, each target token
        weighing the same, so that the group does what one process would do with the whole batch. (With a reward,
        a share's sampled tokens together weigh as much as its target tokens would.)
        """
        self.model.train()
        self.optimiser.zero_grad(set_to_none=True)
        tokens = batch.tokens
        share = batch.share(self._group.rank, self._group.world)
        sums = torch.zeros(2, device=batch.decoder_input.device)
        if len(share.decoder_input):
            losses = self.losses(share, ratio)
            torch.autograd.backward(losses.smoothed / tokens)
            sums = torch.stack([losses.plain.float(), losses.correct.float()])
        parameters = [parameter for part in self._parts.values() for parameter in part]
        sums = all_reduce_gradients(self._group, parameters, sums)
        # The norm of an empty list of gradients is on the CPU, wherever the others are.
        norms = {name: get_total_norm(_gradients(part)).to(sums.device) for name, part in self._parts.items()}
        total = torch.stack(list(norms.values())).norm()
        if bool(total.isfinite()):
            for part in self._parts.values():
                clip_grads_with_norm_(part, self._recipe.training.clip, total)
            for entry in self.optimiser.param_groups:
                entry["lr"] = self._peaks[entry["name"]] * factor
            self.optimiser.step()
        loss, correct = sums.tolist()
        return UpdateStatistics(loss, round(correct), tokens, float(norms["encoder"]), float(norms["decoder"]))

    def rates(self, factor: float) -> dict[str, float]:
        """Return the learning rate of each part at `factor` of its peak."""
        return {name: peak * factor for name, peak in self._peaks.items()}

    def dry_run(self, batch: TrainingBatch, precision: Precision) -> None:
        """Run forward and backward in `precision` and change nothing; for measuring."""
        state, rng = torch.get_rng_state(), self.rng.get_state()
        chosen, self.precision = self.precision, precision
        try:
            torch.autograd.backward(self.losses(batch).smoothed)
        finally:
            self.precision = chosen
            self.optimiser.zero_grad(set_to_none=True)
            torch.set_rng_state(state)
            self.rng.set_state(rng)


def all_reduce_gradients(group: Group, parameters: Sequence[nn.Parameter], sums: Tensor | None = None) -> Tensor:
    """All-reduce: sum the gradients of all processes in place, and return the sum of their `sums` (a vector)."""
    sums = torch.zeros(0) if sums is None else sums
    if group.world == 1:
        return sums
    for parameter in parameters:
        if parameter.grad is None:  # an empty share
            parameter.grad = torch.zeros_like(parameter)
    # One message is faster than one for each parameter.
    gradients = _gradients(parameters)
    flat = group.sum_(torch.cat([sums, *(gradient.flatten() for gradient in gradients)]))
    parts = torch.split(flat[len(sums) :], [gradient.numel() for gradient in gradients])
    for gradient, part in zip(gradients, parts, strict=True):
        gradient.copy_(part.view_as(gradient))
    return flat[: len(sums)]


def _gradients(part: Sequence[nn.Parameter]) -> list[Tensor]:
    return [parameter.grad for parameter in part if parameter.grad is not None]
