"""The selection in the tree: the chosen node, and the nodes whose pruned candidates are shown."""

import streamlit as st

from pages.shared.figures import is_narrow
from pages.shared.subject import Subject
from pages.shared.view import change, current, update
from pages.shared.views import TreeView
from seq2seq.trace import Trace
from seq2seq.viz.tree import NARROW, Viewport, in_view

_FOCUS = "tree_focus"
_WIDE, _BESIDE_OTHER = 720, 500  # pixels of a tree in a wide window: alone, or beside another one


def chosen_node(view: TreeView, trace: Trace) -> int:
    """Return the chosen node; the root if the trace has no such node."""
    return view.node if view.node < len(trace.nodes) else 0


def choose(node: int) -> None:
    """Choose a node."""
    update(node=node)


def focus(subject: Subject[TreeView], mark: str, height: float) -> int | Viewport:
    """Return what the tree's viewport is kept at: the last node or window, as long as the chosen node is visible.

    mark: identifies the search; a new search resets the viewport.
    """
    about, held = st.session_state.get(_FOCUS, ("", 0))
    seen = about == mark and in_view(
        subject.trace,
        held,
        subject.node,
        size=(room(subject), height),
        pruned_of=unfolded(subject.view, subject.trace),
        show_pruned=subject.view.pruned == "all",
    )
    held = held if seen else subject.node
    st.session_state[_FOCUS] = (mark, held)
    return held


def room(subject: Subject[TreeView], *, alone: bool = True) -> int:
    """Return how many pixels the tree is wide at least."""
    if is_narrow():
        return NARROW
    return _WIDE if alone and not subject.trace.edits else _BESIDE_OTHER


def panned(mark: str, window: Viewport) -> None:
    """Keep the tree's viewport at the window that the visitor has panned or zoomed to."""
    st.session_state[_FOCUS] = (mark, window)


def unfolded(view: TreeView, trace: Trace) -> set[int]:
    """Return the nodes whose pruned candidates are shown, a pruned chosen node's parent included."""
    shown = {int(n) for n in view.pruned.split(".")} if view.pruned not in ("", "all") else set()
    node = chosen_node(view, trace)
    if trace.nodes.status[node] == "pruned":
        shown.add(trace.nodes.parent[node])
    return shown


def fold(node: int, show: bool) -> None:
    """Show or hide the pruned candidates of a node."""
    view = current(TreeView)
    shown = {int(n) for n in view.pruned.split(".")} if view.pruned not in ("", "all") else set()
    shown = shown | {node} if show else shown - {node}
    change(view.model_copy(update={"pruned": ".".join(map(str, sorted(shown)))}))


def fold_all(show: bool) -> None:
    """Show or hide all pruned candidates."""
    update(pruned="all" if show else "")
