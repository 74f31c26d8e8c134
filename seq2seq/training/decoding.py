"""How a decoder learns: teacher forcing or a mixture, the rates of its two parts, and its history's figures."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import Tensor
from torch.optim import AdamW

from seq2seq.models import EncoderDecoder, Memory, device_of
from seq2seq.training.losses import Losses, added, token_losses
from seq2seq.training.precision import require
from seq2seq.training.progress import Progress
from seq2seq.training.recipe import DecoderRecipe, OpenEnded
from seq2seq.training.sampling import mixed_decoding
from seq2seq.training.schedules import forcing_ratio, rate_factor
from seq2seq.training.task import Learner, Objective, Plan, TrainingBatch

_HOPELESS = 3.0  # times the loss of a uniform guess


class Targets(Protocol):
    """Decoder inputs and labels; each (rows, target)."""

    @property
    def decoder_input(self) -> Tensor:
        """Ids that begin with <s>."""

    @property
    def labels(self) -> Tensor:
        """`decoder_input` shifted by one step, with </s>."""

    @property
    def mask(self) -> Tensor:
        """True where a token counts towards the loss."""


class TargetBatch(TrainingBatch, Protocol):
    """A batch of sources with their targets."""

    @property
    def tokens(self) -> int:
        """Number of target tokens that count towards the loss."""


M = TypeVar("M", bound=EncoderDecoder)
T = TypeVar("T", bound=TargetBatch)
Parts = Callable[[T, M], Iterator[tuple[Memory, Targets]]]
"""Yields the memories that a model's decoder reads for a batch, each with its targets."""
Reward = Callable[[M, T, torch.Generator], Losses]
"""Returns the losses of outputs that a model samples for a batch, in place of given targets."""


class DecoderLearner(Learner[T, M], Generic[M, T]):
    """A decoder that learns by a recipe, with the encoder and the bridge that belong to it."""

    recipe: DecoderRecipe

    sums = ("loss_sum", "correct", "tokens")

    def __init__(
        self, model: M, recipe: DecoderRecipe, parts: Parts[T, M], reward: Reward[M, T] | None = None, rank: int = 0
    ) -> None:
        """rank: of this process, which draws its own random numbers.

        Raises ConfigError if this processor can't train in the recipe's precision.
        """
        self.model, self.recipe = model, recipe
        self._parts, self._reward = parts, reward
        training = recipe.training
        if training.precision != "auto":
            require(training.precision, device_of(model).type)
        self.rng = torch.Generator().manual_seed(training.seed + rank)
        rated = {
            "encoder": (training.encoder_rate, [model.encoder]),
            "decoder": (training.decoder_rate, [model.bridge, model.decoder]),
        }
        groups = [
            # Frozen parameters are left out, also of weight decay.
            {"params": [each for module in modules for each in module.parameters() if each.requires_grad]}
            | {"lr": rate, "peak": rate, "name": name}
            for name, (rate, modules) in rated.items()
        ]
        # Loshchilov and Hutter 2019; beta2 as in Vaswani et al. 2017, which suits a few thousand updates.
        adam = AdamW(groups, betas=(0.9, 0.98), eps=1e-9, weight_decay=training.weight_decay, fused=True)
        self.optimisers = (adam,)
        schedule = training.schedule
        patience, halvings = (schedule.patience, schedule.halvings) if isinstance(schedule, OpenEnded) else (0, 0)
        self.plan = Plan(
            schedule.updates,
            seed=training.seed,
            precision=training.precision,
            clip=training.clip,
            log_every=training.log_every,
            validate_every=training.validate_every,
            snapshot_updates=training.snapshot_updates,
            averaging=recipe.averaging,
            patience=patience,
            halvings=halvings,
            hopeless=_HOPELESS * math.log(model.decoder.output.weight.shape[0]),
        )

    def losses(self, batch: T, ratio: float = 1.0) -> Losses:
        """Return the batch's differentiable losses; ratio: the teacher-forcing ratio."""
        if self._reward is not None:
            return self._reward(self.model, batch, self.rng)
        return added([self._losses(memory, part, ratio) for memory, part in self._parts(batch, self.model)])

    def _losses(self, memory: Memory, targets: Targets, ratio: float) -> Losses:
        decoder = self.model.decoder
        if ratio >= 1:
            readouts, _, _ = decoder.readouts(targets.decoder_input, memory)
            logits = decoder.output(readouts[targets.mask])  # (tokens, vocabulary)
        else:
            forcing = self.recipe.forcing
            mixed = mixed_decoding(
                decoder, targets.decoder_input, memory, ratio, forcing.feedback, self.rng, forcing.flip
            )
            logits = mixed.logits[targets.mask]
        return token_losses(logits, targets.labels[targets.mask], self.recipe.training.label_smoothing)

    def objective(self, share: T, batch: T, update: int) -> Objective:
        """Return the mean loss over the batch's target tokens, as far as it comes from `share`.

        With a reward, a share's sampled tokens together weigh as much as its target tokens would.
        """
        losses = self.losses(share, forcing_ratio(self.recipe.forcing.ratio, update))
        tokens = torch.tensor(losses.tokens, device=losses.plain.device)
        return Objective(losses.smoothed / batch.tokens, (losses.plain, losses.correct, tokens))

    def rate_factor(self, batch: T, progress: Progress) -> float:
        """Return the schedule's factor."""
        return rate_factor(self.recipe.training.schedule, progress.update, progress.halvings)

    def loss(self, window: Mapping[str, float]) -> float:
        """Return the nats a token, without label smoothing."""
        return window["loss_sum"] / window["tokens"]

    def record(self, progress: Progress) -> dict[str, Any]:
        """Return the figures of the last updates: nats and share of right predictions per token, rates, ratio."""
        window, last = progress.window, progress.update - 1
        tokens, updates = window["tokens"], window["updates"]
        factor = rate_factor(self.recipe.training.schedule, last, progress.halvings)
        return {
            "loss": self.loss(window),
            "accuracy": window["correct"] / tokens,
            "tokens_per_second": progress.tokens_per_second,
            "norms": {name: window[f"{name}_norms"] / updates for name in ("encoder", "decoder")},
            "core_minutes": progress.core_seconds / 60,
            "rates": {entry["name"]: entry["peak"] * factor for entry in self.optimisers[0].param_groups},
            "ratio": forcing_ratio(self.recipe.forcing.ratio, last),
        }
