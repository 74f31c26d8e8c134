"""Train an image encoder on a few thousand photos: on a teacher's regions, its classes, and captions' words.

The teacher's last feature map is available for the whole photo only; its features of a crop are sampled from that
map, so that each epoch has other crops without running the teacher again. Its 1,000 classes follow from
the regions by its own linear head, so a linear map from the student's regions to the teacher's gives the student a
head too. (Hinton et al. 2015 for the classes; Romero et al. 2015 for the features; Fang et al. 2015 for the words.)
"""

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import AdamW

from seq2seq.errors import ConfigError
from seq2seq.vision.distillation.teacher import Teacher
from seq2seq.vision.image_encoder import ImageEncoder


class Student(nn.Module):
    """The encoder with its training heads: a map to the teacher's regions, and a head for words."""

    mean: Tensor  # of each of the teacher's channels, (width,)
    deviation: Tensor
    class_weight: Tensor  # the teacher's head, (classes, width)
    class_bias: Tensor

    def __init__(self, encoder: ImageEncoder, teacher: Teacher, words: int) -> None:
        super().__init__()
        self.encoder = encoder
        self._frozen: tuple[nn.Module, ...] = ()
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

    def freeze(self, last: str) -> None:
        """Freeze the encoder's blocks up to `last`, none if it is empty, and its class head.

        The head is computed from the map to the teacher at the end. Raises ConfigError if there is no such block.
        """
        encoder, blocks = self.encoder, self.encoder.blocks()
        if last and last not in blocks:
            raise ConfigError(
                f"frozen_up_to = {last!r} is no part of the encoder; choose one of {', '.join(blocks)}."
            )
        encoder.freeze_head()
        kept = blocks[: blocks.index(last) + 1] if last else ()
        self._frozen = tuple(encoder.block(name).requires_grad_(False) for name in kept)

    def train(self, mode: bool = True) -> "Student":
        """Switch to training or evaluation; frozen blocks keep their statistics."""
        super().train(mode)
        for block in self._frozen:
            block.eval()
        return self

    def standard(self, regions: Tensor) -> Tensor:
        """Return the teacher's regions (..., width) with mean 0 and deviation 1 in each channel."""
        return ((regions - self.mean) / self.deviation).clamp(-5, 5)

    def classes(self, regions: Tensor) -> Tensor:
        """Return the teacher's class scores for its regions (batch, places, width)."""
        return F.linear(regions.mean(1), self.class_weight, self.class_bias)

    def own_classes(self, pooled: Tensor) -> Tensor:
        """Return the student's class scores: the teacher's head on the regions that the student predicts."""
        return F.linear(self.to_teacher(pooled) * self.deviation + self.mean, self.class_weight, self.class_bias)

    @torch.no_grad()
    def fold_head(self) -> None:
        """Fold `own_classes` into one linear layer, the head of the encoder."""
        head = self.encoder.head()
        if head is not None:
            head.weight.copy_(self.class_weight @ (self.deviation[:, None] * self.to_teacher.weight))
            head.bias.copy_(
                self.class_weight @ (self.deviation * self.to_teacher.bias + self.mean) + self.class_bias
            )


def fit_head(
    head: nn.Linear, pooled: Tensor, teacher_logits: Tensor, steps: int = 100, decay: float = 0.01
) -> None:
    """Fit a class head to the teacher's scores of whole photos, starting from its current weights.

    pooled: the encoder's pooled vectors, (photos, width). teacher_logits: class scores, (photos, classes).
    decay: L2 penalty on the change, relative to each feature's spread. The mean divergence is minimised over full
    batches.
    """
    spread = pooled.std(0) + 1e-4
    features = (pooled - pooled.mean(0)) / spread
    change = torch.zeros_like(head.weight, requires_grad=True)
    shift = torch.zeros_like(head.bias, requires_grad=True)
    with torch.no_grad():
        before = head(pooled)
    goal = F.log_softmax(teacher_logits, 1)
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


class DistillationLosses(NamedTuple):
    """The loss terms, each a mean over the batch."""

    regions: Tensor
    classes: Tensor
    words: Tensor


def distillation_losses(
    student: Student, pixels: Tensor, regions: Tensor, words: Tensor, temperature: float
) -> DistillationLosses:
    """Return the loss of a batch of views.

    pixels: (batch, 3, size, size) as the network expects them. regions: the teacher's, (batch, places, width).
    words: (batch, words), the share of a photo's captions that have each word. temperature: of both softmaxes.
    """
    seen = student.encoder.encode_pixels(pixels)
    predicted_regions = student.to_teacher(seen.regions).float()
    pooled = seen.pooled.float()
    teacher_log_probs = F.log_softmax(student.classes(regions) / temperature, 1)
    own = F.log_softmax(student.own_classes(pooled).float() / temperature, 1)
    word_loss = F.binary_cross_entropy_with_logits(student.to_words(pooled).float(), words, reduction="sum")
    return DistillationLosses(
        regions=F.mse_loss(predicted_regions, student.standard(regions)),
        classes=temperature**2 * F.kl_div(own, teacher_log_probs, log_target=True, reduction="batchmean"),
        words=word_loss / (10 * len(words)),
    )
