"""Candidates and attention of one search step."""

import math

import plotly.graph_objects as go

from seq2seq.trace.alignments import by_source_word
from seq2seq.trace.schema import Trace
from seq2seq.trace.view import entropy_at, nodes_at
from seq2seq.viz.labels import number, percent, piece_label
from seq2seq.viz.palette import palette
from seq2seq.viz.theme import ROW, label, styled, tick_rows, with_layout

_MOST_REGIONS = 12


def candidates(trace: Trace, step: int, *, dark: bool = False, most: int = 10) -> go.Figure:
    """Return the most likely next tokens of a step as bars, the chosen one in colour; for a beam of width 1."""
    return _bars(trace, nodes_at(trace, step), _of_search(trace, dark), dark, most)


def step_bars(trace: Trace, node: int, *, dark: bool = False, most: int = 10) -> go.Figure | None:
    """Return the model's prediction after `node` as bars, with its entropy; None if `node` was not extended.

    Kept candidates are in colour and ticked. A click on a bar gives its node as customdata[0].
    """
    said = entropy_at(trace, node)
    if said is None:
        return None
    children = [child for child, parent in enumerate(trace.nodes.parent) if parent == node]
    colours = palette(dark)
    figure = _bars(trace, children, _of_search(trace, dark), dark, min(most, max(len(children), 1)))
    layout = {
        "title": {
            "text": f"entropy {number(said)} nats, like {math.exp(said):.1f} equally likely tokens",
            "font": {"size": 12, "color": colours.muted},
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"l": 8, "t": 6},
        },
        "margin": {"t": 28},
        "height": figure.layout.height + 20,
    }
    return with_layout(figure, layout)


def _of_search(trace: Trace, dark: bool) -> str:
    """Return the colour of what a search of this kind keeps."""
    colours = palette(dark)
    return {"greedy": colours.greedy, "sample": colours.sample}.get(trace.options.mode.kind, colours.kept)


def _bars(trace: Trace, among: list[int], colour: str, dark: bool, most: int) -> go.Figure:
    """Return the most likely of the nodes `among` as bars; those kept are in `colour`."""
    colours = palette(dark)
    nodes = trace.nodes
    shown = _with_kept(trace, sorted(among, key=lambda n: -nodes.log_prob[n]), most)
    probabilities = [math.exp(nodes.log_prob[n]) for n in shown]
    kept = [nodes.status[n] != "pruned" for n in shown]
    figure = go.Figure(
        go.Bar(
            x=probabilities,
            y=list(range(len(shown))),
            orientation="h",
            marker={"color": [colour if k else colours.idle for k in kept], "line": {"width": 0}},
            text=[percent(p) + ("  ✓" if k else "") for p, k in zip(probabilities, kept, strict=True)],
            textposition="outside",
            cliponaxis=False,
            customdata=[[n, label(piece_label(nodes.piece[n])), number(nodes.log_prob[n])] for n in shown],
            hovertemplate="%{customdata[1]}<br>log-probability %{customdata[2]}<extra></extra>",
        )
    )
    styled(figure, dark=dark, height=ROW * most + 16)
    names = tick_rows([label(piece_label(nodes.piece[n]), 16) for n in shown])
    layout = {
        "bargap": 0.25,
        "xaxis": {"range": [0, 1.35], "visible": False},  # room for the longest number after a full bar
        "yaxis": names | {"range": [most - 0.5, -0.5], "tickfont": {"color": colours.text}},
    }
    return with_layout(figure, layout)


def node_attention(
    trace: Trace, node: int, *, words: bool = True, most: int = 12, dark: bool = False
) -> go.Figure | None:
    """Return the attention after `node` as bars: the `most` largest weights of source words or pieces, in order.

    None for a model without attention, and for a node that the search did not extend.
    """
    if trace.expanded.attention is None or node not in trace.expanded.node:
        return None
    row = trace.expanded.attention[trace.expanded.node.index(node)]
    weights = by_source_word(trace, row) if words else row
    names = source_labels(trace, words)
    shown = sorted(sorted(range(len(weights)), key=lambda i: -weights[i])[:most])
    colours = palette(dark)
    values = [weights[i] for i in shown]
    figure = go.Figure(
        go.Bar(
            x=values,
            y=list(range(len(shown))),
            orientation="h",
            marker={"color": colours.scale[3] if not dark else colours.scale[2], "line": {"width": 0}},
            text=[percent(w) if w >= 0.005 else "" for w in values],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{x:.3f}<extra></extra>",
        )
    )
    styled(figure, dark=dark, height=ROW * len(shown) + 16)
    layout = {
        "bargap": 0.25,
        "xaxis": {"range": [0, 1.25], "visible": False},
        "yaxis": tick_rows([names[i] for i in shown]) | {"tickfont": {"color": colours.text}},
    }
    return with_layout(figure, layout)


def source_labels(trace: Trace, words: bool = True) -> list[str]:
    """Return the source words or pieces as figure labels."""
    if not words:
        return [label(piece_label(piece), 16) for piece in trace.source.pieces]
    return ["⟨end⟩" if word == "</s>" else label(word, 16) for word in trace.source.words]


def _with_kept(trace: Trace, nodes: list[int], most: int) -> list[int]:
    """Return the first `most`, with kept ones from further down replacing the last pruned ones."""
    kept = [n for n in nodes if trace.nodes.status[n] != "pruned"]
    pruned = [n for n in nodes if trace.nodes.status[n] == "pruned"]
    chosen = set(kept) | set(pruned[: max(0, most - len(kept))])
    return [n for n in nodes if n in chosen]
