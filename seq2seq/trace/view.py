"""Queries on a trace for the views; plain Python, no tensors."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from seq2seq.text import group_words
from seq2seq.trace.alignments import by_source_word
from seq2seq.trace.schema import Trace


class ShownWord(NamedTuple):
    """A word of an output and its probability."""

    text: str
    probability: float  # of all its pieces, given the prefix
    space: bool  # preceded by a space
    first_step: int


class Divergence(NamedTuple):
    """The first step at which two outputs differ."""

    step: int
    common: str
    one: str
    other: str
    cost: float  # natural log-probability of `one`'s choice minus that of `other`'s at that step


def output_noun(trace: Trace) -> str:
    """Return the noun for the outputs of a search."""
    return "caption" if trace.source.kind == "photo" else "translation"


def nodes_at(trace: Trace, step: int) -> list[int]:
    """Return the candidates of a step (counted from 1), best first."""
    nodes = [node for node, at in enumerate(trace.nodes.step) if at == step]
    return sorted(nodes, key=lambda node: trace.nodes.rank[node])


def expanded_at(trace: Trace, step: int) -> list[int]:
    """Return the hypotheses that step `step` extended, best first."""
    steps = trace.nodes.step
    nodes = [node for node in trace.expanded.node if steps[node] == step - 1]
    return sorted(nodes, key=lambda node: -trace.nodes.total[node])


def why_pruned(trace: Trace, node: int) -> str:
    """Return the reason why a candidate was pruned, in a few words."""
    nodes, options = trace.nodes, trace.options
    step = nodes.step[node]
    if step <= len(options.prefix):
        return "another token was forced here"
    if step == len(options.prefix) + 1 and nodes.token[node] in options.not_next:
        return "it would go on with the forced word"
    if options.mode.kind == "sample":
        return "another token was drawn"
    kept = [nodes.total[n] for n in nodes_at(trace, step) if nodes.status[n] != "pruned"]
    if not kept or nodes.total[node] <= min(kept):
        return "others of its step had better totals"
    if nodes.piece[node] == "</s>" and step < options.min_length:
        return "the output was not yet long enough to end"
    if options.groups > 1:
        return "its group of the beam kept others"
    return "it would have repeated a sequence" if options.no_repeat else "it was not allowed here"


def words_on_path(trace: Trace, node: int) -> list[ShownWord]:
    """Return the words from the root to `node`, without </s>."""
    path = [n for n in trace.path(node) if trace.nodes.piece[n] != "</s>"]
    pieces = [trace.nodes.piece[n] for n in path]
    shown = []
    for word in group_words(pieces):
        log_prob = sum(trace.nodes.log_prob[n] for n in path[word.first : word.last])
        first = pieces[word.first]
        shown.append(
            ShownWord(
                word.text,
                math.exp(log_prob),
                first.startswith("▁") and "￭" not in first,
                trace.nodes.step[path[word.first]],
            )
        )
    return [word for word in shown if word.text]


def text_of(words: Sequence[ShownWord]) -> str:
    """Return words as a sentence."""
    return "".join((" " if word.space else "") + word.text for word in words).strip()


def prefix_text(trace: Trace, node: int) -> str:
    """Return the text from the root to `node`."""
    return text_of(words_on_path(trace, node))


def word_attention(trace: Trace, node: int) -> list[float] | None:
    """Return the attention at an expanded node by source word."""
    if trace.expanded.attention is None:
        return None
    return by_source_word(trace, trace.expanded.attention[trace.expanded.node.index(node)])


def entropy_at(trace: Trace, node: int) -> float | None:
    """Return the entropy (nats) of the next-token distribution at a node; None if it was not expanded."""
    expanded = trace.expanded.node
    return trace.expanded.entropy[expanded.index(node)] if node in expanded else None


def divergence(one: Trace, other: Trace) -> Divergence | None:
    """Return where the best outputs of two searches of one source diverge; None if they are the same."""
    paths = [trace.path(trace.best.leaf) for trace in (one, other)]
    tokens = [[t.nodes.token[n] for n in path] for t, path in zip((one, other), paths, strict=True)]
    if tokens[0] == tokens[1]:
        return None
    step = next((i for i, (a, b) in enumerate(zip(*tokens, strict=False)) if a != b), min(map(len, tokens)))
    nodes = [path[step] if step < len(path) else path[-1] for path in paths]
    return Divergence(
        step + 1,
        prefix_text(one, paths[0][step - 1]) if step else "",
        one.nodes.piece[nodes[0]],
        other.nodes.piece[nodes[1]],
        one.nodes.log_prob[nodes[0]] - other.nodes.log_prob[nodes[1]],
    )
