"""Train a photo encoder on a few thousand photos: what a teacher sees in each place, its classes, captions' words.

The teacher's last feature map is there for the whole photo alone; what it would see in a crop is read off from it
where the crop lies, so that each epoch shows other crops at no cost of the teacher's. Its 1,000 classes follow from
the regions by its own linear head, so a linear map from the student's regions to the teacher's gives the student a
head too. (Hinton et al. 2015 for the classes; Romero et al. 2015 for the features; Fang et al. 2015 for the words.)
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.optim import AdamW

from seq2seq.errors import DataError
from seq2seq.models.image import ImageEncoder


class Teacher(NamedTuple):
    """What a teacher saw in photos, and how its classes follow from that."""

    names: list[str]
    regions: np.ndarray[Any, np.dtype[np.float16]]  # (photos, rows, columns, width), memory-mapped
    weight: Tensor  # (classes, width)
    bias: Tensor  # (classes,)


def read_teacher(folder: Path) -> Teacher:
    """Return what tools/teacher wrote into `folder`. Raises DataError if that is incomplete."""
    try:
        names = (folder / "photos.txt").read_text(encoding="utf-8").splitlines()
        regions = np.load(folder / "regions.npy", mmap_mode="r")
        head = load_file(folder / "head.safetensors")
        return Teacher(names, regions, head["weight"], head["bias"])
    except (OSError, ValueError, KeyError, SafetensorError) as failure:
        raise DataError(
            f"{folder} does not hold what a teacher saw ({failure}); run tools/teacher again."
        ) from None


class Views(NamedTuple):
    """Which part of each photo is shown: left, top, width and height as shares of the photo; mirrored or not."""

    boxes: Tensor  # (batch, 4)
    mirrored: Tensor  # (batch,) bool

    @classmethod
    def whole(cls, count: int) -> "Views":
        """Return views of whole photos."""
        return cls(torch.tensor([0.0, 0.0, 1.0, 1.0]).repeat(count, 1), torch.zeros(count, dtype=torch.bool))

    @classmethod
    def drawn(cls, count: int, smallest: float, generator: torch.Generator) -> "Views":
        """Return random crops of at least `smallest` of a photo's area, a half of them mirrored."""
        area = smallest + (1 - smallest) * torch.rand(count, generator=generator)
        stretch = torch.exp((torch.rand(count, generator=generator) - 0.5) * 0.4)
        width, height = (area * stretch).sqrt().clamp(max=1), (area / stretch).sqrt().clamp(max=1)
        left = (1 - width) * torch.rand(count, generator=generator)
        top = (1 - height) * torch.rand(count, generator=generator)
        mirrored = torch.rand(count, generator=generator) < 0.5
        return cls(torch.stack([left, top, width, height], 1), mirrored)

    def of(self, maps: Tensor, size: int) -> Tensor:
        """Return the views of maps (batch, channels, rows, columns), each (channels, size, size), bilinearly."""
        left, top, width, height = self.boxes.unbind(1)
        none = torch.zeros_like(left)
        across = torch.where(self.mirrored, -width, width)
        rows = [
            torch.stack([across, none, 2 * left + width - 1], 1),
            torch.stack([none, height, 2 * top + height - 1], 1),
        ]
        grid = F.affine_grid(torch.stack(rows, 1), [len(maps), 1, size, size], align_corners=False)
        return F.grid_sample(maps, grid, mode="bilinear", padding_mode="border", align_corners=False)


def recoloured(pixels: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """Return pixels in 0..1 (batch, 3, rows, columns) with brightness, contrast and saturation changed a little."""

    def factor() -> Tensor:
        return 1 + strength * (2 * torch.rand(len(pixels), 1, 1, 1, generator=generator) - 1)

    pixels = pixels * factor()
    mean = pixels.mean((1, 2, 3), keepdim=True)
    pixels = mean + (pixels - mean) * factor()
    grey = pixels.mean(1, keepdim=True)
    return (grey + (pixels - grey) * factor()).clamp(0, 1)


class Student(nn.Module):
    """The encoder with what it needs while it learns: a map to the teacher's regions, and a head for words."""

    mean: Tensor  # of each of the teacher's channels, (width,)
    deviation: Tensor
    class_weight: Tensor  # the teacher's head, (classes, width)
    class_bias: Tensor

    def __init__(self, encoder: ImageEncoder, teacher: Teacher, words: int) -> None:
        super().__init__()
        self.encoder = encoder
        sample = torch.from_numpy(teacher.regions[:: max(1, len(teacher.names) // 500)].astype(np.float32))
        flat = sample.flatten(0, 2)
        self.register_buffer("mean", flat.mean(0))
        self.register_buffer("deviation", flat.std(0) + 1e-3)
        self.register_buffer("class_weight", teacher.weight)
        self.register_buffer("class_bias", teacher.bias)
        self.to_teacher = nn.Linear(encoder.width, flat.shape[1])
        self.to_words = nn.Linear(encoder.width, words)
        nn.init.normal_(self.to_words.weight, std=0.01)
        nn.init.constant_(self.to_words.bias, -4.0)

    def standard(self, regions: Tensor) -> Tensor:
        """Return the teacher's regions (..., width) with mean 0 and deviation 1 in each channel."""
        return ((regions - self.mean) / self.deviation).clamp(-5, 5)

    def classes(self, regions: Tensor) -> Tensor:
        """Return the teacher's class scores for its regions (batch, places, width)."""
        return F.linear(regions.mean(1), self.class_weight, self.class_bias)

    def own_classes(self, pooled: Tensor) -> Tensor:
        """Return the student's class scores: the teacher's head on what the student takes for its regions."""
        return F.linear(self.to_teacher(pooled) * self.deviation + self.mean, self.class_weight, self.class_bias)

    @torch.no_grad()
    def fold_head(self) -> None:
        """Give the encoder one linear layer that says what `own_classes` says."""
        head = self.encoder.head()
        if head is not None:
            head.weight.copy_(self.class_weight @ (self.deviation[:, None] * self.to_teacher.weight))
            head.bias.copy_(
                self.class_weight @ (self.deviation * self.to_teacher.bias + self.mean) + self.class_bias
            )


def fit_head(head: nn.Linear, pooled: Tensor, told: Tensor, steps: int = 100, decay: float = 0.01) -> None:
    """Fit a class head to what the teacher says of whole photos, starting from what it is.

    pooled: what the encoder sees, (photos, width). told: the teacher's class scores, (photos, classes).
    decay: pull back to the start, relative to each feature's spread. The mean divergence falls over full batches.
    """
    spread = pooled.std(0) + 1e-4
    features = (pooled - pooled.mean(0)) / spread
    change = torch.zeros_like(head.weight, requires_grad=True)
    shift = torch.zeros_like(head.bias, requires_grad=True)
    with torch.no_grad():
        before = head(pooled)
    goal = F.log_softmax(told, 1)
    optimiser = AdamW(
        [{"params": [change], "weight_decay": 0.0}, {"params": [shift], "weight_decay": 0.0}], lr=0.003
    )
    for _ in range(steps):
        optimiser.zero_grad(set_to_none=True)
        own = F.log_softmax(before + features @ change.T + shift, 1)
        divergence = F.kl_div(own, goal, log_target=True, reduction="batchmean")
        torch.autograd.backward(divergence + decay * (change**2).sum())
        optimiser.step()
    with torch.no_grad():
        head.weight.add_(change / spread)
        head.bias.add_(shift - (pooled.mean(0) / spread) @ change.T)


class Losses(NamedTuple):
    """The parts of the loss, each a mean over the batch."""

    regions: Tensor
    classes: Tensor
    words: Tensor


def losses(student: Student, pixels: Tensor, regions: Tensor, words: Tensor, temperature: float) -> Losses:
    """Return the loss of a batch of views.

    pixels: (batch, 3, size, size) as the network wants them. regions: the teacher's, (batch, places, width).
    words: (batch, words), the share of a photo's captions that have each word. temperature: of both sides' classes.
    """
    seen = student.encoder.look(pixels)
    taken = student.to_teacher(seen.regions).float()
    pooled = seen.pooled.float()
    told = F.log_softmax(student.classes(regions) / temperature, 1)
    own = F.log_softmax(student.own_classes(pooled).float() / temperature, 1)
    said = F.binary_cross_entropy_with_logits(student.to_words(pooled).float(), words, reduction="sum")
    return Losses(
        regions=F.mse_loss(taken, student.standard(regions)),
        classes=temperature**2 * F.kl_div(own, told, log_target=True, reduction="batchmean"),
        words=said / (10 * len(words)),
    )


def teacher_views(teacher: Teacher, rows: np.ndarray[Any, Any], views: Views, side: int) -> Tensor:
    """Return what the teacher sees in views of these photos, for a grid of side x side: (batch, places, width)."""
    maps = torch.from_numpy(teacher.regions[rows]).float().permute(0, 3, 1, 2)
    finer = views.of(maps, 2 * side)  # two samples a cell to a side, so that a coarse grid misses nothing
    return F.avg_pool2d(finer, 2).flatten(2).transpose(1, 2)


def frequent_words(captions: Sequence[Sequence[str]], least: int) -> list[str]:
    """Return the words that at least so many captions have, the most frequent first; captions by photo."""
    counts = Counter(word for photo in captions for caption in photo for word in set(caption.split()))
    return [word for word, count in counts.most_common() if count >= least and word.isalpha()]


def word_shares(captions: Sequence[Sequence[str]], words: Sequence[str]) -> Tensor:
    """Return the share of each photo's captions that have each word, (photos, words)."""
    numbers = {word: number for number, word in enumerate(words)}
    shares = torch.zeros(len(captions), len(words))
    for row, photo in enumerate(captions):
        for caption in photo:
            for word in set(caption.split()) & numbers.keys():
                shares[row, numbers[word]] += 1 / len(photo)
    return shares


def word_auc(scores: Tensor, has: Tensor) -> float:
    """Return the mean over words of the chance that a photo with the word scores higher than one without.

    scores: (photos, words). has: (photos, words) bool; words that all or no photos have are left out.
    """
    ranks = scores.argsort(0).argsort(0).double() + 1
    with_word = has.sum(0).double()
    without = len(has) - with_word
    sums = (ranks * has).sum(0)
    areas = (sums - with_word * (with_word + 1) / 2) / (with_word * without)
    return float(areas[(with_word > 0) & (without > 0)].mean())
