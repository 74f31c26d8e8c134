"""Exact search: the model's best output, with a proof (Stahlberg and Byrne 2019, On NMT Search Errors)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from seq2seq.errors import ShapeError
from seq2seq.search.beam import Hypothesis, forbid, longest_lengths
from seq2seq.search.options import SearchOptions, length_penalty, require_plain
from seq2seq.search.protocol import DecoderState, SourceMemory, StepDecoder
from seq2seq.text import END, START

ROWS = 128  # prefixes per decoder step: larger batches cost less per prefix, but expand some prefixes in vain


class Exact(NamedTuple):
    """The result of an exact search, and whether the search is complete."""

    best: Hypothesis | None  # None: no finished output was found
    complete: bool  # True: no other output scores higher; False: the limit of time or prefixes was reached
    expanded: int  # prefixes that the decoder extended
    empty: Hypothesis | None  # only the end token; None if the options forbid it
    empty_rank: int | None  # rank of the end token at the first step, by probability, from 1


@dataclass
class _Frame:
    """Prefixes of one length still to be expanded, best first."""

    state: DecoderState  # after each prefix without its last token
    parents: Tensor  # (prefixes,), rows of `state` and `before`
    tokens: Tensor  # (prefixes,), the last ones
    totals: Tensor  # (prefixes,), float64, descending
    before: Tensor  # (parents, length - 1), all tokens but the last
    taken: int = 0

    @property
    def length(self) -> int:
        return self.before.shape[1] + 1

    def take(self, floor: float) -> slice:
        """Return the next prefixes whose totals are above `floor`."""
        start = self.taken
        ahead = self.totals[start : start + ROWS]
        self.taken = start + int((ahead > floor).sum())
        return slice(start, self.taken)


@torch.inference_mode()
def exact_search(
    decoder: StepDecoder,
    memory: SourceMemory,
    options: SearchOptions,
    *,
    clock: Callable[[], float],
    seconds: float,
    most: int = 1_000_000,
    known: Hypothesis | None = None,
) -> Exact:
    """Return the best-scoring output of one source, given the lengths, the prefix and the alpha of `options`.

    Depth-first branch and bound, best prefixes first. A prefix is pruned once the best score that it can still
    reach (its total / lp of the longest allowed length, for alpha < 0 of the shortest that it can end at) is no
    better than the best output so far: totals only decrease. So the result is exact at every alpha. Away from 0 the
    bound is looser, the more so the longer outputs may be, and far more prefixes must be expanded. Of equal scores
    the first one found is kept.
    known: an output to beat, e.g. the best of a beam search; it must be finished and scored with the same alpha.
    clock: seconds; after `seconds` of it, or `most` expanded prefixes, the search stops incomplete.
    Raises ShapeError for several sources, and ConfigError if lengths and prefix are incompatible, or the options
    include a feature that exact search does not support.
    """
    if len(memory.mask) != 1:
        raise ShapeError(f"An exact search takes one source, not {len(memory.mask)}; search them one by one.")
    require_plain(options, "An exact search")
    task = _BranchAndBound(decoder, memory, options, known)
    until = clock() + seconds
    stack = [task.root()]
    while stack:
        if task.expanded >= most or clock() >= until:
            break
        frame = stack[-1]
        chunk = frame.take(task.floor(frame.length))
        if chunk.start == chunk.stop:
            stack.pop()
        elif (further := task.expand(frame, chunk)) is not None:
            stack.append(further)
    return Exact(task.best, not stack, task.expanded, task.empty, task.empty_rank)


class _BranchAndBound:
    """One exact search: its limits and its results so far."""

    def __init__(
        self, decoder: StepDecoder, memory: SourceMemory, options: SearchOptions, known: Hypothesis | None
    ) -> None:
        self._decoder, self._memory, self._options = decoder, memory, options
        self._longest = int(longest_lengths(memory.mask, options)[0])
        self._rows_memory = memory
        self.best = known
        self.expanded = 0
        self.empty: Hypothesis | None = None
        self.empty_rank: int | None = None

    def root(self) -> _Frame:
        """Return the frame of the empty prefix."""
        device = self._memory.mask.device
        zeros = torch.zeros(1, dtype=torch.long, device=device)
        nothing = torch.empty(1, 0, dtype=torch.long, device=device)
        return _Frame(self._decoder.start(self._memory), zeros, zeros + START, zeros.double(), nothing)

    def floor(self, length: int) -> float:
        """Return the total that a prefix of `length` tokens, <s> included, must exceed to beat the best output."""
        if self.best is None:
            return float("-inf")
        alpha = self._options.alpha
        at = self._longest if alpha >= 0 else max(self._options.min_length, length)
        return self.best.score * length_penalty(at, alpha)

    def expand(self, frame: _Frame, chunk: slice) -> _Frame | None:
        """Record the outputs that end after these prefixes; return a frame of the children worth expanding."""
        parents, tokens, totals = frame.parents[chunk], frame.tokens[chunk], frame.totals[chunk]
        memory = self._memory_of(len(parents))
        logits, state, _ = self._decoder.step(tokens, frame.state.select(parents), memory)
        self.expanded += len(parents)
        prefixes = torch.cat([frame.before[parents], tokens[:, None]], 1)  # (rows, length), from <s> on
        number = frame.length
        allowed = logits.float().log_softmax(1)
        forbid(allowed, number, self._options)
        self._end(prefixes, totals + allowed[:, END].double(), number)
        if number == 1:
            self._record_empty(allowed[0])
        if number == self._longest:
            return None
        allowed[:, END] = float("-inf")
        return self._children(state, prefixes, totals, allowed)

    def _children(self, state: DecoderState, prefixes: Tensor, totals: Tensor, allowed: Tensor) -> _Frame | None:
        floor = self.floor(prefixes.shape[1] + 1)
        # float32 may round a total down, so the first filter has a small tolerance.
        least = (floor - totals - 1e-4).float()[:, None]
        rows, tokens = ((allowed > least) & allowed.isfinite()).nonzero(as_tuple=True)
        grown = totals[rows] + allowed[rows, tokens].double()
        order = grown.argsort(descending=True, stable=True)
        order = order[grown[order] > floor]
        return _Frame(state, rows[order], tokens[order], grown[order], prefixes) if len(order) else None

    def _end(self, prefixes: Tensor, totals: Tensor, number: int) -> None:
        row = int(totals.argmax())
        total = float(totals[row])
        score = total / length_penalty(number, self._options.alpha)
        if total > float("-inf") and (self.best is None or score > self.best.score):
            self.best = Hypothesis((*prefixes[row, 1:].tolist(), END), total, score, True)

    def _record_empty(self, allowed: Tensor) -> None:
        total = float(allowed[END])
        if total > float("-inf"):
            self.empty = Hypothesis((END,), total, total / length_penalty(1, self._options.alpha), True)
            self.empty_rank = 1 + int((allowed > allowed[END]).sum())

    def _memory_of(self, rows: int) -> SourceMemory:
        if len(self._rows_memory.mask) != rows:
            first = torch.zeros(rows, dtype=torch.long, device=self._memory.mask.device)
            self._rows_memory = self._memory.select(first)
        return self._rows_memory
