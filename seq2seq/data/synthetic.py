"""Synthetic pairs from a model: back-translations and distilled translations."""

import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from sacrebleu.metrics.bleu import BLEU

from seq2seq.data.pairs import Pair
from seq2seq.data.readers import read_pairs
from seq2seq.data.split import sentence_key
from seq2seq.text import normalise


def sentences(paths: Iterable[Path]) -> set[str]:
    """Return the keys of all sentences in the files, source and target, to be left out of synthetic pairs.

    Sentences are compared as in the split of `prepare`: case, punctuation and spaces are ignored.

    Raises DataError if a file can't be read.
    """
    return {sentence_key(text) for path in paths for pair in read_pairs(path) for text in pair}


def fresh_lines(lines: Iterable[str], held_out: Collection[str], count: int | None, seed: int) -> list[str]:
    """Return the distinct lines, ignoring case, that are not in `held_out` (see `sentences`), shuffled.

    count: the maximum number of lines.
    """
    fresh: dict[str, str] = {}
    for line in map(normalise, lines):
        if line and sentence_key(line) not in held_out:
            fresh.setdefault(line.lower(), line)
    drawn = list(fresh.values())
    random.Random(seed).shuffle(drawn)
    return drawn[:count]


def synthetic_pairs(
    lines: Iterable[str], translations: Iterable[str], *, back: bool, held_out: Collection[str] = ()
) -> Iterator[Pair]:
    """Yield each line paired with its translation, as source or as target.

    back: the translation becomes the source, so that the target side is real text (Sennrich et al. 2016).
    held_out: translations to leave out, see `sentences`, since a model may happen to output a test sentence. Empty
    translations are left out, too.
    """
    for line, translation in zip(lines, translations, strict=True):
        if translation.strip() and sentence_key(translation) not in held_out:
            yield Pair(translation, line) if back else Pair(line, translation)


def nearest(translations: Sequence[str], reference: str) -> str:
    """Return the translation with the highest sentence BLEU against the reference; the first if tied.

    This is the sequence-level interpolation of Kim and Rush 2016, section 3.3.
    """
    return max(translations, key=lambda text: _metric().sentence_score(text, [reference]).score)


@lru_cache(maxsize=1)
def _metric() -> BLEU:
    return BLEU(effective_order=True)
