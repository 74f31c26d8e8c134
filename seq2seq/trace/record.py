"""The recorder that turns a search into a `Trace`."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from seq2seq.search import (
    STOP_RULE,
    Hypothesis,
    SearchOptions,
    Step,
    bound_rule,
    choose,
    coverage_penalty,
    length_penalty,
)
from seq2seq.text import Prepared, group_words, shown_pieces
from seq2seq.trace.edits import Edit
from seq2seq.trace.schema import (
    CopiedPassage,
    ExpandedNodes,
    ModelName,
    Nodes,
    Source,
    Status,
    StopRule,
    TextSource,
    Trace,
    TraceHypothesis,
)


class Node(NamedTuple):
    """A candidate; the fields are those of `Nodes`, without the piece and the normalised score."""

    parent: int
    step: int
    token: int
    log_prob: float
    total: float
    rank: int
    status: Status


class Candidate(NamedTuple):
    """One extension of a live hypothesis."""

    row: int
    token: int
    log_prob: float
    total: float


def text_source(text: str, pieces: Sequence[str], prepared: Prepared | None = None) -> TextSource:
    """Return the record of a source sentence, given its pieces with </s>.

    prepared: the step before and after the model, for what was copied.
    """
    shown = shown_pieces(pieces, prepared, source=True) if prepared else list(pieces)
    words = group_words(shown)
    source = TextSource(text=text, pieces=shown, words=[w.text for w in words], starts=[w.first for w in words])
    if prepared is None:
        return source
    passages = tuple(CopiedPassage(kind=p.kind, source=p.source, target=p.target) for p in prepared.passages)
    return source.model_copy(
        update={
            "passages": passages,
            "in_capitals": prepared.in_capitals,
            "before": prepared.before,
            "after": prepared.after,
        }
    )


class TraceRecorder:
    """Collects the steps of a search over one source."""

    def __init__(self, source: Source, model: ModelName, options: SearchOptions) -> None:
        self._source = source
        self._model = model
        self._options = options
        self._nodes = [Node(-1, 0, 1, 0.0, 0.0, 1, "root")]
        self._live = [0] * (options.width if options.mode.kind == "sample" else options.groups)
        self._expanded: list[int] = []
        self._entropy: list[float] = []
        self._attention: list[Tensor] = []
        self._leaves: dict[tuple[int, ...], int] = {}
        self._prefixes: dict[int, tuple[int, ...]] = {0: ()}
        # Ten candidates for a single hypothesis, five for each of several.
        self._breadth = max(5, 10 // options.width)

    def step(self, step: Step) -> None:
        """Record the candidates of a step: all that were kept, the best 2K, and each row's own best."""
        first: dict[int, int] = {}
        # Samples (or groups) with the same prefix so far share a node, represented by the first of their rows.
        stands = [first.setdefault(node, row) for row, node in enumerate(self._live)]
        rows = list(first.values())
        self._record_expanded(step, rows)
        chosen = [
            (stands[row], token, finished)
            for row, token, finished in zip(
                step.parents.tolist(), step.tokens.tolist(), step.finished.tolist(), strict=True
            )
        ]
        kept: dict[tuple[int, int], Status] = {
            (row, token): "finished" if finished else "kept" for row, token, finished in chosen
        }
        nodes: dict[tuple[int, int], int] = {}
        for rank, (row, token, log_prob, total) in self._considered(step, rows, set(kept)):
            status: Status = kept.get((row, token), "pruned")
            self._nodes.append(Node(self._live[row], step.number, token, log_prob, total, rank, status))
            if status != "pruned":
                node = nodes[row, token] = len(self._nodes) - 1
                self._prefixes[node] = (*self._prefixes[self._live[row]], token)
                self._leaves[self._prefixes[node]] = node
        self._live = [nodes[row, token] for row, token, finished in chosen if not finished]

    def _record_expanded(self, step: Step, rows: Sequence[int]) -> None:
        # A forbidden token has probability 0; the clamp keeps 0 x infinity out of the sum.
        nats = step.log_probs.exp() * step.log_probs.clamp_min(-1e4)
        entropy = (-nats.sum(1, dtype=torch.float64)).tolist()
        for row in rows:
            self._expanded.append(self._live[row])
            self._entropy.append(round(entropy[row], 6))
            if step.attention is not None:
                self._attention.append(step.attention[row])

    def _considered(
        self, step: Step, rows: Sequence[int], kept: set[tuple[int, int]]
    ) -> Iterator[tuple[int, Candidate]]:
        """Yield each candidate with its rank: the best 2K of all `rows`, each row's own best, and those kept."""
        wanted = max(2 * self._options.width, self._breadth)
        picked = choose(step.log_probs, wanted)
        tokens, values = picked.tolist(), step.log_probs.gather(1, picked).double().tolist()
        totals = step.totals.tolist()
        by_row = [
            [Candidate(row, t, lp, totals[row] + lp) for t, lp in zip(tokens[row], values[row], strict=True)]
            for row in rows
        ]
        every = sorted(
            (c for candidates in by_row for c in candidates if c.log_prob > float("-inf")),
            key=lambda c: (-c.total, c.token, c.row),
        )
        yield from enumerate(every[:wanted], 1)
        own = {c[:2] for candidates in by_row for c in candidates[: self._breadth]} | kept
        further = [c for c in every[wanted:] if c[:2] in own]
        for row, token in sorted(kept - {c[:2] for c in every}):  # sampled or forced, with a lower rank
            value = float(step.log_probs[row, token])
            further.append(Candidate(row, token, value, totals[row] + value))
        yield from sorted(zip(_ranks(step, rows, further), further, strict=True))

    def _coverage_penalties(self) -> list[float]:
        """Return the coverage penalty of each node's score, a number of at most 0."""
        if not self._options.coverage or not self._attention:
            return [0.0] * len(self._nodes)
        own = dict(zip(self._expanded, self._attention, strict=True))
        covered = [torch.zeros_like(self._attention[0])]
        for node in self._nodes[1:]:
            covered.append(covered[node.parent] + own[node.parent])
        rows = torch.stack(covered)
        off = self._options.coverage * coverage_penalty(rows, torch.ones_like(rows, dtype=torch.bool))
        off[0] = 0.0  # the root has no score
        found: list[float] = off.tolist()
        return found

    def trace(
        self,
        hypotheses: Sequence[Hypothesis],
        pieces: Callable[[Sequence[int]], list[str]],
        text: Callable[[Sequence[int]], str],
        edits: Sequence[Edit] = (),
    ) -> Trace:
        """Return the trace, once the search has returned its hypotheses.

        pieces, text: convert target tokens to pieces and to text. edits: the lineage of edits, oldest first.
        """
        columns = {name: [getattr(n, name) for n in self._nodes] for name in Node._fields}
        alpha = self._options.alpha
        columns["piece"] = pieces(columns["token"])
        penalties = [length_penalty(n, alpha) for n in range(max(columns["step"]) + 1)]
        offs = self._coverage_penalties()
        columns["normalised"] = [
            n.total / penalties[n.step] + off for n, off in zip(self._nodes, offs, strict=True)
        ]
        for name in ("log_prob", "total", "normalised"):
            columns[name] = _rounded(torch.tensor(columns[name], dtype=torch.float64), 6)
        rows = _rounded(torch.stack(self._attention), 4) if self._attention else None
        return Trace(
            source=self._source,
            model=self._model,
            options=self._options,
            stop=StopRule(rule=STOP_RULE, bound=bound_rule(self._options), steps=max(columns["step"])),
            nodes=Nodes(**columns),
            expanded=ExpandedNodes(node=self._expanded, entropy=self._entropy, attention=rows),
            hypotheses=[
                TraceHypothesis(
                    leaf=self._leaves[one.tokens],
                    text=text(one.tokens),
                    log_prob=round(one.log_prob, 6),
                    normalised=round(one.score, 6),
                    length=len(one.tokens),
                    finished=one.finished,
                )
                for one in hypotheses
            ],
            edits=tuple(edits),
        )


def _rounded(values: Tensor, digits: int) -> list[Any]:
    """Return the values as lists, rounded to `digits` decimals, which keeps the JSON short."""
    rounded: list[Any] = ((values.double() * 10**digits).round() / 10**digits).tolist()
    return rounded


def _ranks(step: Step, rows: Sequence[int], candidates: Sequence[Candidate]) -> list[int]:
    """Return the rank of each candidate among all extensions of `rows`, by total, then token, then row."""
    if not candidates:
        return []
    lowest = min(candidate.total for candidate in candidates)
    totals = step.totals.tolist()
    # The few extensions that can rank above a candidate; the tolerance allows for float32 rounding.
    least = step.log_probs.new_tensor([lowest - totals[row] - 1e-4 for row in rows])
    all_rows = len(rows) == len(totals)
    place, token = ((step.log_probs if all_rows else step.log_probs[rows]) >= least[:, None]).nonzero(as_tuple=True)
    row = place if all_rows else place.new_tensor(rows)[place]
    rivals = step.totals[row] + step.log_probs[row, token].double()
    order = token * len(totals) + row
    own = rivals.new_tensor([c.total for c in candidates])[:, None]
    stands = order.new_tensor([c.token * len(totals) + c.row for c in candidates])[:, None]
    ahead = (rivals > own) | ((rivals == own) & (order < stands))  # (candidates, rivals)
    return [1 + count for count in ahead.sum(1).tolist()]
