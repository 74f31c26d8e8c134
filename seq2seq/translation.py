"""`Translation`: what becomes of a line, put together from what a search has found for its sentences."""

from collections.abc import Sequence
from typing import NamedTuple

from seq2seq.search import Hypothesis


class Translation(NamedTuple):
    """One translation of one line. Scores are natural logarithms, summed over the line's sentences."""

    text: str
    log_prob: float
    score: float
    finished: bool


REFUSED = Translation("", 0.0, 0.0, False)  # of a line that is too long


class DecodedHypothesis(NamedTuple):
    """What a search has found for one sentence, in ids and as text."""

    hypothesis: Hypothesis
    text: str


def joined(parts: Sequence[Sequence[DecodedHypothesis]]) -> list[Translation]:
    """Return the translations of a line, best first, from those of its sentences; a line of none is empty."""
    if not parts:
        return [Translation("", 0.0, 0.0, True)]
    ranks = range(min(len(part) for part in parts))
    return [_join([part[rank] for part in parts]) for rank in ranks]


def _join(said: Sequence[DecodedHypothesis]) -> Translation:
    hypotheses = [one.hypothesis for one in said]
    return Translation(
        " ".join(one.text for one in said if one.text),
        sum(one.log_prob for one in hypotheses),
        sum(one.score for one in hypotheses),
        all(one.finished for one in hypotheses),
    )
