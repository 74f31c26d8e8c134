"""The beam tree: every hypothesis that the search kept, from left to right."""

import math

import plotly.graph_objects as go

from seq2seq.trace.schema import Trace
from seq2seq.viz.palette import SYMBOLS, palette
from seq2seq.viz.theme import label, number, percent, piece_label, styled

_ROW, _COLUMN = 34, 84  # pixels of room for a node


def beam_tree(trace: Trace, *, dark: bool = False) -> go.Figure:
    """Return the kept and finished hypotheses as a tree, a column for each step; the winner's path is thick.

    Shape and colour tell kept (circle), finished (square) and winning (star) nodes apart.
    """
    colours = palette(dark)
    nodes = trace.nodes
    kept = [n for n in range(len(nodes)) if nodes.status[n] != "pruned"]
    rows = _rows(trace, kept)
    winner = {0, *trace.path(trace.best.leaf)}
    figure = go.Figure()
    for best in (False, True):
        edges = [n for n in kept if n and (n in winner) == best]
        figure.add_scatter(
            x=[v for n in edges for v in (nodes.step[nodes.parent[n]], nodes.step[n], None)],
            y=[v for n in edges for v in (rows[nodes.parent[n]], rows[n], None)],
            mode="lines",
            line={"color": colours.winner if best else colours.grid, "width": 3 if best else 1.5},
            hoverinfo="skip",
        )
    kinds = [
        "winner" if n == trace.best.leaf else "finished" if nodes.status[n] == "finished" else "kept" for n in kept
    ]
    figure.add_scatter(
        x=[nodes.step[n] for n in kept],
        y=[rows[n] for n in kept],
        mode="markers+text",
        opacity=1,
        marker={
            "symbol": [SYMBOLS[kind] for kind in kinds],
            "size": [15 if kind == "winner" else 10 for kind in kinds],
            "color": [getattr(colours, kind) for kind in kinds],
        },
        text=[label(piece_label(nodes.piece[n]), 11) for n in kept],
        textposition="top center",
        textfont={"size": 12, "color": colours.text},
        customdata=[
            [
                percent(math.exp(nodes.log_prob[n])),
                number(nodes.total[n]),
                number(nodes.normalised[n]),
                nodes.status[n],
            ]
            for n in kept
        ],
        hovertemplate="%{text}<br>this step %{customdata[0]}<br>total %{customdata[1]}"
        "<br>by length %{customdata[2]}<extra>%{customdata[3]}</extra>",
    )
    styled(figure, dark=dark, height=max(200, int(_ROW * (max(rows.values()) + 2))))
    steps = max(nodes.step)
    figure.update_layout(width=_COLUMN * (steps + 1) + 40, dragmode="pan")
    figure.update_xaxes(visible=False, range=[-0.6, steps + 0.6])
    figure.update_yaxes(visible=False, range=[max(rows.values()) + 0.6, -0.9])
    return figure


def _rows(trace: Trace, kept: list[int]) -> dict[int, float]:
    """Return a row for each node: leaves take rows of their own, a parent stands level with its best child."""
    children: dict[int, list[int]] = {node: [] for node in kept}
    for node in kept[1:]:
        children[trace.nodes.parent[node]].append(node)
    winner = {0, *trace.path(trace.best.leaf)}
    rows: dict[int, float] = {}
    free = 0
    # Depth first with the winner's branch first, so that its path runs straight along the top.
    stack = [0]
    order = []
    while stack:
        node = stack.pop()
        order.append(node)
        stack += sorted(children[node], key=lambda n: (n in winner, trace.nodes.total[n]))
    for node in order:
        if not children[node]:
            rows[node] = float(free)
            free += 1
    for node in reversed(order):
        if children[node]:
            best = min(children[node], key=lambda n: rows[n])
            rows[node] = rows[best]
    return rows
