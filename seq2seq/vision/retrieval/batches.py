"""Batches of captions with their photos, for the joint space."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from seq2seq.vision.retrieval.data import CaptionWords
from seq2seq.vision.retrieval.model import Bags, bags
from seq2seq.vision.retrieval.recipe import JointRecipe


class JointBatch(NamedTuple):
    """Captions, each with its photo; all others are its negatives, so that a share still needs the whole batch."""

    pooled: Tensor  # (captions, width), of the photos
    dropout_mask: Tensor  # (captions, width), scaled
    texts: Bags
    initial: Tensor  # (words of all texts,) bool, True where a word has its skip-gram vector
    owner: Tensor  # (captions,), the photo of each
    hardest: bool  # whether only the hardest negative counts
    rate_factor: float  # share of the peak rates
    own: slice = slice(None)  # the captions whose loss this process computes

    @property
    def rows(self) -> int:
        """Number of captions whose loss counts here."""
        return len(self.owner[self.own])

    def share(self, rank: int, world: int) -> "JointBatch":
        """Return the batch with every world-th caption from `rank` on as its own."""
        return self._replace(own=slice(rank, None, world))

    def to(self, device: torch.device) -> "JointBatch":
        """Return the batch on `device`."""
        return self._replace(
            pooled=self.pooled.to(device),
            dropout_mask=self.dropout_mask.to(device),
            texts=self.texts.to(device),
            initial=self.initial.to(device),
            owner=self.owner.to(device),
        )


class JointBatches:
    """The batches of any epoch over all captions."""

    def __init__(self, recipe: JointRecipe, pooled: Tensor, captions: CaptionWords, processes: int = 1) -> None:
        """pooled: the vectors of all photos, (photos, width). processes: how many share a batch."""
        self._recipe, self._pooled, self._captions = recipe, pooled, captions
        self._size = min(recipe.batch * processes, len(captions.texts))

    def epoch(self, number: int) -> Iterator[JointBatch]:
        """Yield the batches of epoch `number`, counted from 0; they follow from the seed."""
        joint, size = self._recipe, self._size
        generator = torch.Generator().manual_seed(joint.seed * 100_003 + 50_021 + number)
        order = torch.randperm(len(self._captions.texts), generator=generator)
        updates = len(order) // size
        for update in range(updates):
            done = number * updates + update
            chosen = order[update * size : (update + 1) * size]
            owner = self._captions.owner[chosen]
            pooled = self._pooled[owner]
            kept = torch.rand(pooled.shape, generator=generator) >= joint.photo_dropout
            texts = bags([self._captions.texts[number] for number in chosen.tolist()])
            initial = torch.rand(len(texts.words), generator=generator) < joint.initial_vector_prob
            rising = min(1.0, (done + 1) / (joint.warmup + 1))
            yield JointBatch(
                pooled,
                kept / (1 - joint.photo_dropout),
                texts,
                initial,
                owner,
                hardest=number >= joint.hard_negative_start_epoch,
                rate_factor=rising * (1 - done / (updates * joint.epochs)),
            )
