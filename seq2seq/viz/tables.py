"""What figures show as tables (CSV)."""

import csv
import io
import math
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from seq2seq.trace.alignments import alignment, by_source_word
from seq2seq.trace.schema import Trace

Cell: TypeAlias = str | int | float | None

# A spreadsheet takes text with these first characters (full-width ones too) for a formula:
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


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
