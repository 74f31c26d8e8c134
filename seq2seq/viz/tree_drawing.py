"""Labels, edges and pixel positions of a beam tree's nodes."""

import math
from collections.abc import Iterable, Sequence
from html import unescape
from itertools import pairwise
from typing import Literal, NamedTuple

from seq2seq.trace.schema import Trace
from seq2seq.viz.labels import number, percent, piece_label
from seq2seq.viz.theme import label, text_width
from seq2seq.viz.tree_layout import TreeLayout, column_edges

Score = Literal["probability", "total", "normalised"]
_ROW, _ROW_WITH_SCORES = 34, 50  # pixels between rows
_MOST_ROWS_WITH_SCORES = 14
_COLUMN, _GAP = 64, 16  # minimum column width; gap between labels
_TOP = 28  # y of the first row
_CORNER = 6  # pixels cut off an edge's corner


class Drawing(NamedTuple):
    """A tree with its positions in pixels."""

    trace: Trace
    layout: TreeLayout
    edges: list[float]  # x of the column boundaries, outer ones included
    y: list[float]  # of each row
    height: float
    scores: Score | None  # written below the nodes, if there is room

    @property
    def x(self) -> list[float]:
        """The centre of each step's column."""
        return [(a + b) / 2 for a, b in pairwise(self.edges)]


def placed(trace: Trace, layout: TreeLayout, scores: Score | None) -> Drawing:
    """Return the tree in pixels; columns are as wide as their labels, and many rows get no scores."""
    if layout.rows > _MOST_ROWS_WITH_SCORES:
        scores = None
    widths = {
        n: max(text_width(unescape(node_name(trace, n))), text_width(node_score(trace, n, scores), 11)) + _GAP
        for n in layout.row
    }
    row = _ROW_WITH_SCORES if scores else _ROW
    y = [_TOP + float(row * i) for i in range(layout.rows)]
    return Drawing(trace, layout, column_edges(layout, widths, _COLUMN), y, y[-1] + row / 2 + 6, scores)


def node_name(trace: Trace, node: int) -> str:
    """Return a node's label: its piece, and the rank of the output that it ends, if any."""
    place = next((i for i, one in enumerate(trace.hypotheses, 1) if one.leaf == node), None)
    return label(piece_label(trace.nodes.piece[node]), 14) + (f" #{place}" if place else "")


def node_score(trace: Trace, node: int, score: Score | None) -> str:
    """Return the score below a node; empty for the root."""
    nodes = trace.nodes
    if score is None or not node:
        return ""
    if score == "probability":
        return percent(math.exp(nodes.log_prob[node]))
    return number((nodes.total if score == "total" else nodes.normalised)[node])


def node_kind(trace: Trace, node: int) -> str:
    """Return the key of SYMBOLS that a node is drawn with."""
    if node == trace.best.leaf:
        return "winner"
    if is_forced(trace, node):
        return "forced"
    status = trace.nodes.status[node]
    return "kept" if status == "root" else status


def is_forced(trace: Trace, node: int) -> bool:
    """Return whether this node belongs to the search's forced prefix."""
    return 0 < trace.nodes.step[node] <= len(trace.options.prefix) and trace.nodes.status[node] != "pruned"


def new_nodes(trace: Trace, layout: TreeLayout, other: Trace) -> list[int]:
    """Return the shown, not pruned nodes whose prefix the other search did not keep."""

    def prefixes(of: Trace) -> list[tuple[int, ...]]:
        found: list[tuple[int, ...]] = [()]
        for node in range(1, len(of.nodes)):
            found.append((*found[of.nodes.parent[node]], of.nodes.token[node]))
        return found

    theirs = {p for p, status in zip(prefixes(other), other.nodes.status, strict=True) if status != "pruned"}
    ours = prefixes(trace)
    return [n for n in layout.row if trace.nodes.status[n] != "pruned" and ours[n] not in theirs]


def edges(drawing: Drawing, nodes: Iterable[int], colour: str, width: float, **line: str) -> dict[str, object]:
    """Return a Plotly trace of the edges to `nodes`: horizontal, and vertical between two columns."""
    return edge_lines(drawing, nodes, 0) | {"line": {"color": colour, "width": width, **line}}


def edge_lines(drawing: Drawing, nodes: Iterable[int], shift: float) -> dict[str, object]:
    """Return a Plotly trace of the edges without a line style, `shift` pixels lower."""
    layout, centres = drawing.layout, drawing.x
    x: list[float | None] = []
    y: list[float | None] = []
    for node in nodes:
        step, parent = layout.step[node], layout.parent[node]
        start, end = drawing.y[layout.row[parent]] + shift, drawing.y[layout.row[node]] + shift
        # Down between the columns, where there are no labels.
        middle = drawing.edges[step]
        if start == end:
            x += [centres[step - 1], centres[step], None]
            y += [start, end, None]
        else:
            x += [centres[step - 1], middle, middle, middle + _CORNER, centres[step], None]
            y += [start, start, end - _CORNER, end, end, None]
    return {"x": x, "y": y, "mode": "lines", "hoverinfo": "skip", "showlegend": False}


def points(drawing: Drawing, nodes: Sequence[int]) -> dict[str, list[float]]:
    """Return the positions of nodes, in pixels."""
    layout, centres = drawing.layout, drawing.x
    return {"x": [centres[layout.step[n]] for n in nodes], "y": [drawing.y[layout.row[n]] for n in nodes]}
