"""Pairs that a model makes up: back-translations and distilled translations."""

import random
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from sacrebleu.metrics.bleu import BLEU

from seq2seq.data.pairs import Pair, read_pairs
from seq2seq.text import normalise


def fresh_lines(lines: Iterable[str], without: Iterable[Path], count: int | None, seed: int) -> list[str]:
    """Return the different lines that no side of the pairs in `without` has, capitals aside, in a drawn order.

    count: how many at most. Raises DataError if a file of pairs can't be read.
    """
    seen = {normalise(text).lower() for path in without for pair in read_pairs(path) for text in pair}
    fresh = []
    for line in map(normalise, lines):
        if line and line.lower() not in seen:
            seen.add(line.lower())
            fresh.append(line)
    random.Random(seed).shuffle(fresh)
    return fresh[:count]


def synthetic_pairs(lines: Iterable[str], translations: Iterable[str], *, back: bool) -> Iterator[Pair]:
    """Yield each line beside its translation, or behind it; those that came out empty are left out.

    back: the translation becomes the source, so that what is learnt to be written is real (Sennrich et al. 2016).
    """
    for line, translation in zip(lines, translations, strict=True):
        if translation.strip():
            yield Pair(translation, line) if back else Pair(line, translation)


def nearest(translations: Sequence[str], reference: str) -> str:
    """Return the one with the most sentence BLEU against the reference; of equals the first.

    This is the sequence-level interpolation of Kim and Rush 2016, section 3.3.
    """
    return max(translations, key=lambda text: _metric().sentence_score(text, [reference]).score)


@lru_cache(maxsize=1)
def _metric() -> BLEU:
    return BLEU(effective_order=True)
