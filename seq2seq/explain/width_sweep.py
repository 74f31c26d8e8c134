"""What a wider beam gains and what it costs."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from seq2seq.evaluation import corpus_scores
from seq2seq.search import beam_options
from seq2seq.trace import Trace

if TYPE_CHECKING:
    from seq2seq.search import Step
    from seq2seq.session import Session

WIDTHS = range(1, 21)
TOLERANCE = 1e-4  # smaller score differences count as equal: float32 rounding depends on the batch size


class Width(NamedTuple):
    """The winner of one beam width."""

    width: int
    text: str
    score: float  # total / lp(length)
    log_prob: float  # natural log, total
    length: int  # tokens, with the end token
    finished: bool
    chrf: float | None  # 0 to 100; None without a reference
    steps: int
    milliseconds: float
    search_error: bool  # a narrower beam found a better score


def sweep(
    session: "Session",
    trace: Trace,
    *,
    clock: Callable[[], float],
    widths: Sequence[int] = WIDTHS,
    reference: str | None = None,
    progress: Callable[[float], object] = lambda _: None,
) -> tuple[Width, ...]:
    """Return the winner of each width, ascending, with the trace's sentence, lengths, alpha and edits.

    A search ends as soon as its winner is certain. clock: returns seconds. reference: for chrF.
    progress: called with the share of the widths that are done. Raises ConfigError for a trace of samples.
    """
    found: list[Width] = []
    best = float("-inf")
    for number, width in enumerate(sorted(set(widths))):
        progress(number / len(set(widths)))
        options = beam_options(trace.options, size=width).model_copy(update={"n_best": 1})
        steps = _Steps()
        start = clock()
        winner = session.search(options, trace.edits, steps)[0]
        seconds = clock() - start
        text = session.text(winner.tokens)
        chrf = corpus_scores([text], [reference]).chrf if reference else None
        found.append(
            Width(
                width,
                text,
                winner.score,
                winner.log_prob,
                len(winner.tokens),
                winner.finished,
                chrf,
                steps.number,
                1000 * seconds,
                winner.score < best - TOLERANCE,
            )
        )
        if winner.finished:
            best = max(best, winner.score)
    return tuple(found)


class _Steps:
    """Counts the steps of a search."""

    number = 0

    def step(self, step: "Step") -> None:
        self.number = step.number
