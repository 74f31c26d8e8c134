"""The winner as a function of the length penalty: the exact values of alpha at which it changes."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from seq2seq.errors import ConfigError
from seq2seq.search import beam_options, require_plain
from seq2seq.trace import Trace
from seq2seq.trace.view import prefix_text

if TYPE_CHECKING:
    from seq2seq.session import Session

LOWEST, HIGHEST = -1.0, 3.0


class AlphaInterval(NamedTuple):
    """A range of alpha in which one finished hypothesis wins."""

    low: float
    high: float
    leaf: int  # node of the trace
    text: str
    log_prob: float  # natural log, total
    length: int  # tokens, with the end token


class AlphaSearch(NamedTuple):
    """What a separate search found with alpha at the middle of an interval."""

    alpha: float
    text: str
    score: float
    finished: bool
    same: bool  # False: the separate search ended with another output


def flip_point(one: tuple[float, int], other: tuple[float, int]) -> float | None:
    """Return the alpha at which two hypotheses of (total, length) have the same score.

    s1 / lp(n1) = s2 / lp(n2) gives alpha = ln(s1 / s2) / ln((5 + n1) / (5 + n2)) (Wu et al. 2016, eq. 14). Above
    it the longer one wins. None if the lengths are equal or a total is not negative: then nothing ever flips.
    """
    (total, length), (other_total, other_length) = one, other
    if length == other_length or total >= 0 or other_total >= 0:
        return None
    return math.log(total / other_total) / math.log((5 + length) / (5 + other_length))


def alpha_intervals(trace: Trace, low: float = LOWEST, high: float = HIGHEST) -> tuple[AlphaInterval, ...]:
    """Return which finished hypothesis of a trace wins at which alpha, from `low` to `high` without a gap.

    All finished nodes take part, not only the n best. ln(-score) = ln(-total) - alpha x ln((5 + length) / 6) is a
    line in alpha, so the winners are the lower envelope of lines and grow longer from one to the next.
    Empty if nothing has finished.
    """
    require_plain(trace.options, "The winner at each alpha")
    if not low < high:
        raise ConfigError(f"There is no alpha from {low} to {high}; give the lower one first.")
    best: dict[int, int] = {}  # by length: of equal lengths the most probable wins at every alpha
    nodes = trace.nodes
    for node, status in enumerate(nodes.status):
        length = nodes.step[node]
        if status == "finished" and (length not in best or nodes.total[node] > nodes.total[best[length]]):
            best[length] = node
    if not best:
        return ()
    texts = {one.leaf: one.text for one in trace.hypotheses}
    edges = _envelope({length: nodes.total[node] for length, node in best.items()}, low, high)
    return tuple(
        AlphaInterval(
            start,
            end,
            best[length],
            texts.get(best[length], prefix_text(trace, best[length])),
            nodes.total[best[length]],
            length,
        )
        for start, end, length in edges
    )


def search_intervals(
    session: "Session", trace: Trace, intervals: Sequence[AlphaInterval]
) -> tuple[AlphaSearch, ...]:
    """Return what a new search finds with alpha at the middle of each interval.

    Alpha ranks finished hypotheses and decides when to stop, so a search with another alpha may run longer and
    find an output that is not in this trace.
    Raises ConfigError for a trace of samples, which have no alpha.
    """
    found = []
    for interval in intervals:
        alpha = (interval.low + interval.high) / 2
        options = beam_options(trace.options, alpha=alpha)
        best = session.search(options, trace.edits)[0]
        expected = tuple(trace.nodes.token[node] for node in trace.path(interval.leaf))
        found.append(
            AlphaSearch(alpha, session.text(best.tokens), best.score, best.finished, best.tokens == expected)
        )
    return tuple(found)


def _envelope(totals: dict[int, float], low: float, high: float) -> list[tuple[float, float, int]]:
    """Return (start, end, length) of the winners from low to high, given the best total of each length."""
    lengths = sorted(totals)
    # At one value of alpha the scores can be compared directly; of equal ones the longer wins above it.
    winner = max(lengths, key=lambda n: (totals[n] / ((5 + n) / 6) ** low, n))
    edges: list[tuple[float, float, int]] = []
    start = low
    while True:
        flips = [
            (point, -length)
            for length in lengths
            if length > winner
            and (point := flip_point((totals[winner], winner), (totals[length], length))) is not None
        ]
        # Lines that cross the winner's at a lower alpha have lost to it already, except for rounding.
        point, minus_length = min(flips, default=(math.inf, 0))
        if point >= high:
            return [*edges, (start, high, winner)]
        if point > start:
            edges.append((start, point, winner))
            start = point
        winner = -minus_length
