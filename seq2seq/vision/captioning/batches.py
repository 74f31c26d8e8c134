"""Mini-batches of photos with all their captions; a photo is encoded once for all of them."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

from seq2seq.data.batches import Ids, pad
from seq2seq.models import Memory
from seq2seq.text import END, PAD, START, UNKNOWN
from seq2seq.vision.captioning.model import CaptionModel

_LENGTHS = 4  # parts of a batch with captions of similar length, so that little is padded


class CaptionTargets(NamedTuple):
    """Padded captions, each (captions, target); `labels` is `decoder_input` one step later, with </s>."""

    decoder_input: Tensor
    labels: Tensor
    mask: Tensor  # True where the loss counts


class CaptionBatch(NamedTuple):
    """Photos and their captions, sorted by length."""

    regions: Tensor  # (photos, regions, width)
    pooled: Tensor  # (photos, width)
    number: Tensor  # (photos,), a photo's index in its data
    photo: Tensor  # (captions,), the row of `regions` that a caption belongs to
    decoder_input: Tensor  # (captions, target)
    labels: Tensor  # (captions, target)
    mask: Tensor  # (captions, target), True where the loss counts: not at unknown words

    @property
    def tokens(self) -> int:
        """Target tokens that count in the loss."""
        return int(self.mask.sum())

    @property
    def rows(self) -> int:
        """Number of captions."""
        return len(self.decoder_input)

    def parts(self, model: CaptionModel) -> Iterator[tuple[Memory, CaptionTargets]]:
        """Yield the decoder's memory with captions of similar length."""
        memory = model.encode(self.regions, self.pooled)
        count = self.rows
        lengths = (self.decoder_input != PAD).sum(1)
        edges = sorted({count * part // _LENGTHS for part in range(_LENGTHS + 1)})
        for start, end in pairwise(edges):
            longest = int(lengths[start:end].max())
            targets = (part[start:end, :longest] for part in (self.decoder_input, self.labels, self.mask))
            yield memory.select(self.photo[start:end]), CaptionTargets(*targets)

    def share(self, rank: int, world: int) -> "CaptionBatch":
        """Return every world-th photo from `rank` on, with its captions; it may be empty."""
        if world == 1:
            return self
        rows = self.photo % world == rank
        regions, pooled, number = (part[rank::world] for part in (self.regions, self.pooled, self.number))
        captions = (part[rows] for part in (self.decoder_input, self.labels, self.mask))
        return CaptionBatch(regions, pooled, number, self.photo[rows] // world, *captions)

    def to(self, device: torch.device) -> "CaptionBatch":
        """Return the batch on `device`."""
        return CaptionBatch(*(part.to(device) for part in self))


def caption_batch(
    regions: Tensor, pooled: Tensor, numbers: Sequence[int], captions: Sequence[Sequence[Ids]]
) -> CaptionBatch:
    """Return a batch of photos and their captions, given as ids without start and end.

    regions: (photos, regions, width); pooled: (photos, width). numbers, captions: for each photo.
    Labels that are unknown words are masked out of the loss, so that the model never outputs one.
    """
    rows = sorted(((row, ids) for row, each in enumerate(captions) for ids in each), key=lambda one: len(one[1]))
    decoder_input, mask = pad([[START, *ids] for _, ids in rows])
    labels, _ = pad([[*ids, END] for _, ids in rows])
    photo = torch.tensor([row for row, _ in rows])
    return CaptionBatch(
        regions, pooled, torch.tensor(numbers), photo, decoder_input, labels, mask & (labels != UNKNOWN)
    )
