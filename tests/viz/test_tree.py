"""The beam tree says what the trace says, and its labels have room."""

import json
from html import unescape
from typing import Any

import plotly.graph_objects as go
import pytest

from seq2seq.search import Beam
from seq2seq.trace import Trace
from seq2seq.viz import beam_tree
from seq2seq.viz.palette import SYMBOLS, palette
from seq2seq.viz.theme import text_width
from seq2seq.viz.tree import Viewport, in_view
from seq2seq.viz.tree_drawing import Score
from tests.fakes import mixed
from tests.viz.traces import EVERY, by_hand, drawn, long_beam

ALL = pytest.mark.parametrize("trace", EVERY.values(), ids=EVERY.keys())


def marks(figure: go.Figure) -> dict[str, Any]:
    """Return the traces that answer to clicks, by kind."""
    return {one.name: one for one in figure.data if one.customdata is not None}


def nodes_of(figure: go.Figure) -> list[int]:
    return sorted(point[0] for one in marks(figure).values() for point in one.customdata)


def texts(figure: go.Figure) -> list[str]:
    return [text for one in figure.data if one.mode == "text" for text in one.text]


@ALL
@pytest.mark.parametrize("dark", [False, True])
def test_every_kept_node_is_drawn_once_and_tells_its_number(trace: Trace, dark: bool) -> None:
    figure = beam_tree(trace, dark=dark)
    assert nodes_of(figure) == [n for n, status in enumerate(trace.nodes.status) if status != "pruned"]
    for one in marks(figure).values():
        assert [int(i) for i in one.ids] == [point[0] for point in one.customdata]
        for _, _, log_prob, total, normalised, rank, _ in one.customdata:
            assert log_prob <= 0
            assert total <= 0
            assert normalised <= 0 or trace.options.alpha < 0
            assert rank >= 1
    assert nodes_of(beam_tree(trace, show_pruned=True)) == list(range(len(trace.nodes)))


def test_statuses_have_symbols_of_their_own() -> None:
    figure = beam_tree(by_hand(), show_pruned=True)
    shown = {name: set(one.marker.symbol) if isinstance(one.marker.symbol, tuple) else {one.marker.symbol}
             for name, one in marks(figure).items()}  # fmt: skip
    assert shown == {kind: {SYMBOLS[kind]} for kind in ("kept", "finished", "winner", "pruned")}
    assert [one.name for one in figure.data if one.showlegend is not False] == [
        "kept",
        "finished",
        "winner",
        "pruned",
    ]


def test_only_the_asked_parents_show_what_they_pruned() -> None:
    trace = by_hand()
    figure = beam_tree(trace, pruned_of={0})
    (pruned,) = marks(figure)["pruned"].customdata
    assert (trace.nodes.token[pruned[0]], trace.nodes.parent[pruned[0]]) == (5, 0)
    kept = {point[0]: point[6] for point in marks(beam_tree(trace))["kept"].customdata}
    assert kept[0] == 1, "the folded candidates are counted"


def test_forced_tokens_have_a_mark_and_a_double_line() -> None:
    trace = EVERY["forced"]
    figure = beam_tree(trace)
    assert [trace.nodes.token[point[0]] for point in marks(figure)["forced"].customdata] == [9, 3]
    # The line of two edges, drawn twice.
    doubled = [one for one in figure.data if one.line.color == palette(False).sample]
    assert [len([x for x in one.x if x is None]) for one in doubled] == [2, 2]
    assert doubled[0].y[0] != doubled[1].y[0]


def test_what_another_search_did_not_keep_is_ringed() -> None:
    rings = [one for one in beam_tree(EVERY["forced"], against=EVERY["beam"]).data if one.name == "new here"]
    same = [one for one in beam_tree(EVERY["beam"], against=EVERY["beam"]).data if one.name == "new here"]
    assert len(rings[0].x) > 0
    assert len(same[0].x) == 0


def test_a_chosen_node_and_its_path_are_marked() -> None:
    trace = by_hand()
    leaf = trace.hypotheses[1].leaf
    more = beam_tree(trace, chosen=leaf)
    (ring,) = (one for one in more.data if one.name == "chosen")
    finished = marks(more)["finished"]
    assert (ring.x[0], ring.y[0]) == (finished.x[0], finished.y[0])
    assert len(more.data) == len(beam_tree(trace).data) + 2
    hidden = trace.nodes.status.index("pruned")
    assert len(beam_tree(trace, chosen=hidden).data) == len(beam_tree(trace).data), "a folded node has no mark"


@ALL
@pytest.mark.parametrize("show_pruned", [False, True])
def test_labels_have_room(trace: Trace, show_pruned: bool) -> None:
    figure = beam_tree(trace, show_pruned=show_pruned)
    boxes = [
        (x - text_width(unescape(text), one.textfont.size) / 2, y - (13 if "top" in one.textposition else 0),
         x + text_width(unescape(text), one.textfont.size) / 2, y + (0 if "top" in one.textposition else 12))
        for one in figure.data if one.mode == "text" for x, y, text in zip(one.x, one.y, one.text, strict=True)
    ]  # fmt: skip
    for i, a in enumerate(boxes):
        for b in boxes[i + 1 :]:
            assert min(a[2], b[2]) <= max(a[0], b[0]) or min(a[3], b[3]) <= max(a[1], b[1])


@ALL
def test_a_unit_is_a_pixel(trace: Trace) -> None:
    """The height of the plot in pixels is its range; x follows by the anchored scale."""
    figure = beam_tree(trace)
    low, high = figure.layout.yaxis.range
    margins = figure.layout.margin.t + figure.layout.margin.b
    assert abs(figure.layout.height - margins - (low - high)) <= 1
    assert (figure.layout.yaxis.scaleanchor, figure.layout.yaxis.scaleratio) == ("x", 1)
    assert (figure.layout.xaxis.constrain, figure.layout.dragmode) == ("range", "pan")


@ALL
@pytest.mark.parametrize("height", [260, 430, 720])
@pytest.mark.parametrize("show_pruned", [False, True])
def test_the_view_opens_with_whole_rows(trace: Trace, height: int, show_pruned: bool) -> None:
    """No row's node or its label, 20 pixels above it, is cut in two at the lower edge."""
    layout = beam_tree(trace, height=height, show_pruned=show_pruned).layout
    lower = layout.yaxis.range[0]
    drawn = {y for one in marks(beam_tree(trace, show_pruned=show_pruned)).values() for y in one.y}
    assert all(lower >= y + 8 or lower <= y - 16 for y in drawn)
    assert layout.height <= 1.15 * height


def test_the_view_opens_where_it_is_asked_to() -> None:
    trace = long_beam(5, 20)
    leaf = trace.best.leaf
    figure = beam_tree(trace, focus=leaf)
    (x,) = marks(figure)["winner"].x
    assert 0 < x - figure.layout.xaxis.range[0] < 300
    assert beam_tree(trace).layout.xaxis.range[0] == 0
    whole = beam_tree(trace, height=None).layout
    assert whole.width > x
    assert whole.yaxis.range == (whole.yaxis.maxallowed, 0)


def test_tokens_stay_text() -> None:
    trace = drawn(mixed(12, 2), Beam(size=5), n_best=5, max_length=8)
    shown = texts(beam_tree(trace, show_pruned=True))
    assert "&lt;b&gt;" in shown
    assert "&#36;x&#36;" in shown
    assert not any("<" in text or "$" in text for text in shown)


def test_scores_stand_below_the_nodes_while_there_is_room() -> None:
    trace = by_hand()
    firsts: dict[Score, str] = {"total": "−0.51", "normalised": "−0.51", "probability": "60 %"}
    for kind, first in firsts.items():
        assert first in texts(beam_tree(trace, scores=kind))
    assert "−0.51" not in texts(beam_tree(trace, scores=None))


def test_a_beam_of_ten_over_thirty_steps_is_a_small_figure() -> None:
    trace = long_beam()
    assert len(beam_tree(trace).to_json()) < 80_000
    whole = beam_tree(trace, show_pruned=True).to_json()
    assert len(whole) < 400_000
    assert "#0000" not in json.dumps(json.loads(whole)), "Streamlit replaces such colours"


@pytest.mark.parametrize("size", [(340, 300), (500, 720)])
def test_a_view_that_is_held_shows_the_node(size: tuple[float, float]) -> None:
    trace = long_beam()
    nodes = [n for n, status in enumerate(trace.nodes.status) if status != "pruned"]
    assert all(in_view(trace, node, node, size=size) for node in nodes)
    first, last = trace.path(trace.best.leaf)[0], trace.best.leaf
    assert not in_view(trace, last, 0, size=size)
    assert not in_view(trace, first, trace.nodes.status.index("pruned"), size=size)


@pytest.mark.parametrize("room", [320, 720, 6000])
def test_no_part_of_a_view_is_empty_while_nodes_are_out_of_it(room: int) -> None:
    trace = long_beam()
    edge = max(beam_tree(trace, height=None).layout.xaxis.tickvals)
    for node in trace.path(trace.best.leaf):
        left = beam_tree(trace, focus=node, room=room).layout.xaxis.range[0]
        assert left == 0 or left + room <= edge + 200
        assert left == 0 or room < edge + 200


def test_a_window_that_was_panned_to_holds_as_long_as_the_node_lies_in_it() -> None:
    trace = long_beam()
    node = trace.path(trace.best.leaf)[1]
    window = Viewport(30, 430, 10, 410)
    figure = beam_tree(trace, focus=window)
    assert tuple(figure.layout.xaxis.range) == (30, 430)
    assert tuple(figure.layout.yaxis.range) == (410, 10)
    assert in_view(trace, window, node, size=(500, 400))
    assert not in_view(trace, Viewport(3000, 3400, 10, 410), node, size=(500, 400))
