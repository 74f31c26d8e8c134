"""Does a model look where it finds its words? Attention compared with greying out, region by region.

If attention points, greying out the region that a word is lit by most lowers the word's probability most
(cf. Jain and Wallace 2019, who compare attention with leaving words out).
"""

from collections.abc import Iterable
from statistics import median

import torch
from PIL.Image import Image
from torch import Tensor

from seq2seq.errors import ConfigError
from seq2seq.trace import alignment
from seq2seq.vision.captioning.captioner import Captioner
from seq2seq.vision.captioning.pointing_record import Pointing
from seq2seq.vision.regions import grey_out, region_box

_FIRST = 6  # of the regions: about a tenth of 64
_FUNCTION_WORDS = {
    "a",
    "an",
    "the",
    "is",
    "are",
    "in",
    "on",
    "at",
    "of",
    "with",
    "and",
    "to",
    "by",
    "its",
    "his",
    "her",
}


def pointing(model: Captioner, photos: Iterable[Image], test: str) -> Pointing:
    """Return the comparison over the content words of the captions of some photos.

    test: the name of the set that they are of. Every region of every photo is greyed out in turn.
    Raises ConfigError if the model has no attention.
    """
    agreements: list[float] = []
    largest: list[float] = []
    hits, seen, regions = 0, 0, 0
    for photo in photos:
        seen += 1
        for weights, costs in _words(model, photo):
            regions = len(weights)
            agreements.append(_spearman(weights, costs))
            largest.append(float(weights.max()))
            first = costs.topk(min(_FIRST, regions)).indices
            hits += int((first == weights.argmax()).any())
    if not agreements:
        raise ConfigError("The captions of these photos have no content word; name other photos.")
    most = min(_FIRST, regions)
    return Pointing(
        weights=model.config.weights,
        test=test,
        photos=seen,
        words=len(agreements),
        largest_weight=median(largest),
        rank_agreement=sum(agreements) / len(agreements),
        brightest_among_first=hits / len(agreements),
        by_chance=most / regions,
        first=most,
    )


def _words(model: Captioner, photo: Image) -> Iterable[tuple[Tensor, Tensor]]:
    """Yield for each content word of the caption its attention, and what greying out costs it, (regions,) each.

    The cost is the fall of its log-probability, given the words before it.
    """
    trace = model.trace(photo)
    found = alignment(trace, trace.best.leaf)
    if found is None:
        raise ConfigError(f"{model.name} has no attention, so there is nothing to compare; name another model.")
    grid = model.config.model.grid
    greyed = [grey_out(photo, [region_box(region, grid)]) for region in range(1, grid[0] * grid[1] + 1)]
    features = model.encode_photos([photo, *greyed])
    scores = torch.tensor(model.score(features, [trace.best.text] * len(features.pooled)))
    costs = scores[0] - scores[1:]  # (regions, words)
    for place, (word, weights) in enumerate(zip(found.target, found.weights, strict=True)):
        if word not in _FUNCTION_WORDS and word != "</s>":
            yield torch.tensor(weights), costs[:, place]


def _spearman(one: Tensor, other: Tensor) -> float:
    ranks = torch.stack([values.argsort().argsort().double() for values in (one, other)])
    return float(torch.corrcoef(ranks)[0, 1])
