"""Beam tree: the whole search as a tree; choose a node, see why it was kept or pruned, and ask what if."""

import importlib

import streamlit as st

from pages.beam_tree_panels import node as node_panel
from pages.beam_tree_panels import trees
from pages.beam_tree_panels.choice import chosen_node
from pages.beam_tree_panels.walk import walk
from pages.shared import problems, searches
from pages.shared.edits import history
from pages.shared.figures import is_dark
from pages.shared.inputs import model_upload
from pages.shared.query import Query, draw_query
from pages.shared.subject import Subject
from pages.shared.versions import Versions, searched, versions
from pages.shared.view import change, current, write_link
from seq2seq.errors import Seq2SeqError
from seq2seq.trace import Trace
from seq2seq.viz.replay import replay_html

# The panels below the tree; only the open one is imported and computed.
TOOLS = {"whatif": "What if", "penalty": "Length penalty", "widths": "Beam widths", "autopsy": "Autopsy"}


def page() -> None:
    """Draw the page."""
    st.title("Beam tree", anchor=False)
    st.write(
        "Every hypothesis that beam search kept, a column for each step; the thick path along the top wins. Click "
        "a node, or walk with the arrow keys, to see why it was kept; then force another word and watch the tree "
        "change."
    )
    draw_query(_explore)


def _explore(asked: Query) -> None:
    """Draw the tree and everything that depends on the chosen node."""
    found = _searched(asked)
    view, trace = current(), found.now
    node = chosen_node(view, trace)
    subject = Subject(view, asked.sentence, trace, asked.model, node, trace.nodes.step[node], is_dark())
    walk(subject)
    if found.before is None:
        with st.container(key="tree_and_node"):
            left, right = st.columns([2.2, 1])
            with left:
                trees.tree(subject)
            with right, st.container(border=True):
                node_panel.panel(subject)
    else:
        trees.two_trees(subject, found.before)
        with st.container(border=True, key="node_wide"):
            node_panel.panel(subject, wide=True)
    st.fragment(_tools)(subject)
    searches.ranked(trace, "translation")
    _replay(trace)
    if asked.model is not None:
        model_upload()


def _searched(asked: Query) -> Versions:
    """Return the current search, and the one it was edited from."""
    if isinstance(asked.origin, Trace):
        return Versions(asked.origin, None)
    edits = history(current())
    try:
        return versions(current(), asked.origin, asked.sentence, edits)
    except Seq2SeqError as problem:
        if not edits.current:
            raise
        problems.say(problem, more="The plain search is shown.")
        change(current().model_copy(update={"edits": edits.go_to(0).to_text(), "node": 0}))
        return Versions(searched(current(), asked.origin, asked.sentence, edits, 0), None)


def _tools(subject: Subject) -> None:
    """Draw the tool picker and the chosen tool; a fragment, so that opening a tool does not redraw the tree.

    What a tool changes outside of itself shows after st.rerun().
    """
    state = st.session_state
    chosen = current().tool
    # A search with edits first opens the panel that undoes them; the visitor may then close it.
    forced = subject.trace.edits if subject.model is not None else ()
    if not chosen and forced and state.get("undo_shown") != forced:
        chosen = "whatif"
    state["undo_shown"] = forced
    state["in_tool"] = chosen if chosen in TOOLS else None
    st.segmented_control(
        "Ask more of this search", list(TOOLS), key="in_tool", format_func=TOOLS.__getitem__, on_change=_other_tool
    )
    if state["in_tool"] is not None:
        with st.container(border=True):
            try:
                importlib.import_module(f"pages.beam_tree_panels.{state['in_tool']}").panel(subject)
            except Seq2SeqError as problem:
                problems.say(problem)
    if subject.model is not None:
        write_link(current())


def _other_tool() -> None:
    change(current().model_copy(update={"tool": st.session_state["in_tool"] or ""}))


def _replay(trace: Trace) -> None:
    st.download_button(
        "Replay page (HTML)", lambda: replay_html(trace), "replay.html", "text/html", on_click="ignore",
        key="replay", help="The whole search step by step, in one file that needs no network and no model.",
    )  # fmt: skip


if __name__ == "__main__":
    import app

    app.main()
