"""Candidates and attention of one search step."""

import math

import plotly.graph_objects as go

from seq2seq.trace.alignments import by_source_word
from seq2seq.trace.schema import Trace
from seq2seq.trace.view import entropy_at, expanded_at, nodes_at, prefix_text, word_attention
from seq2seq.viz.labels import number, percent, piece_label
from seq2seq.viz.palette import SYMBOLS, palette
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


def beam_candidates(trace: Trace, step: int, *, dark: bool = False, most: int = 12) -> go.Figure:
    """Return a beam step's candidates by total log-probability; shapes show kept, pruned and finished."""
    colours = palette(dark)
    nodes = trace.nodes
    shown = _with_kept(trace, nodes_at(trace, step), most)
    figure = go.Figure()
    for row, node in enumerate(shown):
        status = nodes.status[node]
        colour = {"kept": colours.kept, "finished": colours.finished}.get(status, colours.pruned)
        figure.add_scatter(
            x=[nodes.total[node]],
            y=[row],
            mode="markers+text",
            marker={
                "symbol": SYMBOLS[status],
                "size": 11,
                "color": colour,
                "line": {"width": 2, "color": colour},
            },
            text=[f"{number(nodes.total[node])}  {status}"],
            textposition="middle left",
            # A thin marker's colour is too pale for text.
            textfont={"color": colours.muted if status == "pruned" else colour, "size": 12},
            cliponaxis=False,
            customdata=[[label(_extended(trace, node), 80), percent(math.exp(nodes.log_prob[node])),
                         number(nodes.normalised[node])]],
            hovertemplate="%{customdata[0]}<br>this step %{customdata[1]}<br>total %{x:.2f}"
            "<br>by length %{customdata[2]}<extra>" + status + "</extra>",
        )  # fmt: skip
    styled(figure, dark=dark, height=ROW * max(len(shown), 6) + 16)
    figure.update_yaxes(**tick_rows([label(_extended(trace, n), 22, keep_end=True) for n in shown]))
    figure.update_yaxes(tickfont={"color": colours.text}, range=[max(len(shown), 6) - 0.5, -0.5])
    totals = [nodes.total[n] for n in shown]
    span = max(max(totals) - min(totals), 0.5)
    # The texts are left of their markers, so the axis leaves room there.
    figure.update_xaxes(range=[min(totals) - 1.1 * span, max(totals) + 0.08 * span], visible=False)
    return figure


def step_attention(trace: Trace, step: int, *, dark: bool = False) -> go.Figure | None:
    """Return the attention of a step's hypotheses: bars for one, a column each for several.

    For a photo, only the most attended regions have a row. None for a model without attention.
    """
    expanded = expanded_at(trace, step)
    if not expanded:
        return None
    most = _MOST_REGIONS if trace.source.kind == "photo" else len(trace.source.words)
    if len(expanded) == 1 or trace.expanded.attention is None:
        return node_attention(trace, expanded[0], most=most, dark=dark)
    colours = palette(dark)
    rows = [row for row in (word_attention(trace, node) for node in expanded) if row is not None]
    names = source_labels(trace)
    shown = sorted(sorted(range(len(names)), key=lambda i: -sum(row[i] for row in rows))[:most])
    words, rows = [names[i] for i in shown], [[row[i] for i in shown] for row in rows]
    scale = [[i / (len(colours.scale) - 1), colour] for i, colour in enumerate(colours.scale)]
    figure = go.Figure(
        go.Heatmap(
            z=[list(column) for column in zip(*rows, strict=True)],
            zmin=0,
            zmax=1,
            colorscale=scale,
            showscale=False,
            xgap=2,
            ygap=2,
            customdata=[[label(prefix_text(trace, n) or "⟨start⟩", 60) for n in expanded]] * len(words),
            hovertemplate="%{customdata}<br>%{z:.3f}<extra></extra>",
        )
    )
    styled(figure, dark=dark, height=ROW * len(words) + 56)
    figure.update_xaxes(
        tickvals=list(range(len(rows))),
        ticktext=[str(i + 1) for i in range(len(rows))],
        side="top",
        showgrid=False,
        title={"text": "hypothesis, best first"},
    )
    figure.update_yaxes(**tick_rows(words), tickfont={"color": colours.text})
    return figure


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


def _extended(trace: Trace, node: int) -> str:
    """Return the parent's text followed by this candidate's piece."""
    piece = trace.nodes.piece[node]
    before = prefix_text(trace, trace.nodes.parent[node])
    joint = " " if piece.startswith("▁") or piece == "</s>" else ""
    return (before + joint + piece_label(piece).removeprefix("·")).strip()
