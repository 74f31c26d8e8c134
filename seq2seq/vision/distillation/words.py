"""The words of photos' captions, as training targets of an image encoder."""

from collections import Counter
from collections.abc import Sequence

import torch
from torch import Tensor


def frequent_words(captions: Sequence[Sequence[str]], least: int) -> list[str]:
    """Return the words in at least `least` captions, the most frequent first; captions: by photo."""
    counts = Counter(word for photo in captions for caption in photo for word in set(caption.split()))
    return [word for word, count in counts.most_common() if count >= least and word.isalpha()]


def word_shares(captions: Sequence[Sequence[str]], words: Sequence[str]) -> Tensor:
    """Return the share of each photo's captions that contain each word, (photos, words)."""
    numbers = {word: number for number, word in enumerate(words)}
    shares = torch.zeros(len(captions), len(words))
    for row, photo in enumerate(captions):
        for caption in photo:
            for word in set(caption.split()) & numbers.keys():
                shares[row, numbers[word]] += 1 / len(photo)
    return shares


def word_auc(scores: Tensor, has: Tensor) -> float:
    """Return the mean AUC over words: the chance that a photo with the word scores higher than one without.

    scores: (photos, words). has: (photos, words) bool; words that all or no photos have are left out.
    """
    ranks = scores.argsort(0).argsort(0).double() + 1
    with_word = has.sum(0).double()
    without = len(has) - with_word
    sums = (ranks * has).sum(0)
    areas = (sums - with_word * (with_word + 1) / 2) / (with_word * without)
    return float(areas[(with_word > 0) & (without > 0)].mean())
