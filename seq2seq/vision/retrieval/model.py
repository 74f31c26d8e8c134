"""Joint embedding of photos and words: the idea of DeViSE (Frome et al. 2013), with words in place of class names.

A photo's pooled vector goes through one linear map, the weighted mean of a text's word vectors
through another; matching pairs are trained to point the same way.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seq2seq.vision.retrieval.config import JointConfig


class Bags(NamedTuple):
    """Texts as bags of word ids, concatenated."""

    words: Tensor  # (words of all texts,)
    starts: Tensor  # (texts,), where each text begins in `words`

    def to(self, device: torch.device) -> "Bags":
        """Return the texts on `device`."""
        return Bags(self.words.to(device), self.starts.to(device))


def bags(texts: list[list[int]]) -> Bags:
    """Return texts of word ids as one batch; none may be empty."""
    starts = torch.tensor([0, *(len(text) for text in texts)])[:-1].cumsum(0)
    return Bags(torch.tensor([number for text in texts for number in text]), starts)


class JointEmbedding(nn.Module):
    """Embeds photos and texts as unit vectors whose dot product is their similarity."""

    def __init__(self, config: JointConfig, words: int) -> None:
        """words: size of the vocabulary."""
        super().__init__()
        self.config = config
        self.words = nn.Embedding(words, config.word)
        self.salience = nn.Linear(config.word, 1)
        self.text = nn.Linear(config.word, config.joint, bias=False)
        self.photo = nn.Linear(config.photo, config.joint)

    def photos(self, pooled: Tensor, dropout_mask: Tensor | None = None) -> Tensor:
        """Return unit vectors (photos, joint) of pooled vectors (photos, width).

        dropout_mask: (photos, width) dropout mask, scaled, for training.
        """
        values = F.layer_norm(pooled.float(), pooled.shape[-1:])
        return F.normalize(self.photo(values if dropout_mask is None else values * dropout_mask), dim=-1)

    def texts(self, texts: Bags) -> Tensor:
        """Return unit vectors (texts, joint)."""
        return self.pooled_texts(self.words(texts.words), texts)

    def pooled_texts(self, vectors: Tensor, texts: Bags) -> Tensor:
        """Return unit vectors (texts, joint) from the `vectors` (words, word) of the words of `texts`.

        A word's weight is computed from its own vector: uninformative words learn to have little weight.
        """
        weighted = vectors * F.softplus(self.salience(vectors))  # (words, word)
        ends = torch.cat([texts.starts[1:], texts.starts.new_tensor([len(texts.words)])])
        owner = torch.repeat_interleave(ends - texts.starts)
        sums = weighted.new_zeros(len(texts.starts), vectors.shape[1]).index_add(0, owner, weighted)
        # The map is linear, so it is applied to the sum in place of every word.
        return F.normalize(self.text(sums), dim=-1)

    def each_word(self) -> Tensor:
        """Return a unit vector of every word, (words, joint)."""
        return F.normalize(self.text(self.words.weight), dim=-1)
