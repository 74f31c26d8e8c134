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

import numpy as np
import torch
from torch import Tensor

from seq2seq.errors import ConfigError
from seq2seq.search.arrays import Array, as_array, on
from seq2seq.search.choosing import best_tokens, choose
from seq2seq.search.options import Beam, Sample, SearchOptions, length_penalty
from seq2seq.search.protocol import Recorder, SourceMemory, Step, StepDecoder
from seq2seq.search.rules import Extensions, coverage_penalty, extend_groups, forbid_repeats
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


@dataclass
class _Live:
    """The live hypotheses of all lanes, by lane and then by rank."""

    lane: Array  # (rows,)
    totals: Array  # (rows,), float64
    tokens: Array  # (rows, length so far)
    covered: Tensor | None  # (rows, source), attention summed over all steps, if a coverage penalty needs it

    def select(self, rows: Array) -> "_Live":
        covered = None if self.covered is None else self.covered[on(self.covered.device, rows)]
        return _Live(self.lane[rows], self.totals[rows], self.tokens[rows], covered)


def longest_lengths(mask: Tensor, options: SearchOptions) -> Array:
    """Return the longest allowed length of each source, (batch,); the default is 2 x source + 10.

    Raises ConfigError if the minimum length or the prefix is longer than that.
    """
    sizes: Array = as_array(mask.sum(1))
    longest: Array = sizes * 2 + 10 if options.max_length is None else np.full_like(sizes, options.max_length)
    for name, length in (("minimum length", options.min_length), ("forced prefix", len(options.prefix))):
        if (longest < length).any():
            raise ConfigError(
                f"The {name} of {length} is over the longest allowed output of {int(longest.min())} tokens; "
                "shorten it or allow longer outputs."
            )
    return longest


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
    longest = longest_lengths(mask, options).repeat(groups)
    batch, device = len(mask), mask.device
    sampling = options.mode if isinstance(options.mode, Sample) else None
    # A sample has all its slots from the start, since its hypotheses do not compete.
    copies = options.width if sampling else groups
    source = np.arange(batch).repeat(copies)
    live = _Live(
        source if sampling else np.arange(len(source)),
        np.zeros(len(source)),
        np.full((len(source), 1), START),
        torch.zeros(len(source), mask.shape[1], device=device) if options.coverage else None,
    )
    slots = np.array(widths or [options.width] * batch) // groups
    pool = _Pool(slots.repeat(groups), longest, options, mask)
    generators = _generators(sampling, lines or range(batch))
    state, rows_memory = decoder.start(memory), memory
    if copies > 1:
        state, rows_memory = (each.select(on(device, source)) for each in (state, memory))
    number = 0
    while len(live.lane):
        number += 1
        logits, state, attention = decoder.step(on(device, live.tokens[:, -1]), state, rows_memory)
        log_probs = logits.float().log_softmax(1)
        # A recorder gets the model's own log-probabilities, so forbidden tokens are masked in a copy.
        allowed = log_probs if recorder is None else log_probs.clone()
        _forbid_all(allowed, live, number, options)
        parents, tokens, totals = _extend(allowed, live, pool.free, options, generators)
        finished = tokens == END
        said = np.concatenate([live.tokens[parents], tokens[:, None]], 1)
        extended = _Live(live.lane[parents], totals, said, _covered(live, attention, parents))
        enough = recorder is not None and recorder.step(
            Step(
                number, on(device, live.lane // groups), on(device, live.totals), log_probs, attention,
                *(on(device, each) for each in (parents, tokens, finished)),
            )
        )  # fmt: skip
        stays = np.flatnonzero(pool.take(extended, finished, number))
        if enough:
            break
        previous, live = live.lane, extended.select(stays)
        rows = parents[stays]
        if not _same(rows, np.arange(len(previous))):
            state = state.select(on(device, rows))
        if not _same(live.lane, previous):
            # Rows of one source have the same memory: it is gathered only when a source gains or loses rows.
            rows_memory = memory.select(on(device, live.lane // groups))
    return pool.best()


def _same(one: Array, other: Array) -> bool:
    return len(one) == len(other) and bool((one == other).all())


def _covered(live: _Live, attention: Tensor | None, parents: Array) -> Tensor | None:
    """Return the extensions' attention summed over their steps, (kept, source), if coverage is tracked."""
    if live.covered is None:
        return None
    if attention is None:
        raise ConfigError("This model has no attention, so it has no coverage; leave the coverage penalty out.")
    return (live.covered + attention.float())[on(attention.device, parents)]


def _forbid_all(allowed: Tensor, live: _Live, number: int, options: SearchOptions) -> None:
    """Write -inf into `allowed` (rows, vocabulary), also where a token would repeat what its row has said."""
    blocks = options.no_repeat and number > len(options.prefix)
    ends = allowed[:, END].clone() if blocks else None
    forbid(allowed, number, options)
    if ends is not None:
        forbid_repeats(allowed, on(allowed.device, live.tokens[:, 1:]), options.no_repeat, ends)


def forbid(log_probs: Tensor, number: int, options: SearchOptions) -> None:
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
    for never in (PAD, START):
        log_probs[:, never] = float("-inf")
    if options.not_next and number == len(options.prefix) + 1:
        log_probs[:, list(options.not_next)] = float("-inf")
    if number < options.min_length:
        log_probs[:, END] = float("-inf")


def _extend(
    allowed: Tensor, live: _Live, free: Array, options: SearchOptions, generators: list[torch.Generator]
) -> Extensions:
    """Return parent rows, tokens and totals of the extensions that fit into each lane's free slots.

    They are sorted by lane, then by the selection score, ties by the lower token id and the better parent.
    """
    mode = options.mode
    if isinstance(mode, Beam) and mode.groups > 1:
        source, group = live.lane // mode.groups, live.lane % mode.groups
        parents, tokens, totals = extend_groups(
            allowed, source, group, mode.diversity, lambda rows, by: _best_extensions(by, live.select(rows), free)
        )
        order = live.lane[parents].argsort(kind="stable")
        return parents[order], tokens[order], totals[order]
    return _best_extensions(allowed, live, free, mode if isinstance(mode, Sample) else None, generators)


def _best_extensions(
    allowed: Tensor,
    live: _Live,
    free: Array,
    sampling: Sample | None = None,
    generators: Sequence[torch.Generator] = (),
) -> Extensions:
    if sampling:
        drawn = choose(allowed, 1, sampling, [generators[line] for line in live.lane.tolist()])
        values, picked = as_array(allowed.gather(1, drawn)), as_array(drawn)
    else:
        values, picked = best_tokens(allowed, min(int(free.max()), allowed.shape[1]))  # (rows, count)
    totals = (live.totals[:, None] + values).ravel()
    tokens = picked.ravel()
    parents = np.arange(len(live.lane)).repeat(picked.shape[1])
    lane = live.lane[parents]
    order = np.lexsort((tokens, -totals, lane))  # stable, by the last key first
    order = order[np.isfinite(totals[order])]
    lane = lane[order]
    place = np.arange(len(order)) - np.searchsorted(lane, lane)
    kept = order[place < free[lane]]
    return parents[kept], tokens[kept], totals[kept]


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

    def __init__(self, free: Array, longest: Array, options: SearchOptions, mask: Tensor) -> None:
        """free: the slots of each lane; longest: its longest allowed length, (lanes,). mask: (batch, source)."""
        self.options = options
        self.free = free
        self._longest = longest
        self._penalties = np.array([length_penalty(length, options.alpha) for length in longest.tolist()])
        self._mask = mask
        self._finished: list[list[Hypothesis]] = [[] for _ in free]
        self._cut_off: list[list[Hypothesis]] = [[] for _ in free]
        # The n-th best finished score of each lane, -inf while there are fewer.
        self._nth = np.full(len(free), float("-inf"))

    def take(self, extended: _Live, finished: Array, number: int) -> Array:
        """Store the hypotheses that have ended; return a mask of those that stay live, (kept,)."""
        over = finished | (self._longest[extended.lane] <= number)
        ended = np.flatnonzero(over)
        if len(ended):
            for row, score in zip(ended.tolist(), self._scores(extended.select(ended), number), strict=True):
                self._put(extended, row, bool(finished[row]), score)
        if isinstance(self.options.mode, Sample) or np.isneginf(self._nth).all():
            return ~over  # samples do not compete
        return ~over & ~self._settled(extended, ~over, number)[extended.lane]

    def _scores(self, ended: _Live, number: int) -> list[float]:
        scores = ended.totals / length_penalty(number, self.options.alpha)
        if ended.covered is not None:
            mask = self._mask[on(self._mask.device, ended.lane // self.options.groups)]
            scores = scores + self.options.coverage * as_array(coverage_penalty(ended.covered, mask))
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

    def _settled(self, extended: _Live, stays: Array, number: int) -> Array:
        """Return for each lane whether no live hypothesis of its source can still improve the n best, (lanes,)."""
        best = np.full_like(self._nth, float("-inf"))
        np.maximum.at(best, extended.lane[stays], extended.totals[stays])
        alpha, groups = self.options.alpha, self.options.groups
        soonest = max(self.options.min_length, number + 1)
        bound = best / (self._penalties if alpha >= 0 else length_penalty(soonest, alpha))
        settled: Array = (self._nth >= bound) & (np.isfinite(self._nth) | np.isneginf(best))
        return settled.reshape(-1, groups).all(1).repeat(groups)

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
