"""Figures and their data as files: a page that needs no network, what the image button saves, tables."""

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, Literal, TypeAlias

import plotly.graph_objects as go

from seq2seq.trace.alignments import alignment, by_source_word
from seq2seq.trace.schema import Trace
from seq2seq.viz.palette import palette
from seq2seq.viz.theme import FONT, with_layout

Cell: TypeAlias = str | int | float | None

# A spreadsheet takes text with these first characters (full-width ones too) for a formula:
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def for_export(figure: go.Figure, dark: bool = False) -> go.Figure:
    """Return a copy with the page's background colour instead of a transparent one.

    An image saved from a transparent figure has no background: light text of the dark theme would be on a white
    slide. On a page the copy looks the same, so pages draw it.
    """
    paper = palette(dark).paper
    return with_layout(go.Figure(figure), {"paper_bgcolor": paper, "plot_bgcolor": paper})


def figure_config(name: str, format: Literal["svg", "png"] = "svg", pan: bool = False) -> dict[str, Any]:
    """Return Plotly's config: a button that saves the view as `format`, and zoom buttons for figures that pan.

    name: of the file, without its extension; characters that do not suit a file name become a dash.
    """
    buttons = [["toImage"]]
    if pan:
        buttons.append(["zoomIn2d", "zoomOut2d", "resetScale2d"])
    return {
        "displaylogo": False,
        "responsive": True,
        "scrollZoom": pan,
        "modeBarButtons": buttons,
        "toImageButtonOptions": {
            "format": format,
            "filename": re.sub(r"[^\w]+", "-", name).strip("-")[:80] or "figure",
            "scale": 1 if format == "svg" else 2,
        },
    }


def figure_html(
    figure: go.Figure, title: str, says: str, *, dark: bool = False, format: Literal["svg", "png"] = "svg"
) -> str:
    """Return a page that shows the figure without network: title, figure, and `says`, its text alternative.

    Its image button saves as `format`. About 5 MB, nearly all of it Plotly itself.
    """
    colours = palette(dark)
    pans = figure.layout.dragmode == "pan"
    config = figure_config(title, format, pans)
    if figure.layout.width:  # shown in full: the mouse wheel scrolls the page
        config["scrollZoom"] = False
    drawn = for_export(figure, dark).to_html(config=config, include_plotlyjs=True, full_html=False, div_id="figure")
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>
body {{ margin: 24px; background: {colours.paper}; color: {colours.text}; font: 15px/1.5 {FONT}; }}
h1 {{ font-size: 1.4rem; margin: 0 0 12px; overflow-wrap: anywhere; }}
p {{ max-width: 75ch; overflow-wrap: anywhere; }}
.figure {{ overflow-x: auto; }}
</style>
</head>
<body>
<h1>{escape(title)}</h1>
<div class="figure" role="figure" aria-label="{escape(says)}">{drawn}</div>
<p>{escape(says)}</p>
</body>
</html>
"""


def table_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a table as CSV in UTF-8; text that a spreadsheet would take for a formula is prefixed with '.

    It begins with a byte order mark: without one Excel reads UTF-8 as the machine's legacy code page, and é is
    garbled. LibreOffice and pandas skip the mark; Python's csv needs encoding="utf-8-sig".
    """
    output = io.StringIO(newline="")
    writer = csv.writer(output, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([_safe(cell) for cell in header])
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return output.getvalue().encode("utf-8-sig")


def _safe(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA) else cell


def heatmap_csv(trace: Trace, leaf: int | None = None, *, words: bool = False) -> bytes | None:
    """Return the attention of a hypothesis: a line for each target piece or word, a column for each source one.

    None for a model without attention.
    """
    matrix = alignment(trace, leaf, words)
    if matrix is None:
        return None
    lines: list[list[Cell]] = []
    for row, weights in zip(matrix.target, matrix.weights, strict=True):
        lines.append([row, *(round(weight, 4) for weight in weights)])
    return table_csv(["target", *matrix.source], lines)


def step_csv(trace: Trace, node: int) -> bytes:
    """Return the candidates after `node`, most likely first; scores are natural logarithms."""
    nodes = trace.nodes
    children = [child for child, parent in enumerate(nodes.parent) if parent == node]
    lines = [
        (nodes.piece[n], math.exp(nodes.log_prob[n]), nodes.log_prob[n], nodes.total[n], nodes.status[n])
        for n in sorted(children, key=lambda n: -nodes.log_prob[n])
    ]
    return table_csv(["piece", "probability", "log_prob", "total", "status"], lines)


def node_attention_csv(trace: Trace, node: int, *, words: bool = False) -> bytes:
    """Return the attention after `node`, a line for each source piece or word.

    Only the header without attention, or if the search did not extend the node.
    """
    lines: list[tuple[str, float]] = []
    if trace.expanded.attention is not None and node in trace.expanded.node:
        row = trace.expanded.attention[trace.expanded.node.index(node)]
        names = trace.source.words if words else trace.source.pieces
        lines = list(zip(names, by_source_word(trace, row) if words else row, strict=True))
    return table_csv(["source", "attention"], [(name, round(weight, 4)) for name, weight in lines])


def tree_csv(trace: Trace) -> bytes:
    """Return every candidate of the search, a line for each; scores are natural logarithms."""
    nodes = trace.nodes
    best = set(trace.path(trace.best.leaf))
    place = {one.leaf: i for i, one in reversed(list(enumerate(trace.hypotheses, 1)))}
    names = ("parent", "step", "token", "piece", "log_prob", "total", "normalised", "rank", "status")
    columns: list[list[Cell]] = [getattr(nodes, name) for name in names]

    def line(node: int) -> list[Cell]:
        return [node, *(column[node] for column in columns), int(node in best), place.get(node)]

    return table_csv(["node", *names, "on_best_path", "output"], map(line, range(len(nodes))))
