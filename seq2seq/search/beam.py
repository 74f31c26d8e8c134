"""The one search: greedy, beam and sampling over a batch of sources, by the rules of slots and bounds.

Rules. A source has `size` slots. Of all extensions of its live hypotheses the best (size - finished) are kept; an
end token counts only among them, and a finished hypothesis keeps its slot. So the live width shrinks, and a beam
of 1 is greedy at every alpha. A source stops when no slot is live, or when its n-th best finished score is at
least the bound of every live hypothesis.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from seq2seq.errors import ConfigError
from seq2seq.search.choose import choose
from seq2seq.search.options import Sample, SearchOptions, length_penalty
from seq2seq.search.protocol import Recorder, SourceMemory, Step, StepDecoder
from seq2seq.text import END, PAD, START

STOP_RULE = "no slot is live, or the n-th best finished score is at least the bound of every live hypothesis"


def bound_rule(alpha: float) -> str:
    """Return in words the best score that a live hypothesis can still reach."""
    longest = "its total / lp(longest allowed length)"
    return longest if alpha >= 0 else "its total / lp(shortest length that it can still end at)"


class Hypothesis(NamedTuple):
    """One output of a search. Scores are natural logarithms and count the end token."""

    tokens: tuple[int, ...]  # with the end token, if finished
    log_prob: float  # total
    score: float  # total / lp(length)
    finished: bool  # False: cut off at the longest allowed length


class Lengths(NamedTuple):
    """The shortest and the longest allowed length of each source, (batch,)."""

    shortest: Tensor
    longest: Tensor


@dataclass
class _Live:
    """The live hypotheses of all sources, by source and then by rank."""

    source: Tensor  # (rows,)
    totals: Tensor  # (rows,), float64
    tokens: Tensor  # (rows, length so far)


def allowed_lengths(mask: Tensor, options: SearchOptions) -> Lengths:
    """Return the lengths allowed for each source; the default longest is 2 x source + 10.

    Raises ConfigError if the shortest or the prefix is longer than the longest.
    """
    sizes = mask.sum(1)
    longest = sizes * 2 + 10 if options.max_length is None else torch.full_like(sizes, options.max_length)
    shortest = torch.full_like(sizes, options.min_length)
    for name, length in (("minimum length", options.min_length), ("forced prefix", len(options.prefix))):
        if bool((longest < length).any()):
            raise ConfigError(
                f"The {name} of {length} is over the longest allowed output of {int(longest.min())} tokens; "
                "shorten it or allow longer outputs."
            )
    return Lengths(shortest, longest)


@torch.inference_mode()
def search(
    decoder: StepDecoder,
    memory: SourceMemory,
    options: SearchOptions,
    recorder: Recorder | None = None,
    lines: Sequence[int] | None = None,
    widths: Sequence[int] | None = None,
) -> list[list[Hypothesis]]:
    """Return the n best hypotheses of each source, best first.

    lines: for sampling, the number of each source in its file, which seeds its generator with the seed.
    widths: the slots of each source, in place of the mode's own.
    If nothing finished within the longest allowed length, the best cut-off hypothesis comes back, flagged. A
    recorder may end the search; what has finished until then comes back, which may be nothing.
    Raises ConfigError if the lengths or the prefix do not fit together.
    """
    mask = memory.mask
    lengths = allowed_lengths(mask, options)
    batch, device = mask.shape[0], mask.device
    sampling = options.mode if isinstance(options.mode, Sample) else None
    # A sample has all its slots from the start, since its hypotheses do not compete.
    copies = options.width if sampling else 1
    source = torch.arange(batch, device=device).repeat_interleave(copies)
    live = _Live(
        source,
        torch.zeros(len(source), dtype=torch.float64, device=device),
        torch.full((len(source), 1), START, device=device),
    )
    pool = _Pool(torch.tensor(widths or [options.width] * batch, device=device), options)
    generators = _generators(sampling, lines or range(batch))
    state = decoder.start(memory)
    if copies > 1:
        state = state.select(source)
    rows_memory = memory if copies == 1 else memory.select(source)
    number = 0
    while len(live.source):
        number += 1
        logits, state, attention = decoder.step(live.tokens[:, -1], state, rows_memory)
        log_probs = logits.float().log_softmax(1)
        # A recorder is shown what the model said, so the forbidden tokens are struck out of a copy.
        allowed = log_probs if recorder is None else log_probs.clone()
        forbid(allowed, number, lengths.shortest[live.source], options)
        parents, tokens, totals = _extend(allowed, live, pool.free, sampling, generators)
        finished = tokens == END
        seen = Step(number, live.source, live.totals, log_probs, attention, parents, tokens, finished)
        enough = recorder is not None and recorder.step(seen)
        extended = _Live(live.source[parents], totals, torch.cat([live.tokens[parents], tokens[:, None]], 1))
        stays = pool.take(extended, finished, number, lengths)
        if enough:
            break
        stays_rows = stays.nonzero().flatten()
        previous = live.source
        live = _Live(extended.source[stays], extended.totals[stays], extended.tokens[stays])
        rows = parents[stays_rows]
        state = state.select(rows)
        if not torch.equal(live.source, previous):
            # Rows of one source share its memory, so it is copied only when a source gains or loses rows.
            rows_memory = memory.select(live.source)
    return pool.best()


def forbid(log_probs: Tensor, number: int, shortest: Tensor, options: SearchOptions) -> None:
    """Write -inf into log_probs (rows, vocabulary) where a token must not come at this step."""
    if number <= len(options.prefix):
        forced = options.prefix[number - 1]
        if forced >= log_probs.shape[1]:
            raise ConfigError(
                f"The forced prefix has token {forced}, the last one is {log_probs.shape[1] - 1}; take it out."
            )
        alone = log_probs[:, forced].clone()
        log_probs.fill_(float("-inf"))
        log_probs[:, forced] = alone
        return
    log_probs[:, [PAD, START]] = float("-inf")
    log_probs[:, END].masked_fill_(shortest > number, float("-inf"))


def _extend(
    allowed: Tensor,
    live: _Live,
    free: Tensor,
    sampling: Sample | None,
    generators: list[torch.Generator],
) -> tuple[Tensor, Tensor, Tensor]:
    """Return parent rows, tokens and totals of the extensions that fit into each source's free slots.

    They come by source, then by total, equal totals by the lower token id and the better parent.
    """
    if sampling:
        picked = choose(allowed, 1, sampling, [generators[line] for line in live.source.tolist()])
    else:
        picked = choose(allowed, int(free.max()))  # (rows, count)
    count = picked.shape[1]
    totals = (live.totals[:, None] + allowed.gather(1, picked).double()).flatten()
    tokens = picked.flatten()
    parents = torch.arange(len(live.source), device=tokens.device).repeat_interleave(count)
    possible = totals.isfinite().nonzero().flatten()
    order = _sorted(live.source[parents], totals, tokens, possible)
    source = live.source[parents[order]]
    place = torch.arange(len(order), device=order.device) - torch.searchsorted(source, source)
    kept = order[place < free[source]]
    return parents[kept], tokens[kept], totals[kept]


def _sorted(source: Tensor, totals: Tensor, tokens: Tensor, among: Tensor) -> Tensor:
    """Return `among`, sorted by source, falling total, rising token; what is equal stays as it was."""
    order = among[tokens[among].argsort(stable=True)]
    order = order[totals[order].argsort(descending=True, stable=True)]
    return order[source[order].argsort(stable=True)]


def _generators(sampling: Sample | None, lines: Sequence[int]) -> list[torch.Generator]:
    """Return one generator for each line; the rows of one line share it."""
    if sampling is None:
        return []
    # Any fixed mixing will do, as long as neighbouring seeds and lines part; 2**31 - 1 is prime.
    seeds = [(sampling.seed * 1_000_003 + line * 7_919 + 1) % (2**31 - 1) for line in lines]
    return [torch.Generator().manual_seed(seed) for seed in seeds]


class _Pool:
    """The finished hypotheses of each source, and the slots that they leave free."""

    def __init__(self, free: Tensor, options: SearchOptions) -> None:
        """free: (batch,), the slots of each source."""
        self.options = options
        self.free = free
        self._finished: list[list[Hypothesis]] = [[] for _ in free]
        self._cut_off: list[list[Hypothesis]] = [[] for _ in free]
        # The n-th best finished score of each source, -inf while there are fewer.
        self._nth = torch.full_like(free, float("-inf"), dtype=torch.float64)

    def take(self, extended: _Live, finished: Tensor, number: int, lengths: Lengths) -> Tensor:
        """Take the hypotheses that have ended; return which ones go on, (kept,)."""
        cut_off = ~finished & (lengths.longest[extended.source] <= number)
        for row in (finished | cut_off).nonzero().flatten().tolist():
            self._put(extended, row, bool(finished[row]), number)
        stays = ~finished & ~cut_off
        return stays & ~self._settled(extended, stays, number, lengths)[extended.source]

    def _put(self, extended: _Live, row: int, finished: bool, number: int) -> None:
        total, source = float(extended.totals[row]), int(extended.source[row])
        score = total / length_penalty(number, self.options.alpha)
        hypothesis = Hypothesis(tuple(extended.tokens[row, 1:].tolist()), total, score, finished)
        pool = (self._finished if finished else self._cut_off)[source]
        pool.append(hypothesis)
        # Stable, so that of two equal scores the one that ended first stays ahead.
        pool.sort(key=lambda one: -one.score)
        if finished:
            self.free[source] -= 1
            if len(pool) >= self.options.n_best:
                self._nth[source] = pool[self.options.n_best - 1].score

    def _settled(self, extended: _Live, stays: Tensor, number: int, lengths: Lengths) -> Tensor:
        """Return for each source whether its n-th best finished score is out of reach, (batch,)."""
        if isinstance(self.options.mode, Sample):
            return torch.zeros_like(self.free, dtype=torch.bool)  # each sample is wanted for itself
        best = torch.full_like(self._nth, float("-inf"))
        best.scatter_reduce_(0, extended.source[stays], extended.totals[stays], "amax")
        alpha = self.options.alpha
        at = lengths.longest if alpha >= 0 else lengths.shortest.clamp_min(number + 1)
        penalty = ((5.0 + at.double()) / 6.0) ** alpha
        return (self._nth >= best / penalty) & self._nth.isfinite()

    def best(self) -> list[list[Hypothesis]]:
        """Return the n best of each source; the best cut-off one where none has finished.

        Every sample is returned, finished or not, since each was asked for by itself.
        """
        pairs = zip(self._finished, self._cut_off, strict=True)
        if isinstance(self.options.mode, Sample):
            return [sorted(done + cut, key=lambda one: (not one.finished, -one.score)) for done, cut in pairs]
        return [done[: self.options.n_best] if done else cut[:1] for done, cut in pairs]
