"""The tree's places: no node on another, no edge across another, and walking that always comes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.search import Beam
from seq2seq.trace import Trace
from seq2seq.viz.tree_layout import Direction, TreeLayout, column_edges, folded, neighbour_node, tree_layout
from tests.fakes import mixed
from tests.viz.traces import EVERY, by_hand, drawn, long_beam

LONG = long_beam()


def assert_planar(layout: TreeLayout) -> None:
    places = list(zip(layout.step.values(), layout.row.values(), strict=True))
    assert len(set(places)) == len(places), "two nodes in one place"
    for step in range(1, layout.steps + 1):
        column = sorted((n for n in layout.row if layout.step[n] == step), key=layout.row.__getitem__)
        above = [layout.row[layout.parent[n]] for n in column]
        assert above == sorted(above), "edges cross"
        assert all(layout.row[n] >= layout.row[layout.parent[n]] for n in column)


@given(seed=st.integers(0, 500), size=st.integers(1, 8), alpha=st.sampled_from([0.0, 1.0]), unfold=st.booleans())
def test_nodes_have_places_of_their_own_and_edges_do_not_cross(
    seed: int, size: int, alpha: float, unfold: bool
) -> None:
    trace = drawn(mixed(12, seed), Beam(size=size, alpha=alpha), n_best=size, max_length=7)
    layout = tree_layout(trace, range(len(trace.nodes)) if unfold else ())
    assert_planar(layout)
    kept = {n for n, status in enumerate(trace.nodes.status) if status != "pruned"}
    assert set(layout.row) == (set(range(len(trace.nodes))) if unfold else kept)


@pytest.mark.parametrize("trace", EVERY.values(), ids=EVERY.keys())
def test_the_winners_path_runs_along_the_top(trace: Trace) -> None:
    layout = tree_layout(trace)
    assert {layout.row[n] for n in (0, *trace.path(trace.best.leaf))} == {0}


def test_a_small_tree_by_hand() -> None:
    trace = by_hand()
    layout = tree_layout(trace)
    names = {tuple(trace.nodes.token[m] for m in trace.path(n)): layout.row[n] for n in layout.row}
    assert names == {(): 0, (3,): 0, (3, 8): 0, (3, 8, 2): 0, (4,): 1, (4, 8): 1, (4, 8, 2): 1}
    # Unfolded, the root's one pruned child stands below its kept ones.
    layout = tree_layout(trace, [0])
    assert [trace.nodes.token[n] for n in layout.children[0]] == [3, 4, 5]
    assert layout.row[layout.children[0][2]] == 2
    assert folded(trace, tree_layout(trace))[0] == 1
    assert folded(trace, layout)[0] == 0


def test_branches_are_packed() -> None:
    layout = tree_layout(LONG)
    assert layout.steps == 30
    kept = len(layout.row)
    leaves = sum(not children for children in layout.children.values())
    assert layout.rows < leaves < kept
    assert_planar(tree_layout(LONG, range(len(LONG.nodes))))


@pytest.mark.parametrize("trace", EVERY.values(), ids=EVERY.keys())
def test_walking_follows_the_picture(trace: Trace) -> None:
    layout = tree_layout(trace, range(0, len(trace.nodes), 2))
    ways: tuple[tuple[Direction, Direction], ...] = (("up", "down"), ("down", "up"))
    assert neighbour_node(layout, 0, "parent") == 0
    for node in layout.row:
        child = neighbour_node(layout, node, "child")
        if child != node:
            assert layout.row[child] == layout.row[node]
            assert neighbour_node(layout, child, "parent") == node
        for there, back in ways:
            other = neighbour_node(layout, node, there)
            assert layout.step[other] == layout.step[node]
            if other != node:
                assert (layout.row[other] < layout.row[node]) == (there == "up")
                assert neighbour_node(layout, other, back) == node


def test_columns_are_as_wide_as_their_widest_node() -> None:
    trace = by_hand()
    layout = tree_layout(trace)
    first = layout.children[0]
    assert column_edges(layout, {0: 10, first[0]: 70, first[1]: 90}, 50) == [0, 50, 140, 190, 240]
