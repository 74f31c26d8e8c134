"""Experiments about what a search finds and misses."""

import math
import time
from typing import ClassVar, Literal

from pydantic import Field

from seq2seq import explain
from seq2seq.course.experiments.base import Base, Fact, Models, Result
from seq2seq.course.experiments.shared import beam, beam_options, greedy, output_facts, stage, table, word_at
from seq2seq.trace import Trace
from seq2seq.trace.view import divergence


class Search(Base):
    """Greedy and beam search of one source, on the stage.

    Facts: greedy.text, .total (natural log of the probability), .chance, .length (pieces), the same for beam;
    output.1.text, output.1.total, … of the beam's n best; likelier (greedy, beam or same), times (how much likelier
    the likelier one is), steps, parts (whether they do). Where they part: fork.step, fork.node (what to pick: the
    first node that only the beam's winner goes through), fork.before (text), fork.greedy and fork.beam (words),
    fork.surer (greedy or beam: whose word is likelier there), fork.price (how many times the beam's is less so).
    """

    kind: Literal["search"]
    source: str = Field(max_length=300)
    beam: int = Field(5, ge=1, le=20)
    alpha: float | None = Field(None, ge=-1, le=3)
    """Length penalty; the model's own if it is not given."""
    step: int | None = Field(None, ge=1)
    """Where the stage opens; the end if it is not given."""
    at_fork: bool = False
    """Whether it opens where both part."""

    def run(self, models: Models) -> Result:
        """Return both searches on the stage."""
        translator = models.translator(self.model)
        session = translator.session(self.source)
        first, other = greedy(session), beam(session, self.beam, self.alpha)
        facts: dict[str, Fact] = {**output_facts("greedy", first), **output_facts("beam", other)}
        gap = other.best.log_prob - first.best.log_prob
        fork = divergence(first, other)
        same = fork is None or abs(gap) < 1e-6
        facts |= {
            "likelier": "same" if same else "beam" if gap > 0 else "greedy",
            "times": math.exp(min(abs(gap), 20)),
            "steps": other.stop.steps,
            "parts": fork is not None,
        }
        for rank, one in enumerate(other.hypotheses, 1):
            facts |= {f"output.{rank}.text": one.text, f"output.{rank}.total": one.log_prob}
        if fork is not None:
            facts |= {
                "fork.step": fork.step,
                "fork.node": (f"n{_fork_node(other, fork.step)}",),
                "fork.before": fork.common or "the start",
                "fork.greedy": word_at(first, fork.step),
                "fork.beam": word_at(other, fork.step),
                "fork.surer": "greedy" if fork.cost > 0 else "beam",
                "fork.price": math.exp(min(max(fork.cost, 0), 20)),
            }
        step = fork.step if self.at_fork and fork else self.step
        languages = (translator.config.source, translator.config.target)
        return Result(facts, stage([first, other], step=step, languages=languages))


def _fork_node(trace: Trace, step: int) -> int:
    """Return the node of the winner at a step."""
    path = trace.path(trace.best.leaf)
    return path[min(step, len(path)) - 1]


class Exact(Base):
    """The model's best output of all, by exact search without a length penalty, beside beam search and nothing.

    Facts: beam.text, .total, .chance, .length, the same for best; empty.total and .chance (of the translation
    that is nothing at all); proved (whether nothing better can exist), better (whether it beats the beam),
    empty.place (of the end among all first pieces), winner (beam, best or empty: the likeliest of the three).
    """

    FOR_OWN: ClassVar = {"seconds": 5.0}
    kind: Literal["exact"]
    source: str = Field(max_length=300)
    beam: int = Field(5, ge=1, le=20)
    seconds: float = Field(5, gt=0, le=60)
    """How long it may search; with much less it may end without a proof."""

    def run(self, models: Models) -> Result:
        """Return the three and their probabilities."""
        session = models.translator(self.model).session(self.source)
        trace = session.trace(beam_options(session, self.beam, 0.0))
        found = explain.models_best(session, trace, clock=time.perf_counter, seconds=self.seconds)
        empty = session.score([[]])[0][0]
        best = found.exact.best
        named = "exact search" if found.exact.complete else "the best that was found in time"
        total = trace.best.log_prob if best is None else max(best.log_prob, trace.best.log_prob)
        text = (found.text if best is not None else trace.best.text) or "(nothing)"
        facts: dict[str, Fact] = {
            **output_facts("beam", trace),
            "best.text": text,
            "best.total": total,
            "best.chance": math.exp(total),
            "best.length": len(best.tokens) if best is not None else trace.best.length,
            "empty.total": empty,
            "empty.chance": math.exp(empty),
            "empty.place": found.exact.empty_rank or 0,
            "proved": found.exact.complete,
            "better": found.better,
            "winner": "empty" if text == "(nothing)" else "best" if found.better else "beam",
        }
        rows = [
            [f"beam of {self.beam}", trace.best.text, _number(trace.best.log_prob)],
            [named, text, _number(total)],
            ["writing nothing", "(nothing)", _number(empty)],
        ]
        return Result(facts, table(["", "writes", "log-probability"], rows, marked=[1]))


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


class Autopsy(Base):
    """Why a search missed an expected translation.

    Facts: verdict (found, search error, model error or undecided), expected.text, .score, winner.text, .score
    (log-probability by length), step and rank (where it fell out of the beam, 0 if never), kept (how many places
    there were), width (the narrowest beam of up to 50 that keeps it, 0 if none does).
    """

    OWN = "expected"
    kind: Literal["autopsy"]
    source: str = Field(max_length=300)
    expected: str = Field(max_length=300)
    beam: int = Field(5, ge=1, le=20)
    alpha: float | None = Field(None, ge=-1, le=3)

    def run(self, models: Models) -> Result:
        """Return the verdict."""
        session = models.translator(self.model).session(self.source)
        trace = beam(session, self.beam, self.alpha)
        found = explain.autopsy(session, trace, self.expected)
        lost = found.pruned_at
        facts: dict[str, Fact] = {
            "verdict": found.verdict.value,
            "expected.text": found.expected.text,
            "expected.score": found.expected.score,
            "winner.text": found.winner.text,
            "winner.score": found.winner.score,
            "step": lost.step if lost else 0,
            "rank": lost.rank if lost else 0,
            "kept": lost.beam_cutoff if lost else 0,
            "width": found.survived[0] if found.survived else 0,
        }
        rows = [
            [str(place.step), place.piece.replace("▁", "") or "␣", str(place.rank), str(place.beam_cutoff)]
            for place in found.ranks
        ]
        figure = table(["step", "its piece", "place", "places kept"], rows, marked=[len(rows) - 1] if lost else [])
        scores = (("expected", found.expected), ("the search wrote", found.winner))
        figure["above"] = [
            [f"{name}, {one.score:.2f} by length".replace("-", "−"), one.text] for name, one in scores
        ]
        return Result(facts, figure)
