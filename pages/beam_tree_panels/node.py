"""The chosen node: its prefix, its scores, the candidates that follow, and its attention."""

import math
from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.beam_tree_panels.choice import choose, fold, unfolded
from pages.shared import exports
from pages.shared.html import coloured_words, facts, heading, muted
from pages.shared.subject import Subject
from pages.shared.views import TreeView
from seq2seq import viz
from seq2seq.trace import Trace
from seq2seq.trace.view import why_pruned, words_on_path
from seq2seq.viz.describe import looked_most, node_summary, step_summary
from seq2seq.viz.labels import number, percent, piece_label
from seq2seq.viz.tree_drawing import is_forced

_MEANS = {
    "root": "where every hypothesis begins",
    "kept": "kept in the beam",
    "finished": "finished: a whole output",
}


def panel(subject: Subject[TreeView], wide: bool = False) -> None:
    """Draw the chosen node. wide: its three parts side by side, otherwise stacked."""
    parts = st.columns([1, 1.1, 1]) if wide else [st.container() for _ in range(3)]
    with parts[0]:
        _scores(subject)
    with parts[1]:
        _candidates(subject)
    with parts[2]:
        _attention(subject)


def _scores(subject: Subject[TreeView]) -> None:
    trace, node = subject.trace, subject.node
    nodes = trace.nodes
    if not node:
        st.html(heading("The start", viz.palette(subject.dark).text))
        st.html(muted("Nothing is written yet. Click a node, or walk with the buttons above the tree."))
        return
    st.html(heading(f"Step {nodes.step[node]}: {_name(trace, node)}", viz.palette(subject.dark).text))
    st.html(coloured_words(words_on_path(trace, node), dark=subject.dark, new_from=nodes.step[node]))
    values = [
        ("of this step", percent(math.exp(nodes.log_prob[node]))),
        ("log-probability", number(nodes.log_prob[node])),
        ("total", number(nodes.total[node])),
        ("by length", number(nodes.normalised[node])),
        ("rank in its step", str(nodes.rank[node])),
    ]
    st.html(facts(values))
    place = next((i for i, one in enumerate(trace.hypotheses, 1) if one.leaf == node), None)
    means = "forced" if is_forced(trace, node) else _means(trace, node)
    st.html(muted(f"{means[0].upper()}{means[1:]}{f', number {place} of the results' if place else ''}."))


def _means(trace: Trace, node: int) -> str:
    status = trace.nodes.status[node]
    return f"pruned: {why_pruned(trace, node)}" if status == "pruned" else _MEANS[status]


def _candidates(subject: Subject[TreeView]) -> None:
    trace, node = subject.trace, subject.node
    bars = viz.step_bars(trace, node, dark=subject.dark, most=8)
    if bars is None:
        st.markdown("**What could come next**")
        ended = trace.nodes.status[node] == "finished"
        st.caption("Nothing: this output has ended." if ended else "The search did not continue from here.")
        return
    exports.figure(
        bars, f"candidates_{len(trace.nodes)}_{node}", step_summary(trace, node),
        name=f"candidates of step {subject.step + 1}", title="What could come next", on_click=_clicked,
    )  # fmt: skip
    children = [n for n, parent in enumerate(trace.nodes.parent) if parent == node]
    pruned = sum(trace.nodes.status[n] == "pruned" for n in children)
    if not pruned or subject.view.pruned == "all":
        return
    shown = node in unfolded(subject.view, trace)
    st.button(
        f"Hide the {pruned} pruned here" if shown else f"Show what was pruned here ({pruned})",
        icon=":material/unfold_less:" if shown else ":material/unfold_more:",
        key="fold",
        on_click=fold,
        args=(node, not shown),
    )


def _clicked(data: Sequence[Any]) -> None:
    choose(int(data[0]))


def _attention(subject: Subject[TreeView]) -> None:
    trace, node = subject.trace, subject.node
    looking = max(trace.nodes.parent[node], 0)
    bars = viz.node_attention(trace, looking, dark=subject.dark, most=12)
    if bars is None:
        st.caption("This model has no attention: it reads the sentence once, into one vector.")
        return
    exports.figure(
        bars, "node_attention", f"{node_summary(trace, node)} It looked at {looked_most(trace, looking)}.",
        name=f"attention at step {subject.step}", title="Where it looked" if node else "Where it looks first",
    )  # fmt: skip


def _name(trace: Trace, node: int) -> str:
    return piece_label(trace.nodes.piece[node])
