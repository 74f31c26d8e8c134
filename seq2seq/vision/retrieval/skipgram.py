"""Word vectors by skip-gram with negative sampling (Mikolov et al. 2013), learnt from plain sentences."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from seq2seq.config import Settings

_CONTEXT_POWER = 0.75  # of the counts, for drawing negatives (Mikolov et al. 2013, section 2.2)


class SkipGramRecipe(Settings):
    """[words]: word vectors from sentences, trained before the joint space."""

    epochs: int = Field(15, ge=1)
    """Passes over all sentences."""
    window: int = Field(5, ge=1)
    """Largest number of context words on each side; the number is drawn anew for every word."""
    negatives: int = Field(5, ge=1)
    """Total weight of the negatives, relative to one true neighbour."""
    drawn: int = Field(256, ge=1)
    """Negatives drawn for a batch; all pairs of the batch share them."""
    frequent: float = Field(0.001, gt=0)
    """Subsampling: words with a larger share of the text are kept with probability sqrt(this / share)."""
    batch: int = Field(2048, ge=1)
    """Pairs of a word and a neighbour in one update."""
    rate: float = Field(0.1, gt=0)
    """Initial learning rate of Adagrad (Duchi et al. 2011); it decays linearly to 0."""


class SkipGram(nn.Module):
    """Two vectors for each word: the input vector, which is kept, and the context vector."""

    def __init__(self, words: int, width: int) -> None:
        super().__init__()
        self.word = nn.Embedding(words, width, sparse=True)
        self.neighbour = nn.Embedding(words, width, sparse=True)
        nn.init.uniform_(self.word.weight, -0.5 / width, 0.5 / width)
        nn.init.zeros_(self.neighbour.weight)

    def forward(self, pairs: Tensor, drawn: Tensor, negatives: float) -> Tensor:
        """Return the mean loss (natural log) of pairs of word and neighbour, (pairs, 2).

        drawn: (drawn,) words used as negatives; together they weigh as much as `negatives` words.
        """
        words = self.word(pairs[:, 0])
        real = (words * self.neighbour(pairs[:, 1])).sum(1)
        false = words @ self.neighbour(drawn).T  # (pairs, drawn)
        return F.softplus(-real).mean() + negatives * F.softplus(false).mean()


def neighbour_pairs(texts: Sequence[Tensor], kept: Tensor, window: int, generator: torch.Generator) -> Tensor:
    """Return (pairs, 2) of word and neighbour from texts of word ids, in random order.

    kept: (words,) probability that an occurrence of the word is read at all.
    """
    if not texts:
        return torch.zeros(0, 2, dtype=torch.long)
    words = torch.cat(list(texts))
    owner = torch.repeat_interleave(torch.tensor([len(text) for text in texts]))
    read = torch.rand(len(words), generator=generator) < kept[words]
    # Skipped words are taken out before neighbours are counted, so windows reach further.
    words, owner = words[read], owner[read]
    reach = torch.randint(1, window + 1, (len(words),), generator=generator)
    found = []
    for distance in range(1, min(window, len(words) - 1) + 1):
        together = owner[distance:] == owner[:-distance]
        left, right = words[:-distance], words[distance:]
        found.append(torch.stack([left, right], 1)[together & (reach[:-distance] >= distance)])
        found.append(torch.stack([right, left], 1)[together & (reach[distance:] >= distance)])
    pairs = torch.cat(found) if found else words.new_zeros(0, 2)
    return pairs[torch.randperm(len(pairs), generator=generator)]


class WordBatch(NamedTuple):
    """Pairs of word and neighbour, with the negatives that they share."""

    pairs: Tensor  # (pairs, 2)
    drawn: Tensor  # (drawn,)
    rate_factor: float  # share of the peak rate

    @property
    def rows(self) -> int:
        """Number of pairs."""
        return len(self.pairs)

    def share(self, rank: int, world: int) -> "WordBatch":
        """Return every world-th pair from `rank` on."""
        return self._replace(pairs=self.pairs[rank::world])

    def to(self, device: torch.device) -> "WordBatch":
        """Return the batch on `device`."""
        return WordBatch(self.pairs.to(device), self.drawn.to(device), self.rate_factor)


class WordBatches:
    """The batches of any epoch over plain sentences."""

    def __init__(
        self, recipe: SkipGramRecipe, texts: Sequence[Sequence[int]], words: int, seed: int, processes: int = 1
    ) -> None:
        """texts: each a list of word ids below `words`. processes: how many share a batch."""
        self._recipe, self._seed = recipe, seed
        self._size, self._processes = recipe.batch * processes, processes
        self._texts = [torch.tensor(text) for text in texts if len(text) > 1]
        counts = torch.bincount(
            torch.cat([*self._texts, torch.zeros(0, dtype=torch.long)]), minlength=words
        ).double()
        share = counts / counts.sum().clamp_min(1)
        self._kept = (recipe.frequent / share.clamp_min(1e-12)).sqrt().clamp_max(1).float()
        self._drawn = counts**_CONTEXT_POWER

    def epoch(self, number: int) -> Iterator[WordBatch]:
        """Yield the batches of epoch `number`, counted from 0; they follow from the seed."""
        recipe = self._recipe
        generator = torch.Generator().manual_seed(self._seed * 100_003 + number)
        pairs = neighbour_pairs(self._texts, self._kept, recipe.window, generator)
        # A rest too small to be shared is left out.
        for start in range(0, len(pairs) - self._processes + 1, self._size):
            done = number + start / len(pairs)
            drawn = torch.multinomial(self._drawn, recipe.drawn, replacement=True, generator=generator)
            yield WordBatch(pairs[start : start + self._size], drawn, 1 - done / recipe.epochs)


class SparseAdagrad(torch.optim.Adagrad):
    """Adagrad (Duchi et al. 2011) for sparse gradients."""

    def step(self, closure: Any = None) -> Any:
        """Make one step."""
        invariants: Any = torch.sparse.check_sparse_tensor_invariants  # torch leaves it untyped
        # Unless this is set, torch warns that it does not check sparse gradients.
        with invariants(enable=False):
            return super().step(closure)
