"""Greedy search, beam search and sampling over a batch of sources, in one implementation with slots and bounds.

Rules. A source has `size` slots. Of all extensions of its live hypotheses the best (size - finished) are kept; an
end token counts only among them, and a finished hypothesis keeps its slot. So the live width shrinks, and a beam
of 1 is greedy at every alpha. A source stops when no slot is live, or when its n-th best finished score is at
least the bound of every live hypothesis.

With groups (diverse beam search), each group of a source is a lane with its own slots, and the rules hold per lane;
a source stops when all of its lanes do. Without groups, a source is a single lane.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from seq2seq.errors import ConfigError
from seq2seq.search.choosing import choose
from seq2seq.search.options import Beam, Sample, SearchOptions, length_penalty
from seq2seq.search.protocol import Recorder, SourceMemory, Step, StepDecoder
from seq2seq.search.rules import coverage_penalty, extend_groups, forbid_repeats
from seq2seq.text import END, PAD, START

STOP_RULE = "no slot is live, or the n-th best finished score is at least the bound of every live hypothesis"

SENTENCE_STRIDE = 2**33  # seed offset between consecutive sentences of a line; no file has that many lines


def bound_rule(options: SearchOptions) -> str:
    """Return a description of the best score that a live hypothesis can still reach."""
    longest = "its total / lp(longest allowed length)"
    bound = longest if options.alpha >= 0 else "its total / lp(shortest length that it can still end at)"
    return f"{bound}, with nothing off for coverage" if options.coverage else bound


class Hypothesis(NamedTuple):
    """One output of a search. Scores are natural logarithms and count the end token."""

    tokens: tuple[int, ...]  # with the end token, if finished
    log_prob: float  # total
    score: float  # total / lp(length), plus the coverage penalty (at most 0)
    finished: bool  # False: truncated at the longest allowed length


class Lengths(NamedTuple):
    """The shortest and the longest allowed length of each source, (batch,)."""

    shortest: Tensor
    longest: Tensor

    def lanes(self, groups: int) -> "Lengths":
        """Return the lengths of each lane."""
        return Lengths(*(each.repeat_interleave(groups) for each in self))


@dataclass
class _Live:
    """The live hypotheses of all lanes, by lane and then by rank."""

    lane: Tensor  # (rows,)
    totals: Tensor  # (rows,), float64
    tokens: Tensor  # (rows, length so far)
    covered: Tensor | None  # (rows, source), attention summed over all steps, if a coverage penalty needs it

    def select(self, rows: Tensor) -> "_Live":
        covered = None if self.covered is None else self.covered[rows]
        return _Live(self.lane[rows], self.totals[rows], self.tokens[rows], covered)


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

    lines: for sampling, the line number of each source in its file, which together with the seed seeds its
        generator; SENTENCE_STRIDE is added for each further sentence of a line.
    widths: the number of slots of each source, in place of the mode's own.
    If nothing finished within the longest allowed length, the best truncated hypothesis is returned, flagged. A
    recorder may end the search; the hypotheses finished so far are then returned, possibly none.
    Raises ConfigError if the lengths and the prefix are incompatible, or a coverage penalty is used with a decoder
    without attention.
    """
    mask = memory.mask
    groups = options.groups
    lengths = allowed_lengths(mask, options).lanes(groups)
    batch, device = mask.shape[0], mask.device
    sampling = options.mode if isinstance(options.mode, Sample) else None
    # A sample has all its slots from the start, since its hypotheses do not compete.
    copies = options.width if sampling else groups
    source = torch.arange(batch, device=device).repeat_interleave(copies)
    live = _Live(
        source if sampling else torch.arange(len(source), device=device),
        torch.zeros(len(source), dtype=torch.float64, device=device),
        torch.full((len(source), 1), START, device=device),
        torch.zeros(len(source), mask.shape[1], device=device) if options.coverage else None,
    )
    slots = torch.tensor(widths or [options.width] * batch, device=device)
    pool = _Pool((slots // groups).repeat_interleave(groups), options, mask)
    generators = _generators(sampling, lines or range(batch))
    state = decoder.start(memory)
    if copies > 1:
        state = state.select(source)
    rows_memory = memory if copies == 1 else memory.select(source)
    number = 0
    while len(live.lane):
        number += 1
        logits, state, attention = decoder.step(live.tokens[:, -1], state, rows_memory)
        log_probs = logits.float().log_softmax(1)
        # A recorder gets the model's own log-probabilities, so forbidden tokens are masked in a copy.
        allowed = log_probs if recorder is None else log_probs.clone()
        ends = allowed[:, END].clone()
        forbid(allowed, number, lengths.shortest[live.lane], options)
        if options.no_repeat and number > len(options.prefix):
            forbid_repeats(allowed, live.tokens[:, 1:], options.no_repeat, ends)
        parents, tokens, totals = _extend(allowed, live, pool.free, options, generators)
        finished = tokens == END
        seen = Step(number, live.lane // groups, live.totals, log_probs, attention, parents, tokens, finished)
        enough = recorder is not None and recorder.step(seen)
        said = torch.cat([live.tokens[parents], tokens[:, None]], 1)
        extended = _Live(live.lane[parents], totals, said, _covered(live, attention, parents))
        stays = pool.take(extended, finished, number, lengths).nonzero().flatten()
        if enough:
            break
        previous = live.lane
        live = extended.select(stays)
        state = state.select(parents[stays])
        if not torch.equal(live.lane, previous):
            # Rows of one source have the same memory: it is gathered only when a source gains or loses rows.
            rows_memory = memory.select(live.lane // groups)
    return pool.best()


def _covered(live: _Live, attention: Tensor | None, parents: Tensor) -> Tensor | None:
    """Return the extensions' attention summed over their steps, (kept, source), if coverage is tracked."""
    if live.covered is None:
        return None
    if attention is None:
        raise ConfigError("This model has no attention, so it has no coverage; leave the coverage penalty out.")
    return (live.covered + attention.float())[parents]


def forbid(log_probs: Tensor, number: int, shortest: Tensor, options: SearchOptions) -> None:
    """Write -inf into log_probs (rows, vocabulary) for the tokens that are not allowed at this step."""
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
    if options.not_next and number == len(options.prefix) + 1:
        log_probs[:, list(options.not_next)] = float("-inf")
    log_probs[:, END].masked_fill_(shortest > number, float("-inf"))


def _extend(
    allowed: Tensor, live: _Live, free: Tensor, options: SearchOptions, generators: list[torch.Generator]
) -> tuple[Tensor, Tensor, Tensor]:
    """Return parent rows, tokens and totals of the extensions that fit into each lane's free slots.

    They are sorted by lane, then by the selection score, ties by the lower token id and the better parent.
    """
    mode = options.mode
    if isinstance(mode, Beam) and mode.groups > 1:
        source, group = live.lane // mode.groups, live.lane % mode.groups
        parents, tokens, totals = extend_groups(
            allowed, source, group, mode.diversity, lambda rows, by: _best_extensions(by, live.select(rows), free)
        )
        order = live.lane[parents].argsort(stable=True)
        return parents[order], tokens[order], totals[order]
    return _best_extensions(allowed, live, free, mode if isinstance(mode, Sample) else None, generators)


def _best_extensions(
    allowed: Tensor,
    live: _Live,
    free: Tensor,
    sampling: Sample | None = None,
    generators: Sequence[torch.Generator] = (),
) -> tuple[Tensor, Tensor, Tensor]:
    if sampling:
        picked = choose(allowed, 1, sampling, [generators[line] for line in live.lane.tolist()])
    else:
        picked = choose(allowed, int(free.max()))  # (rows, count)
    count = picked.shape[1]
    totals = (live.totals[:, None] + allowed.gather(1, picked).double()).flatten()
    tokens = picked.flatten()
    parents = torch.arange(len(live.lane), device=tokens.device).repeat_interleave(count)
    possible = totals.isfinite().nonzero().flatten()
    order = _sorted(live.lane[parents], totals, tokens, possible)
    lane = live.lane[parents[order]]
    place = torch.arange(len(order), device=order.device) - torch.searchsorted(lane, lane)
    kept = order[place < free[lane]]
    return parents[kept], tokens[kept], totals[kept]


def _sorted(lane: Tensor, totals: Tensor, tokens: Tensor, among: Tensor) -> Tensor:
    """Return `among` sorted by lane, descending total, ascending token; the sort is stable."""
    order = among[tokens[among].argsort(stable=True)]
    order = order[totals[order].argsort(descending=True, stable=True)]
    return order[lane[order].argsort(stable=True)]


def _generators(sampling: Sample | None, lines: Sequence[int]) -> list[torch.Generator]:
    """Return one generator for each line; the rows of one line share it."""
    if sampling is None:
        return []
    # Any fixed hash will do that separates neighbouring seeds, lines and sentences; 2**31 - 1 is prime.
    parts = [divmod(line, SENTENCE_STRIDE) for line in lines]
    mixed = [sampling.seed * 1_000_003 + line * 7_919 + sentence * 15_485_863 + 1 for sentence, line in parts]
    return [torch.Generator().manual_seed(each % (2**31 - 1)) for each in mixed]


class _Pool:
    """The finished hypotheses of each lane, and the slots that they leave free."""

    def __init__(self, free: Tensor, options: SearchOptions, mask: Tensor) -> None:
        """free: (lanes,), the slots of each. mask: (batch, source)."""
        self.options = options
        self.free = free
        self._mask = mask
        self._finished: list[list[Hypothesis]] = [[] for _ in free]
        self._cut_off: list[list[Hypothesis]] = [[] for _ in free]
        # The n-th best finished score of each lane, -inf while there are fewer.
        self._nth = torch.full_like(free, float("-inf"), dtype=torch.float64)

    def take(self, extended: _Live, finished: Tensor, number: int, lengths: Lengths) -> Tensor:
        """Store the hypotheses that have ended; return a mask of those that stay live, (kept,)."""
        cut_off = ~finished & (lengths.longest[extended.lane] <= number)
        ended = (finished | cut_off).nonzero().flatten()
        if len(ended):
            for row, score in zip(ended.tolist(), self._scores(extended.select(ended), number), strict=True):
                self._put(extended, row, bool(finished[row]), score)
        stays = ~finished & ~cut_off
        return stays & ~self._settled(extended, stays, number, lengths)[extended.lane]

    def _scores(self, ended: _Live, number: int) -> list[float]:
        scores = ended.totals / length_penalty(number, self.options.alpha)
        if ended.covered is not None:
            mask = self._mask[ended.lane // self.options.groups]
            scores = scores + self.options.coverage * coverage_penalty(ended.covered, mask)
        found: list[float] = scores.tolist()
        return found

    def _put(self, extended: _Live, row: int, finished: bool, score: float) -> None:
        total, lane = float(extended.totals[row]), int(extended.lane[row])
        hypothesis = Hypothesis(tuple(extended.tokens[row, 1:].tolist()), total, score, finished)
        pool = (self._finished if finished else self._cut_off)[lane]
        pool.append(hypothesis)
        # Stable, so that of two equal scores the one that ended first ranks first.
        pool.sort(key=lambda one: -one.score)
        if finished:
            self.free[lane] -= 1
            if len(pool) >= self.options.n_best:
                self._nth[lane] = pool[self.options.n_best - 1].score

    def _settled(self, extended: _Live, stays: Tensor, number: int, lengths: Lengths) -> Tensor:
        """Return for each lane whether no live hypothesis of its source can still improve the n best, (lanes,)."""
        if isinstance(self.options.mode, Sample):
            return torch.zeros_like(self.free, dtype=torch.bool)  # samples do not compete
        best = torch.full_like(self._nth, float("-inf"))
        best.scatter_reduce_(0, extended.lane[stays], extended.totals[stays], "amax")
        alpha = self.options.alpha
        at = lengths.longest if alpha >= 0 else lengths.shortest.clamp_min(number + 1)
        penalty = ((5.0 + at.double()) / 6.0) ** alpha
        settled = (self._nth >= best / penalty) & (self._nth.isfinite() | best.isneginf())
        groups = self.options.groups
        return settled.view(-1, groups).all(1).repeat_interleave(groups)

    def best(self) -> list[list[Hypothesis]]:
        """Return the n best of each source; the best truncated one where none has finished.

        With sampling all samples are returned, finished or not. Duplicate outputs of several groups are merged.
        """
        groups = self.options.groups
        done, cut = (
            [_merged(lanes[i : i + groups]) for i in range(0, len(lanes), groups)]
            for lanes in (self._finished, self._cut_off)
        )
        pairs = zip(done, cut, strict=True)
        if isinstance(self.options.mode, Sample):
            return [sorted(done + cut, key=lambda one: (not one.finished, -one.score)) for done, cut in pairs]
        return [done[: self.options.n_best] if done else cut[:1] for done, cut in pairs]


def _merged(lanes: Sequence[list[Hypothesis]]) -> list[Hypothesis]:
    """Return the hypotheses of all lanes of a source, best first; of duplicate outputs only the first."""
    if len(lanes) == 1:
        return lanes[0]
    distinct = {one.tokens: one for lane in reversed(lanes) for one in reversed(lane)}
    return sorted(distinct.values(), key=lambda one: -one.score)
