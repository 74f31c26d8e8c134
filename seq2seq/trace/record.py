"""The recorder that watches a search and makes a `Trace` of it."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from seq2seq.search import STOP_RULE, Hypothesis, SearchOptions, Step, bound_rule, choose, length_penalty
from seq2seq.text import group_words
from seq2seq.trace.schema import (
    Expanded,
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


def text_source(text: str, pieces: Sequence[str]) -> TextSource:
    """Return the record of a source sentence, given its pieces with </s>."""
    words = group_words(pieces)
    return TextSource(
        text=text, pieces=list(pieces), words=[w.text for w in words], starts=[w.first for w in words]
    )


class TraceRecorder:
    """Collects the steps of a search over one source."""

    def __init__(self, source: Source, model: tuple[str, str], options: SearchOptions) -> None:
        """model: its name and digest."""
        self._source = source
        self._model = ModelName(name=model[0], digest=model[1])
        self._options = options
        self._nodes = [Node(-1, 0, 1, 0.0, 0.0, 1, "root")]
        self._live = [0] * (options.width if options.mode.kind == "sample" else 1)
        self._expanded: list[int] = []
        self._entropy: list[float] = []
        self._attention: list[Tensor] = []
        self._leaves: dict[tuple[int, ...], int] = {}
        self._prefixes: dict[int, tuple[int, ...]] = {0: ()}
        # A lone hypothesis shows ten candidates, a crowd five each.
        self._breadth = max(5, 10 // options.width)

    def step(self, step: Step) -> None:
        """Take notice of a step: every candidate that was kept, the best 2K, and each row's own best."""
        self._look(step)
        kept = self._kept(step)
        after: list[int] = []
        for rank, (row, token, log_prob, total) in self._considered(step, set(kept)):
            status: Status = kept.get((row, token), "pruned")
            self._nodes.append(Node(self._live[row], step.number, token, log_prob, total, rank, status))
            node = len(self._nodes) - 1
            if status != "pruned":
                self._prefixes[node] = (*self._prefixes[self._live[row]], token)
                self._leaves[self._prefixes[node]] = node
        for row, token in kept:
            if kept[row, token] == "kept":
                after.append(self._leaves[(*self._prefixes[self._live[row]], token)])
        self._live = after

    def _look(self, step: Step) -> None:
        entropy = torch.special.entr(step.log_probs.double().exp()).sum(1).tolist()
        seen = set(self._expanded)
        for row, node in enumerate(self._live):
            if node in seen:  # several samples share the root
                continue
            seen.add(node)
            self._expanded.append(node)
            self._entropy.append(round(entropy[row], 6))
            if step.attention is not None:
                self._attention.append(step.attention[row])

    def _kept(self, step: Step) -> dict[tuple[int, int], Status]:
        rows = zip(step.parents.tolist(), step.tokens.tolist(), step.finished.tolist(), strict=True)
        return {(row, token): "finished" if finished else "kept" for row, token, finished in rows}

    def _considered(
        self, step: Step, kept: set[tuple[int, int]]
    ) -> Iterator[tuple[int, tuple[int, int, float, float]]]:
        """Yield (rank, (row, token, log_prob, total)) by falling total."""
        wanted = max(2 * self._options.width, self._breadth)
        picked = choose(step.log_probs, wanted)
        rows = [
            [(r, t, lp, before + lp) for t, lp in zip(tokens, values, strict=True) if lp > float("-inf")]
            for r, (tokens, values, before) in enumerate(
                zip(
                    picked.tolist(),
                    step.log_probs.gather(1, picked).double().tolist(),
                    step.totals.tolist(),
                    strict=True,
                )
            )
        ]
        every = sorted((c for row in rows for c in row), key=lambda c: (-c[3], c[1], c[0]))
        own = {c[:2] for row in rows for c in row[: self._breadth]}
        listed = {c[:2] for c in every}
        for row, token in kept - listed:  # drawn or forced from further down; ranked behind what was listed
            value = float(step.log_probs[row, token])
            every.append((row, token, value, float(step.totals[row]) + value))
        for rank, candidate in enumerate(every, 1):
            if rank <= wanted or candidate[:2] in own or candidate[:2] in kept:
                yield rank, candidate

    def trace(
        self,
        hypotheses: Sequence[Hypothesis],
        pieces: Callable[[Sequence[int]], list[str]],
        text: Callable[[Sequence[int]], str],
    ) -> Trace:
        """Return the trace, once the search has returned its hypotheses.

        pieces, text: how the target tokenizer shows tokens.
        """
        columns = {name: [getattr(n, name) for n in self._nodes] for name in Node._fields}
        alpha = self._options.alpha
        columns["piece"] = pieces(columns["token"])
        columns["normalised"] = [
            round(n.total / length_penalty(n.step, alpha), 6) if n.step else 0.0 for n in self._nodes
        ]
        for name in ("log_prob", "total"):
            columns[name] = [round(value, 6) for value in columns[name]]
        rows = (
            [[round(w, 4) for w in row] for row in torch.stack(self._attention).tolist()]
            if self._attention
            else None
        )
        return Trace(
            source=self._source,
            model=self._model,
            options=self._options,
            stop=StopRule(rule=STOP_RULE, bound=bound_rule(alpha), steps=max(columns["step"])),
            nodes=Nodes(**columns),
            expanded=Expanded(node=self._expanded, entropy=self._entropy, attention=rows),
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
        )
