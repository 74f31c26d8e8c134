"""Navigation in the tree: parent, child and sibling of the chosen node, or a step and its hypothesis."""

import streamlit as st

from pages.beam_tree_panels.choice import choose, fold_all, unfolded
from pages.shared.subject import Subject
from pages.shared.views import TreeView
from seq2seq.trace import Trace
from seq2seq.trace.view import nodes_at, prefix_text
from seq2seq.viz.labels import shortened
from seq2seq.viz.tree_layout import Direction, neighbour_node, tree_layout

_WALK: tuple[tuple[Direction, str, str, str], ...] = (
    ("parent", "Parent", ":material/arrow_back:", "Left"),
    ("up", "Up", ":material/arrow_upward:", "Up"),
    ("down", "Down", ":material/arrow_downward:", "Down"),
    ("child", "Child", ":material/arrow_forward:", "Right"),
)


def walk(subject: Subject[TreeView], *, keys: bool = True) -> None:
    """Draw the controls that choose a node by keyboard, and the switch that shows all pruned nodes.

    keys: whether arrow keys move through the tree; False where they do something else.
    """
    trace, state, every = subject.trace, st.session_state, subject.view.pruned == "all"
    layout = tree_layout(trace, range(len(trace.nodes)) if every else unfolded(subject.view, trace))
    kept = [n for n in nodes_at(trace, subject.step) if trace.nodes.status[n] != "pruned" or n == subject.node]
    state["in_tree_step"], state["in_tree_node"] = subject.step, subject.node
    with st.container(horizontal=True, vertical_alignment="bottom", key="walk"):
        for direction, title, icon, key in _WALK:
            to = neighbour_node(layout, subject.node, direction)
            st.button(
                title, icon=icon, shortcut=key if keys else None, key=f"walk_{direction}", on_click=choose,
                args=(to,), help=f"{title}: key {key}" if keys else title,
            )  # fmt: skip
        st.selectbox(
            "Step", range(trace.stop.steps + 1), key="in_tree_step", width=110, on_change=_other_step,
            args=(trace,), format_func=lambda step: str(step) if step else "start",
        )  # fmt: skip
        st.selectbox(
            "Hypothesis of this step", kept, key="in_tree_node", width=330,
            on_change=lambda: choose(state["in_tree_node"]),
            format_func=lambda n: shortened(prefix_text(trace, n), 40, keep_end=True) or "start",
        )  # fmt: skip
        st.button(
            "Hide all pruned" if every else "Show all pruned", key="fold_all", on_click=fold_all, args=(not every,)
        )


def _other_step(trace: Trace) -> None:
    step = st.session_state["in_tree_step"]
    kept = (n for n in nodes_at(trace, step) if trace.nodes.status[n] != "pruned")
    best = [n for n in trace.path(trace.best.leaf) if trace.nodes.step[n] == step]
    choose(next(iter([*best, *kept]), 0))
