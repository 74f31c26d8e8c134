"""The beam tree: every hypothesis that the search kept, from left to right; pruned ones on request."""

import math
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import plotly.graph_objects as go

from seq2seq.trace.schema import Trace
from seq2seq.viz.labels import percent
from seq2seq.viz.palette import SYMBOLS, Palette, palette
from seq2seq.viz.theme import styled, with_layout
from seq2seq.viz.tree_drawing import (
    Drawing,
    Score,
    edge_lines,
    edges,
    is_forced,
    new_nodes,
    node_kind,
    node_name,
    node_score,
    placed,
    points,
)
from seq2seq.viz.tree_layout import folded, tree_layout

_HEAD, _FOOT = 26, 64  # margins for the step numbers and the legend
NARROW = 320  # pixels of a tree on a phone
_EDGE = 24  # a node nearer to the edge of the view than this has its label cut off
_ABOVE, _BELOW = 11, 10  # pixels from a node to its label and to its score
_SIZES = {"kept": 10, "pruned": 7, "finished": 10, "winner": 15, "forced": 12}


class Viewport(NamedTuple):
    """A part of the tree, in axis units: pixels, unless zoomed."""

    left: float
    right: float
    top: float
    bottom: float


def beam_tree(
    trace: Trace,
    *,
    dark: bool = False,
    pruned_of: Collection[int] = (),
    show_pruned: bool = False,
    chosen: int | None = None,
    focus: int | Viewport | None = None,
    against: Trace | None = None,
    scores: Score | None = "total",
    height: int | None = 680,
    room: int = NARROW,
) -> go.Figure:
    """Return the search as a tree, a column for each step; the winner's path is thick and runs along the top.

    Shape and colour distinguish kept, finished, winning, pruned and forced nodes. A unit of both axes is one pixel
    at any width, so labels never overlap: what does not fit is reached by panning. customdata[0] of a point is its
    node.
    pruned_of: nodes whose pruned candidates are shown; show_pruned shows all.
    chosen: this node and the path to it are highlighted. focus: the view opens at this node, or with this window;
    an app that redraws the figure after a click passes the previous view.
    against: nodes that this other search did not keep are marked.
    scores: the score written below the nodes, if there is room. height: of the view in pixels; None shows all rows
    and columns. room: pixels that it is wide at least, a phone's unless said otherwise.
    """
    colours = palette(dark)
    layout = tree_layout(trace, range(len(trace.nodes)) if show_pruned else pruned_of)
    drawing = placed(trace, layout, scores)
    figure = go.Figure()
    if chosen in layout.row:
        figure.add_scatter(**edges(drawing, trace.path(chosen), colours.idle, 11), opacity=0.45)
    _draw_edges(figure, drawing, colours)
    if against is not None:
        _ring(figure, drawing, new_nodes(trace, layout, against), "new", colours.sample)
    if chosen in layout.row:
        _ring(figure, drawing, [chosen], "chosen", colours.text)
    _draw_nodes(figure, drawing, colours)
    _draw_texts(figure, drawing, colours)
    styled(figure, dark=dark, height=_HEAD + _FOOT + 200)
    _frame(figure, drawing, colours, height, focus, room)
    return figure


def in_view(
    trace: Trace,
    focus: int | Viewport,
    node: int,
    *,
    size: tuple[float, float],
    pruned_of: Collection[int] = (),
    show_pruned: bool = False,
) -> bool:
    """Return whether a tree that opens at `focus` shows `node` too; size: width and height of the figure, pixels.

    An app that keeps `focus` while this is true avoids that the tree jumps at every navigation step.
    """
    layout = tree_layout(trace, range(len(trace.nodes)) if show_pruned else pruned_of)
    if node not in layout.row or (isinstance(focus, int) and focus not in layout.row):
        return False
    drawing = placed(trace, layout, "total")
    if isinstance(focus, int):
        shown = _shown_height(drawing, size[1])
        left, top = _corner(drawing, focus, shown, size[0])
        window = Viewport(left + _EDGE, left + size[0] - _EDGE, top + _EDGE, top + shown)
    else:
        window = focus  # chosen by the user, who may click partly visible nodes
    x, y = drawing.x[layout.step[node]], drawing.y[layout.row[node]]
    return window.left <= x <= window.right and window.top <= y <= window.bottom


def _shown_height(drawing: Drawing, height: float) -> float:
    """Return how many pixels of the tree a figure shows: whole rows, and all of them if few would be hidden."""
    room = max(height - _HEAD - _FOOT, 120)
    if drawing.height <= 1.15 * room:
        return drawing.height
    between = [(a + b) / 2 for a, b in pairwise(drawing.y)]
    return max(y for y in between if y <= room)


def _corner(drawing: Drawing, focus: int, shown: float, room: float) -> tuple[float, float]:
    """Return the left and the top of a view, `room` wide, that opens at `focus`; what fits is shown whole."""
    left = max(0.0, min(drawing.x[drawing.layout.step[focus]] - 180, drawing.edges[-1] - room))
    middle = drawing.y[drawing.layout.row[focus]]
    return left, min(max(0.0, middle - shown / 2), drawing.height - shown)


def _draw_edges(figure: go.Figure, drawing: Drawing, colours: Palette) -> None:
    trace = drawing.trace
    nodes = [n for n in drawing.layout.row if n]
    forced = [n for n in nodes if is_forced(trace, n)]
    best = set(trace.path(trace.best.leaf)).difference(forced)
    pruned = [n for n in nodes if trace.nodes.status[n] == "pruned"]
    plain = [n for n in nodes if n not in best and n not in forced and trace.nodes.status[n] != "pruned"]
    if pruned:
        figure.add_scatter(**edges(drawing, pruned, colours.idle, 1, dash="dot"))
    figure.add_scatter(**edges(drawing, plain, colours.idle, 1.5))
    figure.add_scatter(**edges(drawing, [n for n in nodes if n in best], colours.winner, 3))
    for shift in (-2.5, 2.5) if forced else ():
        figure.add_scatter(**edge_lines(drawing, forced, shift), line={"color": colours.sample, "width": 1.5})


def _draw_nodes(figure: go.Figure, drawing: Drawing, colours: Palette) -> None:
    trace, layout = drawing.trace, drawing.layout
    hidden = folded(trace, layout)
    hues = {kind: getattr(colours, kind) for kind in ("kept", "pruned", "finished", "winner")}
    hues["forced"] = colours.sample
    for kind in ("kept", "finished", "winner", "pruned", "forced"):
        own = [n for n in layout.row if node_kind(trace, n) == kind]
        if not own:
            continue
        figure.add_scatter(
            **points(drawing, own),
            mode="markers",
            name=kind,
            marker={
                "symbol": SYMBOLS[kind],
                "size": _SIZES[kind],
                "color": hues[kind],
                "opacity": 1,
                "line": {"width": 2 if kind == "pruned" else 0, "color": hues[kind]},
            },
            # Streamlit handles clicks by Plotly's selection, which would fade all other nodes.
            unselected={"marker": {"opacity": 1}},
            text=[node_name(trace, n) for n in own],
            ids=[str(n) for n in own],
            customdata=[_figures(trace, n, hidden[n]) for n in own],
            hovertemplate="<b>%{text}</b> has %{customdata[1]}, log-probability %{customdata[2]:.2f}"
            "<br>total %{customdata[3]:.2f}, by length %{customdata[4]:.2f}"
            "<br>rank %{customdata[5]} of its step<br>pruned candidates not shown: %{customdata[6]}"
            f"<extra>{kind}</extra>",
        )


def _draw_texts(figure: go.Figure, drawing: Drawing, colours: Palette) -> None:
    """Write labels and scores separately from the markers, so that all keep the same distance."""
    trace = drawing.trace
    is_pruned = {n: trace.nodes.status[n] == "pruned" for n in drawing.layout.row}
    for pruned in (False, True):
        own = [n for n in is_pruned if is_pruned[n] == pruned]
        colour = colours.muted if pruned else colours.text
        _write(figure, drawing, own, [node_name(trace, n) for n in own], -_ABOVE, {"size": 12, "color": colour})
    if drawing.scores:
        own = [n for n in is_pruned if n]
        texts = [node_score(trace, n, drawing.scores) for n in own]
        _write(figure, drawing, own, texts, _BELOW, {"size": 11, "color": colours.muted})


def _write(
    figure: go.Figure,
    drawing: Drawing,
    nodes: Sequence[int],
    texts: Sequence[str],
    shift: float,
    font: dict[str, object],
) -> None:
    places = points(drawing, nodes)
    figure.add_scatter(
        x=places["x"],
        y=[y + shift for y in places["y"]],
        mode="text",
        text=texts,
        textposition="top center" if shift < 0 else "bottom center",
        textfont=font,
        hoverinfo="skip",
        showlegend=False,
    )


def _figures(trace: Trace, node: int, hidden: int) -> list[object]:
    nodes = trace.nodes
    return [
        node,
        percent(math.exp(nodes.log_prob[node])),
        round(nodes.log_prob[node], 4),
        round(nodes.total[node], 4),
        round(nodes.normalised[node], 4),
        nodes.rank[node],
        hidden,
    ]


def _ring(figure: go.Figure, drawing: Drawing, nodes: Sequence[int], kind: str, colour: str) -> None:
    """Draw a mark around nodes, below them so that it intercepts no clicks."""
    figure.add_scatter(
        **points(drawing, nodes),
        mode="markers",
        name="new here" if kind == "new" else kind,
        marker={
            "symbol": SYMBOLS[kind],
            "size": 17 if kind == "new" else 20,
            "color": colour,
            "line": {"width": 2},
        },
        hoverinfo="skip",
        showlegend=kind == "new",
    )


def _frame(
    figure: go.Figure,
    drawing: Drawing,
    colours: Palette,
    height: int | None,
    focus: int | Viewport | None,
    room: float,
) -> None:
    """Set axes in pixel units, the step numbers, the legend, and the initial view."""
    whole = height is None
    shown = drawing.height if height is None else _shown_height(drawing, height)
    window = Viewport(0, 10, 0, shown)
    if isinstance(focus, Viewport) and not whole:
        window = focus
    elif focus in drawing.layout.row and not whole:
        left, top = _corner(drawing, focus, shown, room)
        window = Viewport(left, left + 10, top, top + shown)
    layout = {
        "height": round(shown) + _HEAD + _FOOT,
        "width": max(round(drawing.edges[-1]), 600) if whole else None,
        "margin": {"l": 0, "r": 0, "t": _HEAD, "b": _FOOT},
        "dragmode": "pan",
        "showlegend": True,
        "legend": {
            "orientation": "h",
            "xref": "container",
            "yref": "container",
            "x": 0,
            "y": 0,
            "yanchor": "bottom",
            "itemclick": False,
            "itemdoubleclick": False,
            "font": {"size": 12, "color": colours.text},
        },
        **_axes(drawing, window),
    }
    with_layout(figure, layout)


def _axes(drawing: Drawing, window: Viewport) -> dict[str, Any]:
    """Return axes in pixel units, for a view that opens with this window."""
    return {
        # With the scale anchored and constrained, Plotly widens x until its unit is a pixel, like that of y.
        "xaxis": {
            "range": [window.left, window.right],
            "constrain": "range",
            "constraintoward": "left",
            "minallowed": 0,
            "maxallowed": max(drawing.edges[-1], 4000),
            "side": "top",
            "tickvals": drawing.x[1:],
            "ticktext": [str(step) for step in range(1, len(drawing.x))],
            "tickfont": {"size": 11},
            "showgrid": False,
            "automargin": False,
        },
        "yaxis": {
            "range": [window.bottom, window.top],
            "scaleanchor": "x",
            "scaleratio": 1,
            "constrain": "range",
            "constraintoward": "top",
            "minallowed": 0,
            "maxallowed": drawing.height,
            "visible": False,
            "automargin": False,
        },
    }
