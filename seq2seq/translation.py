"""`Translation`: the translation of a line, joined from the search results of its sentences."""

from collections.abc import Sequence
from typing import NamedTuple

from seq2seq.search import Hypothesis


class Translation(NamedTuple):
    """One translation of one line. Scores are natural logarithms, summed over the line's sentences."""

    text: str
    log_prob: float
    score: float
    finished: bool
    lost: tuple[str, ...] = ()
    """Figures, addresses and rare names of the source that the translation lacks."""


REFUSED = Translation("", 0.0, 0.0, False)  # for a line that is too long


class DecodedHypothesis(NamedTuple):
    """A search result for one sentence, as ids and as text."""

    hypothesis: Hypothesis
    text: str
    lost: tuple[str, ...] = ()


def copied(text: str) -> DecodedHypothesis:
    """Return the result for a sentence that is copied without asking the model: certain, of no tokens."""
    return DecodedHypothesis(Hypothesis((), 0.0, 0.0, finished=True), text)


def joined(parts: Sequence[Sequence[DecodedHypothesis]]) -> list[Translation]:
    """Return a line's translations, best first, from those of its sentences; without sentences, an empty one."""
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
        tuple(passage for one in said for passage in one.lost),
    )
