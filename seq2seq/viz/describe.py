"""A one-line text alternative for each figure, for readers who can't see it."""

import math

from seq2seq.trace.alignments import alignment
from seq2seq.trace.schema import Trace
from seq2seq.trace.view import entropy_at, prefix_text, word_attention
from seq2seq.viz.labels import number, percent, piece_label, shortened

_MOST_WORDS = 12


def tree_summary(trace: Trace) -> str:
    """Return what the beam tree shows: the kind of search, how much was kept, the outputs with their scores."""
    mode, status = trace.options.mode, trace.nodes.status
    kind = {"beam": "Beam search", "greedy": "Greedy search", "sample": "Sampling"}[mode.kind]
    width = f" with {_count(trace.options.width, 'slot')}" if trace.options.width > 1 else ""
    kept = status.count("kept") + status.count("finished")
    parts = [
        f"{kind}{width}: {_count(trace.stop.steps, 'step')}, {_count(kept, 'candidate')} kept, "
        f"{status.count('finished')} of them finished, and {status.count('pruned')} of those pruned recorded."
    ]
    if trace.options.prefix:
        forced = len(trace.options.prefix)
        parts.append(f"{_count(forced, 'token')} at the beginning {'was' if forced == 1 else 'were'} forced.")
    best = trace.best
    ending = "" if best.finished else ", cut off"
    parts.append(
        f"Winner: “{best.text}” (total {number(best.log_prob)}, by length {number(best.normalised)}{ending})."
    )
    if len(trace.hypotheses) > 1:
        second = trace.hypotheses[1]
        parts.append(f"Second: “{second.text}” (by length {number(second.normalised)}).")
    return " ".join(parts)


def node_summary(trace: Trace, node: int) -> str:
    """Return a description of a tree node: its token, prefix, scores and status."""
    nodes = trace.nodes
    if node == 0:
        return "The start of the search."
    before = prefix_text(trace, nodes.parent[node])
    place = next((i for i, one in enumerate(trace.hypotheses, 1) if one.leaf == node), None)
    return (
        f"Step {nodes.step[node]}: {piece_label(nodes.piece[node])} "
        + (f"after “{before}”" if before else "as the first token")
        + f", probability {percent(math.exp(nodes.log_prob[node]))}, total {number(nodes.total[node])}, "
        f"by length {number(nodes.normalised[node])}, rank {nodes.rank[node]} of its step, {nodes.status[node]}"
        + (f", output {place} of {len(trace.hypotheses)}." if place else ".")
    )


def attention_summary(trace: Trace, leaf: int | None = None) -> str:
    """Return which source word each target word of a hypothesis attended to most."""
    matrix = alignment(trace, leaf, words=True)
    if matrix is None:
        return "This model has no attention: every word is made from one vector for the whole source."
    pairs = []
    for target, row in list(zip(matrix.target, matrix.weights, strict=True))[:_MOST_WORDS]:
        best = max(range(len(row)), key=row.__getitem__)
        pairs.append(f"{_shown(target)} at {_shown(matrix.source[best])} ({percent(row[best])})")
    further = len(matrix.target) - len(pairs)
    targets, sources = _count(len(matrix.target), "target word"), _count(len(matrix.source), "source word")
    return f"Attention of {targets} over {sources}. Each looked most: {', '.join(pairs) or 'none yet'}" + (
        f", and {further} more." if further else "."
    )


def looked_most(trace: Trace, node: int, most: int = 3) -> str:
    """Return the words with the most attention after a node, with their shares; empty without attention."""
    weights = word_attention(trace, node)
    if weights is None:
        return ""
    best = sorted(zip(weights, trace.source.words, strict=True), reverse=True)[:most]
    return ", ".join(f"{word} {percent(weight)}" for weight, word in best)


def step_summary(trace: Trace, node: int, most: int = 3) -> str:
    """Return the model's prediction after a node: its most likely tokens, how many were kept, the entropy."""
    said = entropy_at(trace, node)
    before = prefix_text(trace, node)
    after = f"After “{before}”" if before else "At the start"
    if said is None:
        return f"{after} nothing follows: the search did not extend it."
    nodes = trace.nodes
    children = sorted(
        (n for n, parent in enumerate(nodes.parent) if parent == node), key=lambda n: -nodes.log_prob[n]
    )
    shown = ", ".join(
        f"{piece_label(nodes.piece[n])} {percent(math.exp(nodes.log_prob[n]))}" for n in children[:most]
    )
    kept = sum(nodes.status[n] != "pruned" for n in children)
    return f"{after}: {shown}; {kept} of {len(children)} shown candidates kept; entropy {number(said)} nats."


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _shown(word: str) -> str:
    return "⟨end⟩" if word == "</s>" else shortened(word)
