"""The candidates behind a node."""

import pytest

from seq2seq.trace import Trace
from seq2seq.viz import node_attention, step_attention, step_bars
from seq2seq.viz.describe import step_summary
from tests.viz.traces import EVERY, by_hand, photo


def test_bars_show_what_the_model_said_behind_a_node() -> None:
    figure = step_bars(by_hand(), 0)
    assert figure is not None
    (bars,) = figure.data
    assert list(bars.x) == pytest.approx([0.6, 0.3, 0.1])
    assert [text.endswith("✓") for text in bars.text] == [True, True, False]
    assert figure.layout.title.text == "entropy 0.90 nats, like 2.5 equally likely tokens"
    assert list(figure.layout.yaxis.ticktext) == ["&lt;b&gt;", "&#36;x&#36;", "=1+1"]


@pytest.mark.parametrize("trace", EVERY.values(), ids=EVERY.keys())
def test_a_node_has_bars_if_it_was_extended(trace: Trace) -> None:
    for node in range(len(trace.nodes)):
        figure = step_bars(trace, node, dark=True)
        assert (figure is not None) == (node in trace.expanded.node)
        assert ("nothing follows" in step_summary(trace, node)) == (figure is None)
        if figure is not None:
            assert all(trace.nodes.parent[int(bar[0])] == node for bar in figure.data[0].customdata)


def test_bars_show_where_the_model_looked_behind_a_node() -> None:
    trace = by_hand()
    figure = node_attention(trace, 0)
    assert figure is not None
    assert trace.expanded.attention is not None
    row = trace.expanded.attention[trace.expanded.node.index(0)]
    assert list(figure.data[0].x) == pytest.approx([row[0], row[1] + row[2], row[3], row[4]])
    assert list(figure.layout.yaxis.ticktext) == ["le", "chat", "le", "⟨end⟩"]
    pieces = node_attention(trace, 0, words=False)
    assert pieces is not None
    assert list(pieces.data[0].x) == pytest.approx(row)


def test_of_a_long_source_the_most_looked_at_are_shown_in_its_order() -> None:
    trace = by_hand()
    every, most = (node_attention(trace, 0, words=False, most=most) for most in (5, 2))
    assert every is not None
    assert most is not None
    weights = list(every.data[0].x)
    assert list(most.data[0].x) == [one for one in weights if one in sorted(weights)[-2:]][:2]


@pytest.mark.parametrize("trace", EVERY.values(), ids=EVERY.keys())
def test_a_node_has_a_row_if_it_was_extended_with_attention(trace: Trace) -> None:
    for node in range(len(trace.nodes)):
        has_row = trace.expanded.attention is not None and node in trace.expanded.node
        assert (node_attention(trace, node, dark=True) is not None) == has_row


def test_of_a_photo_only_the_regions_that_were_looked_at_most_have_a_row() -> None:
    trace = photo(8, 8)
    for step in range(1, trace.stop.steps + 1):
        figure = step_attention(trace, step)
        assert figure is not None
        assert len(figure.layout.yaxis.ticktext) == 12
        assert all(name.startswith("region ") for name in figure.layout.yaxis.ticktext)
