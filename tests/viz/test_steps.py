"""The candidates behind a node."""

import pytest

from seq2seq.viz import step_bars
from seq2seq.viz.describe import step_summary
from tests.viz.traces import EVERY, by_hand


def test_bars_show_what_the_model_said_behind_a_node() -> None:
    figure = step_bars(by_hand(), 0)
    assert figure is not None
    (bars,) = figure.data
    assert list(bars.x) == pytest.approx([0.6, 0.3, 0.1])
    assert [text.endswith("✓") for text in bars.text] == [True, True, False]
    assert figure.layout.title.text == "entropy 0.90 nats, like 2.5 equally likely tokens"
    assert list(figure.layout.yaxis.ticktext) == ["&lt;b&gt;", "&#36;x&#36;", "=1+1"]


@pytest.mark.parametrize("trace", EVERY.values(), ids=EVERY.keys())
def test_a_node_has_bars_if_it_was_extended(trace) -> None:  # type: ignore[no-untyped-def]
    for node in range(len(trace.nodes)):
        figure = step_bars(trace, node, dark=True)
        assert (figure is not None) == (node in trace.expanded.node)
        assert ("nothing follows" in step_summary(trace, node)) == (figure is None)
        if figure is not None:
            assert all(trace.nodes.parent[int(bar[0])] == node for bar in figure.data[0].customdata)
