"""Alignments: the attention along a path, by word, and described in sentences."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from seq2seq.errors import ConfigError, TraceError
from seq2seq.text import group_words
from seq2seq.trace.schema import Trace

_MOSTLY = 0.5  # a source word with this weight is named alone
_SOME = 0.15  # words with less are not named


class Alignment(NamedTuple):
    """Attention from target to source in reading order; repeated words have separate rows and columns."""

    target: list[str]  # with </s> where the output has ended
    source: list[str]  # with </s>
    nodes: list[int]  # the first node of each target entry
    steps: list[int]  # its step, counted from 1
    weights: list[list[float]]  # a row for each target entry, which sums to 1


def alignment(trace: Trace, leaf: int | None = None, words: bool = True) -> Alignment | None:
    """Return the attention on the path to `leaf` (None: the best output's); None for a model without attention.

    words: a word's weights are summed over its source pieces and averaged over its target pieces; otherwise one
    row and one column for each piece.
    Raises ConfigError if there is no such node, TraceError if a row is missing.
    """
    leaf = trace.best.leaf if leaf is None else leaf
    if not 0 <= leaf < len(trace.nodes):
        raise ConfigError(f"The trace has no node {leaf}; its nodes are numbered 0 to {len(trace.nodes) - 1}.")
    if trace.expanded.attention is None:
        return None
    path = trace.path(leaf)
    row_of = dict(zip(trace.expanded.node, trace.expanded.attention, strict=True))
    # The attention that predicted a node is stored with its parent, as all siblings share it.
    if any(trace.nodes.parent[n] not in row_of for n in path):
        raise TraceError("This trace lacks the attention of a node on the path; make the trace again.")
    rows = [row_of[trace.nodes.parent[n]] for n in path]
    pieces = [trace.nodes.piece[n] for n in path]
    if not words:
        steps = list(range(1, len(path) + 1))
        return Alignment(pieces, list(trace.source.pieces), path, steps, [list(row) for row in rows])
    grouped = group_words(pieces) if pieces else []
    by_source = [by_source_word(trace, row) for row in rows]
    return Alignment(
        [word.text for word in grouped],
        list(trace.source.words),
        [path[word.first] for word in grouped],
        [word.first + 1 for word in grouped],
        [_mean(by_source[word.first : word.last]) for word in grouped],
    )


def by_source_word(trace: Trace, row: Sequence[float]) -> list[float]:
    """Return a row of attention over source pieces, summed by source word."""
    return [sum(row[first:last]) for first, last in pairwise([*trace.source.starts, len(row)])]


def looks_at(trace: Trace, node: int, words: bool = True) -> list[str]:
    """Return for each word (or piece) on the path to `node`, except </s>, a sentence on what it attends to.

    Repeated words are numbered. Without attention the list is empty.
    """
    found = alignment(trace, node, words)
    if found is None:
        return []
    targets, sources = told_apart(found.target), told_apart(found.source)
    of = "words"
    if trace.source.kind == "photo":
        sources, of = trace.source.words, "regions"
    return [
        f"{target} looks {_places(sources, row, of)}."
        for word, target, row in zip(found.target, targets, found.weights, strict=True)
        if word != "</s>"
    ]


def _places(names: Sequence[str], row: Sequence[float], of: str) -> str:
    """Return a description of a row of attention: one name, two or three names, or spread over many.

    of: plural noun for the names.
    """
    order = sorted(range(len(row)), key=lambda i: -row[i])
    first = order[0]
    if row[first] >= _MOSTLY:
        return f"{_percent(row[first])} at {names[first]}"
    parts = [f"{_percent(row[i])} at {names[i]}" for i in order[:3] if row[i] >= _SOME]
    if len(parts) > 1:
        return f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"at many {of} a little, most at {names[first]} ({_percent(row[first])})"


def told_apart(words: Sequence[str]) -> list[str]:
    """Return words in quotes, numbered if repeated."""
    named = []
    for place, word in enumerate(words):
        text = word.removeprefix("▁") or "␣"
        number = f" ({words[: place + 1].count(word)})" if words.count(word) > 1 else ""
        named.append("the end of the sentence" if word == "</s>" else f"“{text}”{number}")
    return named


def _mean(rows: Sequence[Sequence[float]]) -> list[float]:
    return [sum(column) / len(rows) for column in zip(*rows, strict=True)]


def _percent(weight: float) -> str:
    return f"{100 * weight:.0f} %"
