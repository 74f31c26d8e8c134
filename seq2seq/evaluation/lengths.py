"""Scores by the length of the source, and statistics of a model's outputs as a whole."""

from collections.abc import Sequence
from typing import NamedTuple

from seq2seq.evaluation.metrics import Scores, corpus_scores

_BANDS = ((1, 5), (6, 10), (11, 15), (16, None))


class LengthBand(NamedTuple):
    """The scores of the sources with `shortest` to `longest` words; longest None means no upper limit."""

    shortest: int
    longest: int | None
    pairs: int
    scores: Scores | None  # None: there is no such source


class OutputStatistics(NamedTuple):
    """Statistics of translations as a whole."""

    empty: float  # share of them
    cut_off: float  # share that reached the length limit without </s>
    length_ratio: float  # words of all translations / words of all references, in BLEU's tokens


def by_length(sources: Sequence[str], hypotheses: Sequence[str], references: Sequence[str]) -> list[LengthBand]:
    """Return the scores by words of the source: 1 to 5, 6 to 10, 11 to 15, 16 and more.

    Words are split at spaces; a source without any counts as one word.
    """
    lengths = [max(1, len(source.split())) for source in sources]
    bands = []
    for shortest, longest in _BANDS:
        chosen = [i for i, n in enumerate(lengths) if n >= shortest and (longest is None or n <= longest)]
        scores = corpus_scores([hypotheses[i] for i in chosen], [references[i] for i in chosen]) if chosen else None
        bands.append(LengthBand(shortest, longest, len(chosen), scores))
    return bands


def output_statistics(
    hypotheses: Sequence[str], finished: Sequence[bool], references: Sequence[str]
) -> OutputStatistics:
    """Return how many of the hypotheses (at least one) are empty or cut off, and their length ratio."""
    from sacrebleu import BLEU  # which those who only read records never need

    count = len(hypotheses)
    ratio = BLEU().corpus_score(list(hypotheses), [list(references)]).ratio
    return OutputStatistics(
        sum(not text for text in hypotheses) / count, sum(not one for one in finished) / count, ratio
    )
