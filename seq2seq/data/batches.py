"""Mini-batches of pairs of similar length, sized by their number of real target tokens."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol, TypeVar

import torch
from torch import Tensor

from seq2seq.text import END, PAD, START

Ids = list[int]
M = TypeVar("M")
M_co = TypeVar("M_co", covariant=True)


class Encodes(Protocol[M_co]):
    """A model with an encoder."""

    def encode(self, source: Tensor, mask: Tensor, /) -> M_co:
        """Return the encoder's output for ids (batch, source)."""


class Batch(NamedTuple):
    """Padded ids. Sources end with </s>; `decoder_input` begins with <s>, `labels` is the same shifted by one."""

    source: Tensor  # (batch, source)
    source_mask: Tensor  # (batch, source), True = real
    decoder_input: Tensor  # (batch, target)
    labels: Tensor  # (batch, target)
    mask: Tensor  # (batch, target), True = real

    @property
    def tokens(self) -> int:
        """Real target tokens, end tokens included."""
        return int(self.mask.sum())

    @property
    def rows(self) -> int:
        """Number of pairs."""
        return len(self.source)

    def parts(self, model: Encodes[M]) -> Iterator[tuple[M, "Batch"]]:
        """Yield the encoder output, together with the batch whose targets belong to it."""
        yield model.encode(self.source, self.source_mask), self

    def share(self, rank: int, world: int) -> "Batch":
        """Return the pairs of one process, every world-th from `rank` on; may be empty."""
        return self if world == 1 else Batch(*(part[rank::world] for part in self))

    def to(self, device: torch.device) -> "Batch":
        """Return the batch on `device`."""
        return Batch(*(part.to(device) for part in self))


def source_batch(sources: Sequence[Ids]) -> tuple[Tensor, Tensor]:
    """Return ids (batch, source) with </s> appended to each, and their mask."""
    return pad([[*ids, END] for ids in sources])


def pad(rows: Sequence[Ids]) -> tuple[Tensor, Tensor]:
    """Return rows of ids padded at the end, (batch, longest), and the mask that is True on real ids."""
    longest = max(map(len, rows))
    ids = torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])
    lengths = torch.tensor([len(row) for row in rows])
    return ids, torch.arange(longest)[None] < lengths[:, None]


def make_batch(sources: Sequence[Ids], targets: Sequence[Ids]) -> Batch:
    """Return one batch of pairs, whose ids are given without <s> and </s>."""
    source, source_mask = source_batch(sources)
    decoder_input, mask = pad([[START, *ids] for ids in targets])
    labels, _ = pad([[*ids, END] for ids in targets])
    return Batch(source, source_mask, decoder_input, labels, mask)


def batches(
    sources: Sequence[Ids], targets: Sequence[Ids], tokens: int, generator: torch.Generator | None = None
) -> Iterator[Batch]:
    """Yield batches of about `tokens` real target tokens each, of similar lengths to keep padding low.

    With a generator, pairs of equal length are shuffled and batches come in random order; otherwise by length.
    """
    count = len(sources)
    order = list(range(count)) if generator is None else torch.randperm(count, generator=generator).tolist()
    order.sort(key=lambda i: (len(targets[i]), len(sources[i])))  # stable, so equal lengths stay shuffled
    cuts = [*_cuts([len(targets[i]) + 1 for i in order], tokens), count]
    parts = [order[a:b] for a, b in pairwise(cuts)]
    turn = range(len(parts)) if generator is None else torch.randperm(len(parts), generator=generator).tolist()
    for number in turn:
        yield make_batch([sources[i] for i in parts[number]], [targets[i] for i in parts[number]])


def _cuts(lengths: Sequence[int], tokens: int) -> Iterator[int]:
    """Yield the start index of each batch of at most `tokens` tokens, or of one over-long pair."""
    held = tokens + 1
    for position, length in enumerate(lengths):
        if held + length > tokens:
            yield position
            held = 0
        held += length


def padded_runs(order: Sequence[int], sizes: Sequence[int], tokens: int) -> Iterator[list[int]]:
    """Yield runs of `order` (by ascending size) with a padded size within `tokens`, or single items."""
    part: list[int] = []
    for index in order:
        if part and (len(part) + 1) * sizes[index] > tokens:
            yield part
            part = []
        part.append(index)
    if part:
        yield part
