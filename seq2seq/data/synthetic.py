"""Pairs that a model makes up: back-translations and distilled translations."""

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
    """Return what stands on either side of the pairs of files, to be left out of what a model makes up.

    Sentences are told apart as where `prepare` splits: case, punctuation and spaces do not count.

    Raises DataError if a file can't be read.
    """
    return {sentence_key(text) for path in paths for pair in read_pairs(path) for text in pair}


def fresh_lines(lines: Iterable[str], held_out: Collection[str], count: int | None, seed: int) -> list[str]:
    """Return the different lines that `held_out` (see `sentences`) lacks, capitals aside, in a drawn order.

    count: how many at most.
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
    """Yield each line beside its translation, or behind it.

    back: the translation becomes the source, so that what is learnt to be written is real (Sennrich et al. 2016).
    held_out: what no translation may be, see `sentences`; a model may happen to write a sentence of the test. Those
    are left out, as are those that came out empty.
    """
    for line, translation in zip(lines, translations, strict=True):
        if translation.strip() and sentence_key(translation) not in held_out:
            yield Pair(translation, line) if back else Pair(line, translation)


def nearest(translations: Sequence[str], reference: str) -> str:
    """Return the one with the most sentence BLEU against the reference; of equals the first.

    This is the sequence-level interpolation of Kim and Rush 2016, section 3.3.
    """
    return max(translations, key=lambda text: _metric().sentence_score(text, [reference]).score)


@lru_cache(maxsize=1)
def _metric() -> BLEU:
    return BLEU(effective_order=True)
