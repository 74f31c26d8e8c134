"""Slow and obvious versions of what the package does fast."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import NamedTuple

PAD, START, END = 0, 1, 2
NextLogProbs = Callable[[tuple[int, ...]], list[float]]


class Output(NamedTuple):
    """The fields of `search.Hypothesis`."""

    tokens: tuple[int, ...]
    log_prob: float
    score: float
    finished: bool


def penalty(length: int, alpha: float) -> float:
    return ((5 + length) / 6) ** alpha


def greedy(next_log_probs: NextLogProbs, shortest: int, longest: int) -> Output:
    """Return what taking the likeliest token at each step gives; the score is the total."""
    tokens: tuple[int, ...] = ()
    total = 0.0
    while True:
        log_probs = next_log_probs(tokens)
        allowed = [t for t in range(len(log_probs)) if _may_come(t, len(tokens) + 1, shortest)]
        best = max(allowed, key=lambda token: (log_probs[token], -token))
        tokens, total = (*tokens, best), total + log_probs[best]
        if best == END or len(tokens) == longest:
            return Output(tokens, total, total, best == END)


def every_output(next_log_probs: NextLogProbs, shortest: int, longest: int, alpha: float) -> Iterator[Output]:
    """Yield every finished output there is."""
    stack: list[tuple[tuple[int, ...], float]] = [((), 0.0)]
    while stack:
        tokens, total = stack.pop()
        length = len(tokens) + 1
        for token, log_prob in enumerate(next_log_probs(tokens)):
            if not _may_come(token, length, shortest) or log_prob == float("-inf"):
                continue
            if token == END:
                score = (total + log_prob) / penalty(length, alpha)
                yield Output((*tokens, token), total + log_prob, score, True)
            elif length < longest:
                stack.append(((*tokens, token), total + log_prob))


def beam(
    next_log_probs: NextLogProbs,
    *,
    size: int,
    n_best: int,
    alpha: float,
    shortest: int,
    longest: int,
    prefix: tuple[int, ...] = (),
) -> list[Output]:
    """Return the n best outputs of a beam search by the rules of slots, bounds and lengths."""
    live: list[tuple[tuple[int, ...], float]] = [((), 0.0)]
    finished: list[Output] = []
    cut_off: list[Output] = []
    for length in count(1):
        candidates = []
        for rank, (tokens, total) in enumerate(live):
            for token, log_prob in enumerate(next_log_probs(tokens)):
                if length <= len(prefix):
                    allowed = token == prefix[length - 1]
                else:
                    allowed = _may_come(token, length, shortest)
                if allowed and log_prob > float("-inf"):
                    candidates.append((-(total + log_prob), token, rank))
        candidates.sort()
        kept = candidates[: size - len(finished)]
        before, live = live, []
        for minus_total, token, rank in kept:
            tokens = (*before[rank][0], token)
            output = Output(tokens, -minus_total, -minus_total / penalty(length, alpha), token == END)
            if token == END:
                finished.append(output)
            elif length == longest:
                cut_off.append(output)
            else:
                live.append((tokens, -minus_total))
        finished.sort(key=lambda one: -one.score)
        if not live or _settled(finished, live, n_best, alpha, longest, max(shortest, length + 1)):
            break
    return finished[:n_best] or sorted(cut_off, key=lambda one: -one.score)[:1]


def _settled(
    finished: list[Output],
    live: list[tuple[tuple[int, ...], float]],
    n_best: int,
    alpha: float,
    longest: int,
    shortest: int,
) -> bool:
    if len(finished) < n_best:
        return False
    reachable = longest if alpha >= 0 else shortest
    return finished[n_best - 1].score >= max(total for _, total in live) / penalty(reachable, alpha)


def _may_come(token: int, length: int, shortest: int) -> bool:
    return token not in (PAD, START) and not (token == END and length < shortest)
