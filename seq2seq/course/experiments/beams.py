"""Experiments that do a beam by hand, widen it, and turn the length penalty."""

import math
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from seq2seq.course.experiments.base import Base, Fact, Models, Result
from seq2seq.course.experiments.shared import bars, beam, output_facts, table
from seq2seq.evaluation import corpus_scores
from seq2seq.trace import Trace
from seq2seq.trace.view import expanded_at, nodes_at, prefix_text

_SHOWN = 3  # candidates of each hypothesis that are offered by hand


class Hand(Base):
    """One step of a beam search by hand: what is live, what could follow, and what is kept.

    Facts: kept (what to pick: the continuations that are kept), best (the text of the best), best.total, second
    (the text of the next one), live (how many hypotheses are continued), last (the total of the last one kept),
    first.lost (the best text that is not kept), lost.total.
    """

    kind: Literal["hand"]
    source: str = Field(max_length=300)
    beam: int = Field(2, ge=1, le=5)
    step: int = Field(1, ge=1, le=20)

    def run(self, models: Models) -> Result:
        """Return the candidates, with the true fate of each."""
        trace = beam(models.translator(self.model).session(self.source), self.beam)
        step = min(self.step, trace.stop.steps)
        rows: list[dict[str, Any]] = [
            {
                "before": prefix_text(trace, parent) if step > 1 else "",
                "total": trace.nodes.total[parent],
                "next": _continuations(trace, step, parent),
            }
            for parent in expanded_at(trace, step)
        ]
        every: list[dict[str, Any]] = [one for row in rows for one in row["next"]]
        kept = sorted((one for one in every if one["kept"]), key=lambda one: -one["total"])
        lost = sorted((one for one in every if not one["kept"]), key=lambda one: -one["total"])
        facts: dict[str, Fact] = {
            "kept": tuple(one["id"] for one in kept),
            "best": prefix_text(trace, int(kept[0]["id"])) or "⟨end⟩",
            "best.total": kept[0]["total"],
            "second": prefix_text(trace, int(kept[min(1, len(kept) - 1)]["id"])) or "⟨end⟩",
            "live": len(rows),
            "last": kept[-1]["total"],
            "first.lost": prefix_text(trace, int(lost[0]["id"])) if lost else "",
            "lost.total": lost[0]["total"] if lost else -math.inf,
        }
        return Result(facts, {"kind": "hand", "rows": rows, "step": step, "places": len(kept)})


def _continuations(trace: Trace, step: int, parent: int) -> list[dict[str, Any]]:
    """Return the likeliest continuations of a hypothesis, and all that are kept."""
    nodes = trace.nodes
    own = [node for node in nodes_at(trace, step) if nodes.parent[node] == parent]
    shown = sorted(own, key=lambda node: -nodes.total[node])[:_SHOWN]
    kept = [node for node in own if nodes.status[node] != "pruned" and node not in shown]
    return [
        {
            "id": str(node),
            "text": _said(nodes.piece[node]),
            "log_prob": nodes.log_prob[node],
            "total": nodes.total[node],
            "kept": nodes.status[node] != "pruned",
        }
        for node in [*shown, *kept]
    ]


def _said(piece: str) -> str:
    return "⟨end⟩" if piece == "</s>" else piece.replace("▁", "").replace("￭", "") or "␣"


class Widths(Base):
    """The same source with beams of several widths.

    Facts, for each of `beams`: text.N, total.N, chance.N, calls.N (rows that the decoder computed), chrf.N (with a
    reference); times (calls of the widest by those of the narrowest), gain (how much likelier the widest's winner
    is), wider (whether the widest finds a likelier one than the next), texts (how many different winners).
    """

    FOR_OWN: ClassVar = {"reference": ""}
    kind: Literal["widths"]
    source: str = Field(max_length=300)
    beams: tuple[Annotated[int, Field(ge=1, le=100)], ...] = Field((1, 2, 5, 10, 20), min_length=2, max_length=8)
    reference: str = Field("", max_length=300)
    alpha: float | None = Field(None, ge=-1, le=3)
    shows: Literal["calls", "chance", "texts"] = "calls"
    """What the bars show, or texts for a table of the winners."""

    def run(self, models: Models) -> Result:
        """Return what each width costs and finds."""
        session = models.translator(self.model).session(self.source)
        facts: dict[str, Fact] = {}
        calls, chances, rows = [], [], []
        for width in self.beams:
            trace = beam(session, width, self.alpha)
            calls.append(float(len(trace.expanded.node)))
            chances.append(100 * math.exp(trace.best.log_prob))
            own = output_facts("", trace)
            facts |= {f"{name[1:]}.{width}": value for name, value in own.items()}
            facts[f"calls.{width}"] = len(trace.expanded.node)
            row = [str(width), trace.best.text, f"{trace.best.log_prob:.2f}".replace("-", "−")]
            if self.reference:
                facts[f"chrf.{width}"] = corpus_scores([trace.best.text], [self.reference]).chrf
                row.append(f"{facts[f'chrf.{width}']:.0f}")
            rows.append(row)
        facts |= {
            "times": calls[-1] / calls[0],
            "gain": chances[-1] / chances[0],
            "texts": len({row[1] for row in rows}),
            "wider": chances[-1] > chances[-2] * (1 + 1e-4),
        }
        labels = [f"beam {width}" for width in self.beams]
        if self.shows == "texts":
            header = ["beam", "winner", "log-probability", *(["chrF"] if self.reference else [])]
            return Result(facts, table(header, rows))
        if self.shows == "chance":
            return Result(facts, bars(labels, {"probability of the winner": chances}, unit="%", digits=2))
        return Result(facts, bars(labels, {"rows that the decoder computes": calls}, marked=labels[-1]))


class Penalty(Base):
    """The winner of a beam for several length penalties.

    Facts, for each of `alphas`, counted from 1: text.N, length.N (pieces), total.N, alpha.N; moves (longer,
    shorter or same: what a larger alpha does to the winner), low and high (the texts of the first and last).
    """

    kind: Literal["penalty"]
    source: str = Field(max_length=300)
    beam: int = Field(10, ge=1, le=20)
    alphas: tuple[Annotated[float, Field(ge=-5, le=5)], ...] = Field((0.0, 0.6, 1.5), min_length=2, max_length=8)

    def run(self, models: Models) -> Result:
        """Return the length of each winner."""
        session = models.translator(self.model).session(self.source)
        facts: dict[str, Fact] = {}
        rows, lengths = [], []
        for number, alpha in enumerate(self.alphas, 1):
            trace = beam(session, self.beam, alpha)
            own = output_facts("", trace)
            facts |= {f"{name[1:]}.{number}": value for name, value in own.items()}
            facts[f"alpha.{number}"] = alpha
            lengths.append(trace.best.length)
            best = trace.best
            numbers = (best.log_prob, best.normalised)
            shown = [f"{value:.2f}".replace("-", "−") for value in numbers]
            rows.append([f"{alpha:g}".replace("-", "−"), best.text, str(best.length), *shown])
        moved = lengths[-1] - lengths[0]
        facts |= {
            "moves": "longer" if moved > 0 else "shorter" if moved < 0 else "same",
            "low": rows[0][1],
            "high": rows[-1][1],
        }
        return Result(facts, table(["α", "winner", "pieces", "log-probability", "divided by length^α"], rows))
