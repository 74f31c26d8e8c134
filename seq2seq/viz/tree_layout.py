"""Layout of a search tree: rows and columns of its nodes, as plain numbers."""

from collections.abc import Collection, Mapping
from itertools import accumulate
from typing import Literal, NamedTuple

from seq2seq.trace.schema import Trace

Direction = Literal["parent", "child", "up", "down"]


class TreeLayout(NamedTuple):
    """A column for each step, rows counted from the top. Edges never cross."""

    row: dict[int, int]  # row of each shown node; in drawing order, the winner's branch first
    step: dict[int, int]
    parent: dict[int, int]
    children: dict[int, list[int]]  # shown ones, from top to bottom
    rows: int
    steps: int


def tree_layout(trace: Trace, pruned_of: Collection[int] = ()) -> TreeLayout:
    """Return the positions of all kept and finished nodes, and of the pruned children of the nodes `pruned_of`.

    A node's first child (towards the best output, otherwise the best by total) is in the same row, so that the
    winner's path runs straight along the top. Branches are packed: each takes the highest row that is free in
    all of its columns, so a beam of K takes little more than K rows over any number of steps.
    """
    nodes = trace.nodes
    children = _children(trace, _shown(trace, pruned_of))
    row: dict[int, int] = {}
    free = [0] * (max(nodes.step) + 2)
    heads = [0]
    while heads:
        chain = [heads.pop()]
        while children[chain[-1]]:
            chain.append(children[chain[-1]][0])
        above = row.get(nodes.parent[chain[0]], -1) if chain[0] else -1
        place = max(above + 1, *(free[nodes.step[n]] for n in chain))
        for node in chain:
            row[node] = place
            free[nodes.step[node]] = place + 1
            # The last pushed is placed first: branches of deep nodes are above those of shallow ones.
            heads += reversed(children[node][1:])
    return TreeLayout(
        row=row,
        step={n: nodes.step[n] for n in row},
        parent={n: nodes.parent[n] for n in row},
        children=children,
        rows=max(row.values()) + 1,
        steps=max(nodes.step[n] for n in row),
    )


def _shown(trace: Trace, pruned_of: Collection[int]) -> set[int]:
    nodes = trace.nodes
    shown = {
        n for n in range(len(nodes)) if nodes.status[n] != "pruned" or (n and nodes.parent[n] in pruned_of)
    } | {one.leaf for one in trace.hypotheses}
    # Parents come before their children, so one pass in reverse finds all ancestors.
    for node in range(len(nodes) - 1, 0, -1):
        if node in shown:
            shown.add(nodes.parent[node])
    return shown


def _children(trace: Trace, shown: set[int]) -> dict[int, list[int]]:
    """Return the shown children of each shown node, the branch of the best output first, pruned ones last."""
    nodes = trace.nodes
    best: dict[int, int] = {}
    for rank, one in enumerate(trace.hypotheses):
        for node in trace.path(one.leaf):
            best.setdefault(node, rank)
    children: dict[int, list[int]] = {node: [] for node in sorted(shown)}
    for node in children:
        if node:
            children[nodes.parent[node]].append(node)
    last = len(trace.hypotheses)
    for siblings in children.values():
        siblings.sort(key=lambda n: (best.get(n, last), nodes.status[n] == "pruned", -nodes.total[n], n))
    return children


def column_edges(layout: TreeLayout, widths: Mapping[int, float], least: float) -> list[float]:
    """Return the column boundaries: n + 1 numbers from 0 for n columns.

    A column is as wide as its widest node, at least `least`.
    """
    columns = [least] * (layout.steps + 1)
    for node, width in widths.items():
        columns[layout.step[node]] = max(columns[layout.step[node]], width)
    return [0.0, *accumulate(columns)]


def folded(trace: Trace, layout: TreeLayout) -> dict[int, int]:
    """Return how many pruned candidates each shown node has that the layout does not show."""
    hidden = dict.fromkeys(layout.row, 0)
    for node, parent in enumerate(trace.nodes.parent):
        if node not in layout.row and parent in hidden:
            hidden[parent] += 1
    return hidden


def neighbour_node(layout: TreeLayout, node: int, direction: Direction) -> int:
    """Return the node that one navigation step leads to, or `node` where the tree ends.

    child: the one in the same row; up, down: the next shown node of the same step.
    """
    if direction == "parent":
        return max(layout.parent[node], 0)
    if direction == "child":
        return next(iter(layout.children[node]), node)
    column = sorted((n for n, step in layout.step.items() if step == layout.step[node]), key=layout.row.__getitem__)
    place = column.index(node) + (1 if direction == "down" else -1)
    return column[place] if 0 <= place < len(column) else node
