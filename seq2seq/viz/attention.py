"""What a translation attended to: target by source, as a heatmap and as lines."""

from collections.abc import Sequence
from html import unescape
from typing import Any, Literal, NamedTuple

import plotly.graph_objects as go

from seq2seq.trace.alignments import Alignment, alignment
from seq2seq.trace.schema import Trace
from seq2seq.viz.labels import percent, piece_label
from seq2seq.viz.palette import Palette, palette
from seq2seq.viz.theme import ROW, label, styled, text_width, tick_rows, with_layout

_LONGEST = 14  # characters of a label
_NARROW = 250  # pixels available for the columns on a phone
_CELL = 19  # minimum pixels of a column with a vertical label
_WIDE = 28  # and maximum, as long as all columns stay within DESK
DESK = 540  # pixels available for the columns on a desktop
_FOOT = 54  # margin for the colour bar
_LEVELS = 10  # number of line widths
_CURVE = (0, 0.15, 0.25, 0.35, 0.43, 0.5, 0.57, 0.65, 0.75, 0.85, 1)  # points of a line, across


class _Columns(NamedTuple):
    """How the source labels are placed above the columns."""

    angle: int  # if there is no room for horizontal ones
    height: float
    overhang: float  # of the last label, to the right
    fixed: bool  # columns have a fixed width, and the view pans


def attention_heatmap(
    trace: Trace,
    leaf: int | None = None,
    *,
    words: bool = False,
    threshold: float = 0.0,
    chosen: tuple[int, int] | None = None,
    bar: bool = True,
    room: int = _NARROW,
    dark: bool = False,
) -> go.Figure | None:
    """Return the attention of a hypothesis, a row for each target piece or word; None for a model without any.

    leaf: its last node, the winner's if None. Weights below `threshold` are left empty. chosen: (row, column) to
    highlight. bar: whether to show the colour bar. A click on a cell gives customdata [row, column].
    room: pixels that the columns have at least, a phone's unless said otherwise; if they do not fit, their width is
    fixed and the view pans.
    """
    matrix = alignment(trace, leaf, words)
    if matrix is None:
        return None
    colours = palette(dark)
    rows, columns = _labels(matrix.target, words), _labels(matrix.source, words)
    figure = go.Figure(_cells(matrix, threshold, colours))
    figure.update_traces(showscale=bar)
    _overlay(figure, matrix, rows, columns)
    styled(figure, dark=dark, height=ROW)
    _frame(figure, rows, columns, colours, chosen, room)
    if not bar:
        figure.update_layout(height=figure.layout.height - _FOOT + 8, margin={"b": 8})
    if chosen is not None:
        with_layout(figure, {"shapes": _marks(*chosen, len(columns), colours.winner)})
    return figure


def _marks(row: int, column: int, columns: int, colour: str) -> list[dict[str, object]]:
    """Return a frame around the chosen row and a thicker one around the chosen cell."""
    box = {"type": "rect", "fillcolor": "rgba(0,0,0,0)", "y0": row - 0.5, "y1": row + 0.5}
    return [
        box | {"x0": -0.5, "x1": columns - 0.5, "line": {"color": colour, "width": 1}},
        box | {"x0": column - 0.5, "x1": column + 0.5, "line": {"color": colour, "width": 3}},
    ]


def _labels(texts: Sequence[str], words: bool) -> list[str]:
    """Return texts as labels for Plotly."""
    if not words:
        return [label(piece_label(text), _LONGEST) for text in texts]
    return [label("⟨end⟩" if text == "</s>" else text or "␣", _LONGEST) for text in texts]


def _widest(labels: Sequence[str], size: float) -> float:
    return max((text_width(unescape(text), size) for text in labels), default=0.0)


def _cells(matrix: Alignment, threshold: float, colours: Palette) -> go.Heatmap:
    return go.Heatmap(
        z=[[weight if weight >= threshold else None for weight in row] for row in matrix.weights],
        zmin=0,
        zmax=1,
        colorscale=[[i / (len(colours.scale) - 1), colour] for i, colour in enumerate(colours.scale)],
        xgap=1,
        ygap=1,
        hoverinfo="skip",
        colorbar={
            "orientation": "h",
            "thickness": 8,
            "lenmode": "pixels",
            "len": 200,
            "xref": "container",
            "yref": "container",
            "x": 0,
            "xanchor": "left",
            "y": 0,
            "yanchor": "bottom",
            "xpad": 14,
            "ypad": 2,
            "tickvals": [0, 0.5, 1],
            "ticktext": ["0 %", "50 %", "100 % attention"],
            "tickfont": {"size": 11, "color": colours.muted},
            "outlinewidth": 0,
        },
    )


def _overlay(figure: go.Figure, matrix: Alignment, rows: Sequence[str], columns: Sequence[str]) -> None:
    """Put a transparent marker on every cell, since heatmap cells themselves do not react to clicks."""
    places = [(i, j) for i in range(len(rows)) for j in range(len(columns))]
    figure.add_scatter(
        x=[j for _, j in places],
        y=[i for i, _ in places],
        mode="markers",
        marker={"size": 10, "color": "rgba(0,0,0,0)"},
        customdata=places,
        text=[f"{rows[i]} ← {columns[j]}: {percent(matrix.weights[i][j])}" for i, j in places],
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )


def _columns(labels: Sequence[str], room: int) -> _Columns:
    widest = _widest(labels, 12)
    if (widest + 8) * len(labels) <= room:
        return _Columns(0, 24, 0, False)
    if 22 * len(labels) <= room:
        return _Columns(-45, 0.75 * widest + 20, 0.75 * widest, False)
    return _Columns(-90, widest + 14, 8, _CELL * len(labels) > room)


def _frame(
    figure: go.Figure,
    rows: Sequence[str],
    columns: Sequence[str],
    colours: Palette,
    chosen: tuple[int, int] | None,
    room: int,
) -> None:
    across = _columns(columns, room)
    margin = {"l": _widest(rows, 13) + 14, "r": max(8, across.overhang), "t": across.height, "b": _FOOT}
    above = tick_rows(columns) | {
        "range": [-0.5, len(columns) - 0.5],
        "side": "top",
        "autotickangles": [0, across.angle] if across.angle else [0],
        "tickfont": {"size": 12, "color": colours.text},
        "automargin": False,
        "fixedrange": not across.fixed,
    }
    beside = tick_rows(rows) | {
        "tickfont": {"size": 13, "color": colours.text},
        "automargin": False,
        "fixedrange": True,
    }
    if across.fixed:
        columns_fixed, rows_fixed = _fixed(len(rows), len(columns), chosen[1] if chosen else 0, room)
        above |= columns_fixed
        beside |= rows_fixed
    layout = {
        "height": ROW * max(len(rows), 1) + round(margin["t"]) + _FOOT,
        "margin": margin,
        "hoverdistance": -1,  # the whole cell reacts
        "dragmode": "pan" if across.fixed else False,
        "xaxis": above,
        "yaxis": beside,
    }
    with_layout(figure, layout)


def _fixed(rows: int, columns: int, chosen: int, room: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return axis settings that fix the size of columns and rows, for a view that opens at a chosen column.

    Anchored to the row height, the columns keep their width; Plotly shows as many as fit.
    """
    cell = max(_CELL, min(_WIDE, DESK / columns))
    # The last column stands at the right edge at most: no half of the view is empty while columns are out of it.
    start = max(-0.5, min(chosen - room / cell * 0.65, columns - 0.5 - room / cell))
    x = {
        "range": [start, start + 1],
        "constrain": "range",
        "constraintoward": "left",
        "minallowed": -0.5,
        "maxallowed": max(columns - 0.5, 200),
    }
    y = {
        "scaleanchor": "x",
        "scaleratio": ROW / cell,
        "constrain": "range",
        "minallowed": -0.5,
        "maxallowed": max(rows, 1) - 0.5,
    }
    return x, y


def attention_lines(
    trace: Trace,
    leaf: int | None = None,
    *,
    words: bool = True,
    threshold: float = 0.1,
    chosen_row: int | None = None,
    dark: bool = False,
) -> go.Figure | None:
    """Return the attention as lines from the source (left) to the target (right); None for a model without any.

    Thicker and darker lines mean more weight; those below `threshold` are left out. chosen_row: a target word
    whose lines are highlighted. A click on a target word gives customdata [row].
    """
    matrix = alignment(trace, leaf, words)
    if matrix is None:
        return None
    colours = palette(dark)
    rows, columns = _labels(matrix.target, words), _labels(matrix.source, words)
    tall = max(len(rows), len(columns), 2)
    places = {"source": _spread(len(columns), tall), "target": _spread(len(rows), tall)}
    figure = go.Figure()
    for mine in (False, True):
        ends: dict[int, list[tuple[float, float]]] = {}
        for i, row in enumerate(matrix.weights):
            for j, weight in enumerate(row):
                if weight >= threshold and weight > 0 and (i == chosen_row) == mine:
                    level = min(_LEVELS, 1 + int(weight * _LEVELS))
                    ends.setdefault(level, []).append((places["source"][j], places["target"][i]))
        for level, pairs in sorted(ends.items()):
            pale = chosen_row is not None and not mine
            colour = colours.winner if mine else colours.idle if pale else colours.kept
            _add_lines(figure, pairs, colour, level, 0.8 if pale else 1)
    looked = {
        j for i, row in enumerate(matrix.weights) if i == chosen_row for j, w in enumerate(row) if w >= threshold
    }
    _side(figure, columns, places["source"], "left", [colours.winner if j in looked else colours.text for j in
          range(len(columns))], None)  # fmt: skip
    shown = [_most(matrix, columns, i) for i in range(len(rows))]
    hues = [colours.winner if i == chosen_row else colours.text for i in range(len(rows))]
    _side(figure, rows, places["target"], "right", hues, shown)
    styled(figure, dark=dark, height=ROW * tall + 16)
    figure.update_layout(
        margin={"l": _widest(columns, 13) + 16, "r": _widest(rows, 13) + 16, "t": 8, "b": 8}, hoverdistance=-1
    )
    figure.update_xaxes(range=[0, 1], visible=False, fixedrange=True, automargin=False)
    figure.update_yaxes(range=[tall - 0.5, -0.5], visible=False, fixedrange=True, automargin=False)
    return figure


def _spread(count: int, tall: int) -> list[float]:
    """Return the positions of `count` words spread evenly over the height of `tall` rows."""
    return [(i + 0.5) * tall / count - 0.5 for i in range(count)]


def _add_lines(
    figure: go.Figure, ends: Sequence[tuple[float, float]], colour: str, level: int, opacity: float
) -> None:
    share = level / _LEVELS
    figure.add_scatter(
        x=[x for _ in ends for x in (*_CURVE, None)],
        y=[
            y
            for source, target in ends
            for y in (*(round(source + (target - source) * (3 - 2 * t) * t * t, 2) for t in _CURVE), None)
        ],
        mode="lines",
        line={"color": colour, "width": 0.5 + 6 * share},
        opacity=opacity * (0.25 + 0.65 * share),
        hoverinfo="skip",
    )


def _side(
    figure: go.Figure,
    labels: Sequence[str],
    places: Sequence[float],
    side: Literal["left", "right"],
    colours: Sequence[str],
    hover: Sequence[str] | None,
) -> None:
    """Write the words of one side; with hover texts they react to clicks."""
    figure.add_scatter(
        x=[0 if side == "left" else 1] * len(labels),
        y=list(places),
        mode="markers+text",
        marker={"size": 5, "color": list(colours)},
        text=list(labels),
        textposition="middle left" if side == "left" else "middle right",
        textfont={"size": 13, "color": list(colours)},
        cliponaxis=False,
        **(
            {"hoverinfo": "skip"}
            if hover is None
            else {
                "customdata": [[i] for i in range(len(labels))],
                "hovertext": list(hover),
                "hovertemplate": "%{hovertext}<extra></extra>",
            }
        ),
    )


def _most(matrix: Alignment, columns: Sequence[str], row: int, most: int = 4) -> str:
    """Return the source words that a target word attended to most, with their shares, a line each."""
    weights = matrix.weights[row]
    best = sorted(range(len(weights)), key=lambda j: -weights[j])[:most]
    return "<br>".join(f"{columns[j]} {percent(weights[j])}" for j in best if weights[j] >= 0.005)
