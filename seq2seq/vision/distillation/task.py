"""The training of an image encoder, stage by stage; if interrupted, it resumes after the last complete epoch."""

import json
import math
import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import safe_open
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_
from torch.optim import AdamW
from tqdm import tqdm

from seq2seq.config import read_text
from seq2seq.distributed import Group
from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.history import HISTORY
from seq2seq.training.precision import autocast
from seq2seq.training.progress import STATE
from seq2seq.training.resuming import fingerprint_of, is_fingerprint_of
from seq2seq.training.state import optimiser_tensors, take_optimiser_tensors, write_tensors
from seq2seq.training.update import all_reduce_gradients
from seq2seq.vision.distillation.recipe import ImageEncoderRecipe
from seq2seq.vision.distillation.student import Student, distillation_losses, fit_head
from seq2seq.vision.distillation.teacher import Teacher, Views, recoloured, teacher_views
from seq2seq.vision.distillation.words import word_auc
from seq2seq.vision.image_encoder import ImageEncoder
from seq2seq.weights import read_weights

_MEASURED = 50  # photos per evaluation batch
_RARE = 20  # words of fewer dev photos are left out of the mean AUC


class DistillationData(NamedTuple):
    """Photos with their training targets."""

    photos: np.ndarray[Any, np.dtype[np.uint8]]  # (photos, 3, 224, 224)
    teacher: Teacher
    words: Tensor  # (photos, words), the share of a photo's captions that have each word


class DistillationMetrics(NamedTuple):
    """Evaluation of the encoder on whole photos."""

    regions: float
    """Squared error of the teacher's regions; always guessing their mean gives about 1 on a fine grid."""
    first: float
    """Share of photos whose top class is the teacher's."""
    five: float
    """Share of photos with the teacher's class among their top five."""
    word_auc: float
    """Mean over words of the chance that a photo with the word scores above one without."""


class DistillationTraining:
    """One training run of an image encoder, and its progress."""

    def __init__(
        self,
        recipe: ImageEncoderRecipe,
        encoder: ImageEncoder,
        train: DistillationData,
        dev: DistillationData,
        folder: Path,
        *,
        resume: bool = False,
        group: Group | None = None,
    ) -> None:
        """Prepare the run; its state is stored in `folder`. Raises CheckpointError if it can't be resumed."""
        self.recipe, self.train, self.dev, self.folder = recipe, train, dev, folder
        self.group = group or Group()
        torch.manual_seed(recipe.seed)
        self.student = Student(encoder, train.teacher, train.words.shape[1])
        self._frozen = self._freeze()
        heads = [*self.student.to_teacher.parameters(), *self.student.to_words.parameters()]
        body = [each for each in encoder.parameters() if each.requires_grad]
        self._learning = [*body, *heads]
        groups = [{"params": body, "peak": recipe.rate}, {"params": heads, "peak": recipe.head_rate}]
        self.optimiser = AdamW(groups, lr=recipe.rate, weight_decay=recipe.weight_decay, fused=True)
        self.epoch, self.core_seconds = 0, 0.0
        if resume:
            self._load()
            if self.group.leads:
                self._cut_history()
        elif self.group.leads:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / HISTORY).write_text("", encoding="utf-8")

    def _freeze(self) -> list[nn.Module]:
        """Freeze the lowest blocks; return them."""
        encoder, last = self.student.encoder, self.recipe.frozen_up_to
        blocks = encoder.blocks()
        if last and last not in blocks:
            raise ConfigError(
                f"frozen_up_to = {last!r} is no part of the encoder; choose one of {', '.join(blocks)}."
            )
        kept = blocks[: blocks.index(last) + 1] if last else ()
        # The class head is computed from the map to the teacher at the end.
        encoder.freeze_head()
        return [encoder.block(name).requires_grad_(False) for name in kept]

    @property
    def sizes(self) -> list[int]:
        """The input size of each epoch."""
        return [stage.size for stage in self.recipe.stages for _ in range(stage.epochs)]

    @property
    def finished(self) -> bool:
        """True once all epochs are done."""
        return self.epoch >= len(self.sizes)

    def run(self, stop_at: int | None = None) -> None:
        """Train from the current epoch to the end, or to the end of epoch `stop_at`."""
        if self.epoch == 0:
            self._log({"epoch": 0})
        for size in self.sizes[self.epoch : stop_at]:
            start = time.process_time()
            parts = self._epoch(size)
            self.core_seconds += time.process_time() - start
            self.epoch += 1
            self._log({"epoch": self.epoch, "size": size, "core_minutes": self.core_seconds / 60, "train": parts})
            if self.group.leads:
                self._save()

    def finish(self) -> ImageEncoder:
        """Return the encoder with its class head, fitted to whole photos once more."""
        student = self.student.eval()
        student.fold_head()
        head = student.encoder.head()
        if head is not None:
            size = self.sizes[-1]
            pooled, teacher_logits = (
                torch.cat(parts) for parts in zip(*self._whole(self.train, size), strict=True)
            )
            fit_head(head, pooled, teacher_logits)
        return student.encoder

    @torch.no_grad()
    def _whole(self, lessons: DistillationData, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield for whole photos the encoder's pooled vectors, (batch, width), and the teacher's class scores."""
        encoder = self.student.encoder
        for start in range(0, len(lessons.photos), _MEASURED):
            rows = np.arange(start, min(start + _MEASURED, len(lessons.photos)))
            views = Views.whole(len(rows))
            regions = teacher_views(lessons.teacher, rows, views, encoder.grid_side(size))
            with autocast(self.recipe.precision, "cpu"):
                seen = encoder.encode_pixels(encoder.normalise_pixels(self._pixels(lessons, rows, views, size)))
            yield seen.pooled.float(), self.student.classes(regions)

    # -- one epoch ---------------------------------------------------------------------------------------------

    def _epoch(self, size: int) -> dict[str, float]:
        recipe, group = self.recipe, self.group
        seed = recipe.seed * 1_000_003 + self.epoch
        order = np.random.default_rng(seed).permutation(len(self.train.photos))
        batch = min(recipe.batch_photos, len(order) // group.world)
        updates = len(order) // (batch * group.world)
        own = order[: updates * batch * group.world].reshape(updates, group.world, batch)[:, group.rank]
        generator = torch.Generator().manual_seed(seed * 64 + group.rank)
        self.student.train()
        for part in self._frozen:
            part.eval()
        sums: Counter[str] = Counter()
        bar = tqdm(
            own, unit="update", disable=None if group.leads else True, desc=f"epoch {self.epoch + 1}, {size} pixels"
        )
        for number, rows in enumerate(bar):
            factor = work_factor(self.sizes, self.epoch + number / updates, recipe.warmup)
            for entry in self.optimiser.param_groups:
                entry["lr"] = entry["peak"] * factor
            sums.update(self._update(np.sort(rows), size, generator))  # sorted, in the order on disk
            bar.set_postfix_str(", ".join(f"{name} {value / (number + 1):.3f}" for name, value in sums.items()))
        return {name: value / updates for name, value in sums.items()}

    def _update(self, rows: np.ndarray[Any, Any], size: int, generator: torch.Generator) -> dict[str, float]:
        distil = self.recipe.distil
        views = Views.drawn(len(rows), distil.smallest_crop, generator)
        pixels = self._pixels(self.train, rows, views, size)
        pixels = self.student.encoder.normalise_pixels(recoloured(pixels, distil.recolour, generator))
        regions = teacher_views(self.train.teacher, rows, views, self.student.encoder.grid_side(size))
        self.optimiser.zero_grad(set_to_none=True)
        with autocast(self.recipe.precision, "cpu"):
            found = distillation_losses(self.student, pixels, regions, self.train.words[rows], distil.temperature)
        weighed = {name: getattr(distil, name) * value for name, value in found._asdict().items()}
        torch.autograd.backward(torch.stack(list(weighed.values())).sum() / self.group.world)
        all_reduce_gradients(self.group, self._learning)
        norm = clip_grad_norm_(self._learning, self.recipe.clip)
        if bool(norm.isfinite()):
            self.optimiser.step()
        return {name: float(value.detach()) for name, value in weighed.items()}

    @staticmethod
    def _pixels(lessons: DistillationData, rows: np.ndarray[Any, Any], views: Views, size: int) -> Tensor:
        """Return views of photos in 0..1, (batch, 3, size, size)."""
        return views.of(torch.from_numpy(lessons.photos[rows]).float() / 255, size)

    # -- evaluation and saving ---------------------------------------------------------------------------------

    @torch.inference_mode()
    def measure(self, size: int) -> DistillationMetrics:
        """Return the metrics on whole photos of dev."""
        student = self.student.eval()
        count = len(self.dev.photos)
        error = first = five = 0.0
        scores = []
        for start in range(0, count, _MEASURED):
            rows = np.arange(start, min(start + _MEASURED, count))
            views = Views.whole(len(rows))
            regions = teacher_views(self.dev.teacher, rows, views, student.encoder.grid_side(size))
            with autocast(self.recipe.precision, "cpu"):
                seen = student.encoder.encode_pixels(
                    student.encoder.normalise_pixels(self._pixels(self.dev, rows, views, size))
                )
                predicted_regions = student.to_teacher(seen.regions).float()
            pooled = seen.pooled.float()
            teacher_class = student.classes(regions).argmax(1, keepdim=True)
            own = student.own_classes(pooled).topk(5).indices
            first += float((own[:, :1] == teacher_class).sum())
            five += float((own == teacher_class).sum())
            error += float(F.mse_loss(predicted_regions, student.standard(regions))) * len(rows)
            scores.append(student.to_words(pooled))
        has = self.dev.words > 0
        known = has.sum(0) >= min(_RARE, count // 4)
        auc = word_auc(torch.cat(scores)[:, known], has[:, known])
        return DistillationMetrics(error / count, first / count, five / count, auc)

    def _log(self, line: dict[str, Any]) -> None:
        if not self.group.leads:
            return
        size = self.sizes[max(0, self.epoch - 1)]
        figures = self.measure(size)
        with (self.folder / HISTORY).open("a", encoding="utf-8") as file:
            file.write(json.dumps({**line, "dev": figures._asdict()}) + "\n")
        tqdm.write(
            f"epoch {self.epoch} at {size} pixels: the teacher's class among the first five {figures.five:.1%}, "
            f"word AUC {figures.word_auc:.3f}"
        )

    def _save(self) -> None:
        tensors = {f"model.{name}": value.detach() for name, value in self.student.state_dict().items()}
        tensors |= optimiser_tensors(self.student, self.optimiser)
        draft = self.folder / f"{STATE}.new"
        where = json.dumps(
            {"epoch": self.epoch, "core_seconds": self.core_seconds, "recipe": fingerprint_of(self.recipe)}
        )
        write_tensors({name: value.contiguous() for name, value in tensors.items()}, draft, {"progress": where})
        os.replace(draft, self.folder / STATE)

    def _cut_history(self) -> None:
        """Drop lines logged after the state was saved; they will be logged again."""
        path = self.folder / HISTORY
        lines = read_text(path, CheckpointError).splitlines(keepends=True)
        # One line for the start and one for each epoch; the last may have been cut short.
        path.write_text("".join(lines[: 1 + self.epoch]), encoding="utf-8")

    def _load(self) -> None:
        path = self.folder / STATE
        if not path.is_file():
            raise CheckpointError(f"{self.folder} holds no training to go on with; leave --resume out.")
        tensors = read_weights(path)
        own = {name.removeprefix("model."): value for name, value in tensors.items() if name.startswith("model.")}
        try:
            with safe_open(path, framework="pt") as opened:
                where = json.loads((opened.metadata() or {})["progress"])
            if not is_fingerprint_of(where["recipe"], self.recipe):
                raise ConfigError(f"{self.folder} was started with another recipe; resume with that one.")
            self.student.load_state_dict(own)
            self.epoch, self.core_seconds = int(where["epoch"]), float(where["core_seconds"])
        except (RuntimeError, KeyError, ValueError):
            raise CheckpointError(f"{path} belongs to another training; resume that one, or train anew.") from None
        take_optimiser_tensors(self.student, self.optimiser, tensors)


def work_factor(sizes: list[int], epochs: float, warmup: float) -> float:
    """Return the share of the peak rate after this many epochs: linear warm-up, then half a cosine (Smith 2018).

    warmup: the share of the work that it takes; an epoch's work grows with its pixels.
    """
    work = np.cumsum([0.0, *(size**2 for size in sizes)])
    done = float(np.interp(epochs, range(len(work)), work) / work[-1])
    if done < warmup:
        return (done + 1e-3) / (warmup + 1e-3)
    return 0.5 * (1 + math.cos(math.pi * (done - warmup) / (1 - warmup))) + 1e-4
