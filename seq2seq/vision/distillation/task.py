"""The training of an image encoder: distilled from a teacher, and taught the words of captions."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.optim import AdamW

from seq2seq.training.precision import autocast
from seq2seq.training.progress import Progress
from seq2seq.training.task import Objective, Plan, Setup, Task, Validation
from seq2seq.vision.distillation.card import DistillationMetrics, encoder_card
from seq2seq.vision.distillation.data import DistillationBatch, DistillationBatches, DistillationData, load_data
from seq2seq.vision.distillation.recipe import ImageEncoderRecipe
from seq2seq.vision.distillation.student import Student, distillation_losses, fit_head
from seq2seq.vision.distillation.words import word_auc
from seq2seq.vision.encoder_checkpoint import fill_encoder, write_image_encoder
from seq2seq.vision.image_encoder import ImageEncoder, build_image_encoder
from seq2seq.weights import read_weights

_RARE = 20  # words of fewer validation photos are left out of the mean AUC


class DistillationTask(Task[DistillationBatch, Student]):
    """Photos, teacher and student of a recipe."""

    sums = ("regions", "classes", "words")

    def __init__(
        self,
        recipe: ImageEncoderRecipe,
        setup: Setup,
        data: tuple[DistillationData, DistillationData] | None = None,
    ) -> None:
        """data: of training and validation; without it, what the recipe names is read.

        Raises DataError, ConfigError or CheckpointError if something can't be used.
        """
        self.recipe, self._group = recipe, setup.group
        least = recipe.distil.min_caption_count
        if data is None and setup.group.leads:
            data = load_data(recipe.data, least, setup.folder)
        setup.group.from_leader(None)  # the other processes wait until the photos are read and cached
        self._train, self._valid = data or load_data(recipe.data, least, setup.folder)
        encoder = build_image_encoder(recipe.image)
        fill_encoder(encoder, read_weights(recipe.data.start), recipe.data.start, head=False)
        torch.manual_seed(recipe.seed)
        self.model = self._student(encoder)
        self.model.freeze(recipe.frozen_up_to)
        self.model.to(setup.device)
        self.batches = DistillationBatches(recipe, self._train, encoder, setup.group)
        self.rng = torch.Generator().manual_seed(recipe.seed)  # not drawn from: batches bring their random numbers
        body = [each for each in encoder.parameters() if each.requires_grad]
        heads = [*self.model.to_teacher.parameters(), *self.model.to_words.parameters()]
        groups: list[dict[str, Any]] = [
            {"params": body, "peak": recipe.rate, "name": "network", "part": "student"},
            {"params": heads, "peak": recipe.head_rate, "name": "heads", "part": "student"},
        ]
        self.optimisers = (AdamW(groups, lr=recipe.rate, weight_decay=recipe.weight_decay, fused=True),)
        # A validation at the start and after each epoch, a checkpoint at the end.
        self.plan = Plan(
            len(recipe.sizes),
            unit="epoch",
            seed=recipe.seed,
            precision=recipe.precision,
            clip=recipe.clip,
            first_validation=0,
            early_checkpoints=False,
            averaging=recipe.averaging,
            patience=recipe.patience,
        )

    def _student(self, encoder: ImageEncoder) -> Student:
        return Student(encoder, self._train.teacher, self._train.words.shape[1])

    def new_model(self) -> Student:
        """Return a student with initial weights."""
        return self._student(build_image_encoder(self.recipe.image))

    def rate_factor(self, batch: DistillationBatch, progress: Progress) -> float:
        """Return the factor that comes with the batch."""
        return batch.rate_factor

    def objective(self, share: DistillationBatch, batch: DistillationBatch, update: int) -> Objective:
        """Return the weighed loss terms. Each process has its own photos; their mean counts."""
        distil = self.recipe.distil
        terms = distillation_losses(self.model, share.pixels, share.regions, share.words, distil.temperature)
        weighed = torch.stack([getattr(distil, name) * value for name, value in terms._asdict().items()])
        world = self._group.world
        return Objective(weighed.sum() / world, tuple((weighed.detach() / world).unbind()))

    def _means(self, window: Mapping[str, float]) -> dict[str, float]:
        return {name: window[name] / window["updates"] for name in self.sums}

    def loss(self, window: Mapping[str, float]) -> float:
        """Return the sum of the weighed loss terms."""
        return sum(self._means(window).values())

    def record(self, progress: Progress) -> dict[str, Any]:
        """Return the means of the weighed loss terms in the last epoch."""
        size = self.recipe.sizes[progress.epoch - 1]
        return {"size": size, "core_minutes": progress.core_seconds / 60, "train": self._means(progress.window)}

    def measure(self, model: Student, progress: Progress) -> Validation:
        """Return the metrics on whole validation photos."""
        size = self.recipe.sizes[max(0, progress.epoch - 1)]
        figures = self.metrics(model, size)
        summary = (
            f"at {size} pixels the teacher's class among the first five {figures.five:.1%}, "
            f"word AUC {figures.word_auc:.3f}"
        )
        return Validation(figures._asdict(), figures.five, summary, name="dev")

    @torch.inference_mode()
    def metrics(self, student: Student, size: int) -> DistillationMetrics:
        """Return the metrics on whole validation photos at an input size."""
        count = len(self._valid.photos)
        error = first = five = 0.0
        scores = []
        for batch in self._whole(student, self._valid, size):
            with autocast(self.recipe.precision, batch.pixels.device.type):
                seen = student.encoder.encode_pixels(batch.pixels)
                predicted_regions = student.to_teacher(seen.regions).float()
            pooled = seen.pooled.float()
            teacher_class = student.classes(batch.regions).argmax(1, keepdim=True)
            own = student.own_classes(pooled).topk(5).indices
            first += float((own[:, :1] == teacher_class).sum())
            five += float((own == teacher_class).sum())
            error += float(F.mse_loss(predicted_regions, student.standard(batch.regions))) * batch.rows
            scores.append(student.to_words(pooled).cpu())
        has = self._valid.words > 0
        known = has.sum(0) >= min(_RARE, count // 4)
        auc = word_auc(torch.cat(scores)[:, known], has[:, known])
        return DistillationMetrics(error / count, first / count, five / count, auc)

    @staticmethod
    def _whole(student: Student, data: DistillationData, size: int) -> Iterator[DistillationBatch]:
        device = student.mean.device
        return (batch.to(device) for batch in data.whole(student.encoder, size))

    @torch.no_grad()
    def _pooled_and_classes(self, student: Student) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield of whole training photos the encoder's pooled vectors and the teacher's class scores."""
        for batch in self._whole(student, self._train, self.recipe.sizes[-1]):
            with autocast(self.recipe.precision, batch.pixels.device.type):
                seen = student.encoder.encode_pixels(batch.pixels)
            yield seen.pooled.float(), student.classes(batch.regions)

    def write(self, folder: Path, model: Student, extra: Mapping[str, str]) -> None:
        """Write the encoder with its class head, fitted to whole photos once more."""
        model.fold_head()
        head = model.encoder.head()
        if head is not None:
            pooled, teacher_logits = (
                torch.cat(parts) for parts in zip(*self._pooled_and_classes(model), strict=True)
            )
            fit_head(head, pooled, teacher_logits)
        write_image_encoder(folder, model.encoder, extra)

    def extras(self, model: Student, progress: Progress) -> dict[str, str]:
        """Return the draft of a card, with the figures of the network as it learnt, without a class head."""
        return {"README.md": encoder_card(self.recipe, progress, self.metrics(model, self.recipe.sizes[-1]))}
