"""Beam tree: the whole search as a tree; choose a node, see why it was kept or pruned, and ask what if."""

import streamlit as st

from pages.beam_tree_panels import autopsy, penalty, trees, whatif, widths
from pages.beam_tree_panels import node as node_panel
from pages.beam_tree_panels.choice import chosen_node
from pages.beam_tree_panels.walk import walk
from pages.shared import forcing, models, numbers, problems, searches, stage
from pages.shared.edits import history
from pages.shared.figures import is_dark
from pages.shared.inputs import model_upload
from pages.shared.panels import Panel, answer, opened, picker, questions
from pages.shared.query import Query, draw_query
from pages.shared.subject import Subject
from pages.shared.versions import Versions, searched, versions
from pages.shared.view import bound, change, current, open_view, update, write_link
from pages.shared.views import BeamTreeView
from seq2seq.errors import Seq2SeqError
from seq2seq.trace import Trace
from seq2seq.viz.replay import replay_html
from seq2seq.viz.stage import Search, name_of

# The panels below the tree; only the open one is drawn.
TOOLS: dict[str, Panel[Subject[BeamTreeView]]] = {
    "whatif": Panel("What if", whatif.panel),
    "penalty": Panel("Length penalty", penalty.panel),
    "widths": Panel("Beam widths", widths.panel),
    "autopsy": Panel("Why not my translation?", autopsy.panel),
    "numbers": Panel("Down to a number", numbers.panel),
}


def page() -> None:
    """Draw the page."""
    st.html('<h1 class="s2s-unseen">Beam tree</h1>')  # the picture says it; a screen reader needs it said
    open_view(BeamTreeView)
    draw_query(_explore)


def _explore(asked: Query) -> None:
    """Draw the tree and everything that depends on the chosen node."""
    found = _searched(asked)
    view, trace = current(BeamTreeView), found.now
    _choose_drawing(view)
    node = chosen_node(view, trace)
    subject = Subject(view, asked.sentence, trace, asked.model, node, trace.nodes.step[node], is_dark())
    if view.tree == "played":
        _play(subject, found)
    else:
        _whole(subject, found)
    st.fragment(_tools)(subject)
    searches.ranked(trace, "translation")
    _replay(trace)
    if asked.model is not None:
        model_upload()


def _choose_drawing(view: BeamTreeView) -> None:
    st.segmented_control(
        "The tree", ["played", "whole"], required=True,
        **bound("tree", "tree_drawn") | {"on_change": _drawing_chosen},
        format_func={"played": "Step by step", "whole": "Whole, with all candidates"}.__getitem__,
        label_visibility="collapsed",
    )  # fmt: skip


def _drawing_chosen() -> None:
    change(_place(current(BeamTreeView)).model_copy(update={"tree": st.session_state["tree_drawn"]}))


def _place(view: BeamTreeView) -> BeamTreeView:
    """Return a view at the node that is chosen: on the stage only the browser knows it."""
    return stage.followed(view) if view.tree == "played" else view


def _play(subject: Subject[BeamTreeView], found: Versions) -> None:
    """Draw the search on the stage, whose inspector tells all of the chosen node."""
    asks = questions(TOOLS, "tool")
    if subject.model is None:
        stage.play(
            [Search(name_of(found.now), found.now)], key="stage", step=stage.asked_step(), language="", target="",
            questions=asks,
        )  # fmt: skip
        return
    forcing.say_problem()
    if found.before is not None:
        forcing.play_versions(found, subject.view, subject.model, subject.sentence, asks)
        return
    config = models.config(subject.model)
    stage.play(
        [Search(name_of(found.now), found.now)], key="stage", step=stage.asked_step(), language=config.source,
        target=config.target, force=forcing.force_in(subject.view, subject.model, subject.sentence),
        questions=asks,
    )  # fmt: skip


def _whole(subject: Subject[BeamTreeView], found: Versions) -> None:
    """Draw every candidate that is on record, to pan and zoom, and the chosen node beside it."""
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


def _searched(asked: Query) -> Versions:
    """Return the current search, and the one it was edited from."""
    if isinstance(asked.origin, Trace):
        return Versions(asked.origin, None)
    edits = history(current(BeamTreeView))
    try:
        return versions(current(BeamTreeView), asked.origin, asked.sentence, edits)
    except Seq2SeqError as problem:
        if not edits.current:
            raise
        problems.say(problem, more="The plain search is shown.")
        update(edits=edits.go_to(0).to_text(), node=0)
        return Versions(searched(current(BeamTreeView), asked.origin, asked.sentence, edits, 0), None)


def _tools(subject: Subject[BeamTreeView]) -> None:
    """Draw the open panel, and below the whole tree what opens it; a fragment, so that the tree stays as it is.

    What a panel changes outside of itself shows after st.rerun().
    """
    state = st.session_state
    # A search with edits first opens the panel that undoes them; the visitor may then close it.
    forced = subject.trace.edits if subject.model is not None else ()
    if not opened(TOOLS, "tool") and forced and state.get("undo_shown") != forced:
        update(tool="whatif")
    state["undo_shown"] = forced
    whole = subject.view.tree == "whole"
    if whole:
        picker(TOOLS, "tool", "Ask more of this search", key="in_tool")
    answer(TOOLS, "tool", subject, titled=not whole)
    if subject.model is not None:
        write_link(_place(current(BeamTreeView)))


def _replay(trace: Trace) -> None:
    st.download_button(
        "Replay page (HTML)", lambda: replay_html(trace), "replay.html", "text/html", on_click="ignore",
        key="replay", help="The whole search step by step, in one file that needs no network and no model.",
    )  # fmt: skip


if __name__ == "__main__":
    import app

    app.main()
