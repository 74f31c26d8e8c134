"""Why a search missed an expected output: where it was pruned, and whether search or model is to blame."""

from collections import Counter
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

import torch

from seq2seq.search import (
    PrefixSharingDecoder,
    RepeatedSource,
    SearchOptions,
    Step,
    beam_options,
    forbid,
    length_penalty,
    longest_lengths,
    search,
)
from seq2seq.search.protocol import SourceMemory
from seq2seq.session import Session
from seq2seq.text import END, UNKNOWN, normalise
from seq2seq.trace import Trace
from seq2seq.trace.view import output_noun

WIDTHS = range(1, 51)
TOLERANCE = 1e-6  # scores that differ by less count as equal


class Verdict(Enum):
    """Search error or model error (Stahlberg and Byrne 2019), in one sentence."""

    FOUND = "found"
    SEARCH_ERROR = "search error"
    MODEL_ERROR = "model error"
    UNDECIDED = "undecided"


class ScoredOutput(NamedTuple):
    """An output and its model score, by forced decoding."""

    text: str
    tokens: tuple[int, ...]  # with the end token, if finished
    pieces: tuple[str, ...]
    log_prob: float  # natural log, total
    score: float  # total / lp(length)


class RankAtStep(NamedTuple):
    """Rank of the expected prefix among all extensions of one step."""

    step: int
    piece: str
    rank: int  # by total, from 1, among the allowed extensions
    beam_cutoff: int  # how many were kept
    total: float  # natural log
    cutoff_total: float  # total of the last one kept

    @property
    def kept(self) -> bool:
        """Whether it stayed in the beam."""
        return self.rank <= self.beam_cutoff

    @property
    def gap(self) -> float:
        """How far its log-probability was below that of the last one kept; negative if it was above."""
        return self.cutoff_total - self.total


class Autopsy(NamedTuple):
    """Everything found out about an expected output."""

    expected: ScoredOutput
    winner: ScoredOutput
    verdict: Verdict
    reason: str  # the verdict with its figures, one sentence
    ranks: tuple[RankAtStep, ...]  # up to the step at which it was pruned or finished, or the search stopped
    widths: tuple[int, ...]  # beam widths tried
    survived: tuple[int, ...]  # widths at which it stayed in the beam to the end, ascending; there may be gaps

    @property
    def pruned_at(self) -> RankAtStep | None:
        """The step at which it was pruned, or None if it never was."""
        return self.ranks[-1] if self.ranks and not self.ranks[-1].kept else None


@torch.inference_mode()
def autopsy(session: Session, trace: Trace, expected: str, widths: Sequence[int] = WIDTHS) -> Autopsy:
    """Return why the search of `trace` did or did not end with the output `expected`.

    Both outputs are scored by forced decoding at the trace's alpha. If the expected one scores higher, it is a
    search error; if the winner does, it is a model error, since even exact search would not have ended with the
    expected one. Undecided means that they can't be compared, or that the scores are equal within 1e-6.
    An output survives at a width if that search, with otherwise the trace's options, has it in the beam when it
    stops: finished or still live. Raises ConfigError for a trace of samples.
    """
    options = beam_options(trace.options)
    decoder, memory = session.edited_decoder(trace.edits), session.memory
    winner_tokens = tuple(trace.nodes.token[node] for node in trace.path(trace.best.leaf))
    tokens = (*session.tokens(expected), END)
    # The model may segment the same text into other pieces; then those are what was found.
    found = trace.best.finished and normalise(trace.best.text) == normalise(session.prepare(expected))
    tokens = winner_tokens if found else tokens
    both = [tokens[:-1], winner_tokens[:-1] if trace.best.finished else winner_tokens]
    forced = session.score(both, trace.edits)
    expected_output, other = (
        _scored(session, ids, values[: len(ids)], options.alpha)
        for ids, values in zip((tokens, winner_tokens), forced, strict=True)
    )
    if found:
        expected_output = other  # on some processors the rows of one matrix product differ in the last bits
    noun = output_noun(trace)
    unreachable = _why_unreachable(tokens, memory, options, noun)
    verdict, reason = _judge(expected_output, other, trace.best.finished, unreachable, noun)
    tried = tuple(sorted(set(widths)))
    if unreachable:
        return Autopsy(expected_output, other, verdict, reason, (), tried, ())
    ranker = _Ranker(tokens, options)
    search(decoder, memory, options, ranker)
    pieces = expected_output.pieces
    ranks = tuple(place._replace(piece=pieces[place.step - 1]) for place in ranker.ranks)
    follower = _Follower(tokens, len(tried))
    copies = RepeatedSource.of(memory, len(tried))
    search(PrefixSharingDecoder(decoder, memory), copies, options, follower, widths=tried)
    survived = tuple(width for place, width in enumerate(tried) if place in follower.alive)
    return Autopsy(expected_output, other, verdict, reason, ranks, tried, survived)


def _scored(session: Session, tokens: tuple[int, ...], values: Sequence[float], alpha: float) -> ScoredOutput:
    total = sum(values)
    pieces = tuple(session.pieces(tokens))
    return ScoredOutput(session.text(tokens), tokens, pieces, total, total / length_penalty(len(tokens), alpha))


def _why_unreachable(
    tokens: tuple[int, ...], memory: SourceMemory, options: SearchOptions, noun: str
) -> str | None:
    """Return why no search with these options can end with `tokens`, or None if one may."""
    shortest, longest = options.min_length, int(longest_lengths(memory.mask, options)[0])
    if tokens == (END,):
        return f"the expected {noun} is empty"
    if UNKNOWN in tokens:
        return f"the vocabulary can't spell the expected {noun}"
    if not shortest <= len(tokens) <= longest:
        return f"the expected {noun} has {len(tokens)} tokens, and {shortest} to {longest} are allowed"
    if tokens[: len(options.prefix)] != options.prefix:
        return f"the expected {noun} does not begin as the search was forced to"
    return None


def _judge(
    expected_output: ScoredOutput, other: ScoredOutput, finished: bool, unreachable: str | None, noun: str
) -> tuple[Verdict, str]:
    """Return the verdict on the expected output and the winner, and a sentence with the scores."""
    if expected_output.tokens == other.tokens:
        return Verdict.FOUND, f"The search found the expected {noun}."
    if unreachable:
        return Verdict.UNDECIDED, f"Undecided: {unreachable}."
    if not finished:
        return (Verdict.SEARCH_ERROR, "Search error: the search finished nothing, but the expected one can finish.")
    scores = f"scores the expected {noun} {expected_output.score:.3f} and the winner {other.score:.3f}".replace(
        "-", "−"
    )
    if abs(expected_output.score - other.score) <= TOLERANCE:
        return Verdict.UNDECIDED, f"Undecided: the model {scores}, which is the same."
    if expected_output.score > other.score:
        return Verdict.SEARCH_ERROR, f"Search error: the model {scores}, but the search lost the better one."
    return Verdict.MODEL_ERROR, f"Model error: the model {scores}, so a perfect search would not find it."


class _Follower:
    """Tracks one output through a search, or through several searches for copies of one source.

    Ends the search once the output is pruned or finished in all of them.
    """

    def __init__(self, tokens: Sequence[int], copies: int) -> None:
        self.tokens = tokens
        self.alive = set(range(copies))  # copies in which it has not been pruned
        self._places = dict.fromkeys(range(copies), 0)  # index of its prefix among a copy's live hypotheses

    def rows(self, step: Step) -> dict[int, int]:
        """Return the copy of each row that holds the output's prefix."""
        first: dict[int, int] = {}
        for row, source in enumerate(step.source.tolist()):
            first.setdefault(source, row)
        # A stopped copy has no rows left; what was in its beam when it stopped has survived.
        return {first[source] + place: source for source, place in self._places.items() if source in first}

    def step(self, step: Step) -> bool:
        """Record a step; return True if the search can end."""
        rows = self.rows(step)
        sources, token = step.source.tolist(), self.tokens[step.number - 1]
        kept: set[int] = set()
        ranks: dict[int, int] = {}
        live = Counter[int]()
        for parent, chosen, finished in zip(
            step.parents.tolist(), step.tokens.tolist(), step.finished.tolist(), strict=True
        ):
            source = sources[parent]
            if parent in rows and chosen == token:
                kept.add(source)
                if not finished:
                    ranks[source] = live[source]
            live[source] += not finished
        self.alive -= set(rows.values()) - kept
        self._places = ranks
        return not ranks


class _Ranker:
    """Tracks one output through one search and records its rank at every step."""

    def __init__(self, tokens: Sequence[int], options: SearchOptions) -> None:
        self._follower = _Follower(tokens, 1)
        self._options = options
        self.ranks: list[RankAtStep] = []

    def step(self, step: Step) -> bool:
        """Record a step; return True if the search can end."""
        (row,), token = self._follower.rows(step), self._follower.tokens[step.number - 1]
        allowed = step.log_probs.clone()
        forbid(allowed, step.number, self._options)
        allowed = allowed.double()
        totals = step.totals[:, None] + allowed  # (rows, vocabulary)
        own = totals[row, token]
        # Ties are broken by the lower token id, then by the better hypothesis, as in the search.
        tied = (totals == own).nonzero()
        before = sum((other, place) < (token, row) for place, other in tied.tolist())
        cutoff_total = totals[step.parents[-1], step.tokens[-1]]
        rank = 1 + int((totals > own).sum()) + before
        self.ranks.append(RankAtStep(step.number, "", rank, len(step.tokens), float(own), float(cutoff_total)))
        return self._follower.step(step)
