"""The words that stand for a figure."""

import pytest

from seq2seq.trace import Trace
from seq2seq.viz.describe import attention_summary, node_summary, step_summary, tree_summary
from tests.viz.traces import EVERY, by_hand, one_step


def test_the_summary_of_a_tree_by_hand() -> None:
    assert tree_summary(by_hand()) == (
        "Beam search with 2 slots: 3 steps, 6 candidates kept, 2 of them finished, and 3 of those pruned recorded. "
        "Winner: “▁<b> ▁le” (total −0.62, by length −0.62). Second: “▁$x$ ▁le” (by length −1.43)."
    )
    assert "2 tokens at the beginning were forced" in tree_summary(EVERY["forced"])
    assert tree_summary(one_step()).startswith("Greedy search: 1 step, 1 candidate kept, 1 of them")


def test_the_summary_of_a_node_by_hand() -> None:
    trace = by_hand()
    assert node_summary(trace, 0) == "The start of the search."
    assert node_summary(trace, trace.best.leaf) == (
        "Step 3: ⟨end⟩ after “<b> le”, probability 100 %, total −0.62, by length −0.62, rank 1 of its step, "
        "finished, output 1 of 2."
    )


def test_the_summary_of_a_step_by_hand() -> None:
    assert step_summary(by_hand(), 0) == (
        "At the start: <b> 60 %, $x$ 30 %, =1+1 10 %; 2 of 3 shown candidates kept; entropy 0.90 nats."
    )


def test_the_summary_of_the_attention_names_the_word_that_was_looked_at_most() -> None:
    trace = one_step()
    rows = [[0.1, 0.2, 0.3, 0.0, 0.4]]
    seen = trace.model_copy(update={"expanded": trace.expanded.model_copy(update={"attention": rows})})
    assert attention_summary(seen) == (
        "Attention of 1 target word over 4 source words. Each looked most: ⟨end⟩ at chat (50 %)."
    )
    assert "one vector" in attention_summary(EVERY["blind"])


@pytest.mark.parametrize("trace", EVERY.values(), ids=EVERY.keys())
def test_summaries_are_one_line(trace: Trace) -> None:
    lines = [tree_summary(trace), attention_summary(trace)]
    lines += [node_summary(trace, n) for n in range(len(trace.nodes))]
    assert not any("\n" in line for line in lines)
