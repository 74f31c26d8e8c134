"""Scores of captions against several references: BLEU-1 to BLEU-4 by sacreBLEU, and CIDEr-D."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from sacrebleu.metrics.bleu import BLEU

from seq2seq.errors import DataError
from seq2seq.text.captions import normalise_caption

_ORDERS = (1, 2, 3, 4)
_SIGMA = 6.0  # of CIDEr-D's length penalty, in words
Vector = dict[tuple[str, ...], float]


class CaptionScores(NamedTuple):
    """Corpus scores. bleu: cumulative BLEU-1 .. BLEU-4 (0 to 100), with brevity penalty; cider: not times 100."""

    bleu: tuple[float, float, float, float]
    cider: float
    signature: str

    def __str__(self) -> str:
        parts = " / ".join(f"{score:.2f}" for score in self.bleu)
        return (
            f"BLEU-1..4 = {parts} ({self.signature}|lower case, final stop stripped)  "
            f"CIDEr-D = {self.cider:.3f} (words without punctuation, {len(_ORDERS)}-grams)"
        )


def caption_scores(captions: Sequence[str], references: Sequence[Sequence[str]]) -> CaptionScores:
    """Return the scores of one caption for each photo; references: the captions of each photo.

    BLEU: Papineni et al. 2002, tokenised by 13a (Post 2018). CIDEr-D: Vedantam et al. 2015.
    Raises DataError if a photo has no reference, or captions and photos differ in number.
    """
    if len(captions) != len(references) or not captions:
        raise DataError(f"{len(captions)} captions do not fit the references of {len(references)} photos.")
    if not all(references):
        raise DataError("A photo has no reference caption; leave it out.")
    hypotheses = [normalise_caption(caption) for caption in captions]
    given = [[normalise_caption(text) for text in texts] for texts in references]
    most = max(map(len, given))
    # sacreBLEU takes None for a reference that a photo lacks; its types do not say so.
    streams: list[Any] = [
        [texts[number] if number < len(texts) else None for texts in given] for number in range(most)
    ]
    scores = []
    for order in _ORDERS:
        metric = BLEU(max_ngram_order=order)
        scores.append(metric.corpus_score(hypotheses, streams).score)
    cider = cider_d([words(text) for text in hypotheses], [[words(text) for text in texts] for texts in given])
    first, second, third, fourth = scores
    return CaptionScores((first, second, third, fourth), sum(cider) / len(cider), str(metric.get_signature()))


def words(caption: str) -> list[str]:
    """Return the words of a caption, in lower case and without punctuation."""
    return re.findall(r"[^\W_]+(?:['-][^\W_]+)*", caption.lower())


class Counted(NamedTuple):
    """A caption's n-grams, as CIDEr-D compares them."""

    words: int
    vectors: tuple[Vector, ...]  # for each order, the n-grams' counts times their log inverse photo frequency
    norms: tuple[float, ...]


class CiderD:
    """CIDEr-D against references, their n-grams weighted by inverse photo frequency."""

    def __init__(self, references: Sequence[Sequence[Sequence[str]]] = ()) -> None:
        """references: the words of each photo's captions; without any, all n-grams weigh the same."""
        self._photos = math.log(len(references)) if references else 1.0
        self._frequencies: Counter[tuple[str, ...]] = Counter()
        for photo in references:
            self._frequencies.update({gram for caption in photo for gram in _grams(caption)})

    def score(self, caption: Sequence[str], references: Sequence[Sequence[str]]) -> float:
        """Return the score of one caption: 0 shares nothing with its references, 10 equals all of them."""
        return mean_similarity(self.counted(caption), [self.counted(reference) for reference in references])

    def counted(self, caption: Sequence[str]) -> Counted:
        """Return the words of a caption as n-grams, weighted by their rarity (TF-IDF)."""
        vectors: tuple[Vector, ...] = tuple({} for _ in _ORDERS)
        for gram, count in _grams(caption).items():
            rarity = self._photos - math.log(max(1, self._frequencies[gram]))
            vectors[len(gram) - 1][gram] = count * rarity
        norms = (math.sqrt(sum(value * value for value in each.values())) for each in vectors)
        return Counted(len(caption), vectors, tuple(norms))


def mean_similarity(caption: Counted, references: Sequence[Counted]) -> float:
    """Return CIDEr-D of a caption against references, 0 to 10; 0 without any."""
    total = 0.0
    for reference in references:
        # As in the authors' code, the length is the number of bigrams.
        length_difference = max(0, caption.words - 1) - max(0, reference.words - 1)
        length_factor = math.exp(-(length_difference**2) / (2 * _SIGMA**2))
        norms = (own * other for own, other in zip(caption.norms, reference.norms, strict=True))
        cosines = map(_clipped_cosine, caption.vectors, reference.vectors, norms)
        total += length_factor * sum(cosines) / len(_ORDERS)
    return 10 * total / len(references) if references else 0.0


def likeness(captions: Sequence[str]) -> list[float]:
    """Return how much each caption has in common with all of them, itself included, 0 to 10.

    The mean CIDEr-D with all n-grams alike. Of a search's n best, the caption with the most is the choice of
    minimum Bayes risk (Kumar and Byrne 2004) if each of them is as likely to be right; for captions, the consensus
    of Devlin et al. 2015.
    """
    metric = CiderD()
    counted = [metric.counted(words(caption)) for caption in captions]
    return [mean_similarity(one, counted) for one in counted]


def cider_d(captions: Sequence[Sequence[str]], references: Sequence[Sequence[Sequence[str]]]) -> list[float]:
    """Return CIDEr-D of each caption, with n-gram rarity taken from these references."""
    metric = CiderD(references)
    return [metric.score(caption, given) for caption, given in zip(captions, references, strict=True)]


def _grams(caption: Sequence[str]) -> Counter[tuple[str, ...]]:
    return Counter(
        tuple(caption[start : start + order]) for order in _ORDERS for start in range(len(caption) - order + 1)
    )


def _clipped_cosine(own: Vector, other: Vector, norms: float) -> float:
    """Return the cosine similarity with each n-gram of `own` clipped to its weight in `other`."""
    if norms == 0:
        return 0.0
    return sum(min(value, other[gram]) * other[gram] for gram, value in own.items() if gram in other) / norms
