"""What if: force a prefix and compare the new tree with the old one; every edit is kept and can be undone."""

import math

import streamlit as st

from pages.beam_tree_panels.choice import choose
from pages.shared import models, problems
from pages.shared.edits import history, keep
from pages.shared.html import clean, plain
from pages.shared.opened import needs_model
from pages.shared.subject import Subject
from pages.shared.versions import described, forced_node, searched, versions
from pages.shared.view import current, update
from pages.shared.views import BeamTreeView
from seq2seq.errors import Seq2SeqError
from seq2seq.explain import path_tokens
from seq2seq.trace import History, Trace
from seq2seq.trace.view import prefix_text
from seq2seq.viz.labels import number, percent, piece_label, shortened

_PROBLEM = "whatif_problem"
_LINE = "\u2003"  # indents a button's label


def panel(subject: Subject[BeamTreeView]) -> None:
    """Draw the ways to force a prefix, the outcome of the last edit, and the edit history."""
    if not needs_model(subject.model, "Forcing another beginning"):
        return
    edits = history(current(BeamTreeView))
    if subject.view.tree == "whole":
        _ways_to_force(subject, edits)
    elif not edits.versions:
        st.caption("Choose a node in the tree, and force one of its candidates or a word of your own beside it.")
    if message := st.session_state.pop(_PROBLEM, None):
        problems.say(message)
    if edits.versions:
        left, right = st.columns([1.2, 1])
        with left:
            _outcome(subject, edits)
        with right:
            _versions(subject, edits)


def _ways_to_force(subject: Subject[BeamTreeView], edits: History) -> None:
    st.markdown(
        "Force the start of the translation, and the search continues from there.",
        help="Choose a node in the tree, then keep the prefix up to it, take another of its candidates, or type a "
        "word of your own.",
    )
    one, two, three = st.columns(3)
    with one:
        _continue(subject, edits)
    with two:
        _candidate(subject)
    with three:
        _word(subject)


def _continue(subject: Subject[BeamTreeView], edits: History) -> None:
    prefix = path_tokens(subject.trace, subject.node)
    st.markdown("**Continue from here**")
    st.caption(f"After “{plain(_end(subject.trace, subject.node))}”" if prefix else "The start: nothing is forced.")
    st.button(
        "Continue from here", icon=":material/play_arrow:", key="continue_here", width="stretch",
        disabled=not prefix or prefix == edits.version(edits.current).prefix,
        help="All slots of the beam start after this node, so its descendants no longer compete with others.",
        on_click=_force, args=(subject, prefix),
    )  # fmt: skip


def _candidate(subject: Subject[BeamTreeView]) -> None:
    trace, node = subject.trace, subject.node
    nodes = trace.nodes
    children = [n for n, parent in enumerate(nodes.parent) if parent == node]
    children.sort(key=lambda n: -nodes.log_prob[n])
    st.markdown("**Force a candidate**")
    if not children:
        st.caption("The search did not continue here, so there are none. “Continue from here” asks the model.")
        return
    place = st.selectbox(
        "Candidate", children, key=f"in_candidate_{node}", index=min(1, len(children) - 1),
        format_func=lambda n: _choice(trace, n),
    )  # fmt: skip
    st.button(
        "Force this candidate", icon=":material/keyboard_tab:", key="force_candidate", width="stretch",
        on_click=_force, args=(subject, path_tokens(trace, place)),
    )  # fmt: skip


def _choice(trace: Trace, node: int) -> str:
    nodes = trace.nodes
    return f"{piece_label(nodes.piece[node])}  {percent(math.exp(nodes.log_prob[node]))}, {nodes.status[node]}"


def _word(subject: Subject[BeamTreeView]) -> None:
    st.markdown("**Force a word of your own**")
    with st.form("force_word", border=False):
        st.text_input(
            f"After “{_end(subject.trace, subject.node)}”" if subject.node else "As the first word",
            key="in_word", max_chars=60,
            help="It begins a new word; with · or a hyphen in front it continues the last one. </s> ends.",
        )  # fmt: skip
        st.form_submit_button(
            "Force this word", icon=":material/edit:", width="stretch", on_click=_force_word, args=(subject,)
        )


def _end(trace: Trace, node: int) -> str:
    return clean(shortened(prefix_text(trace, node), 34, keep_end=True))


def _force_word(subject: Subject[BeamTreeView]) -> None:
    prefix = path_tokens(subject.trace, subject.node)
    try:
        session = models.load(subject.model or "").session(subject.sentence)
        typed = session.typed_tokens(prefix, clean(st.session_state["in_word"]))
    except Seq2SeqError as problem:
        st.session_state[_PROBLEM] = str(problem)
        return
    _force(subject, (*prefix, *typed), whole_word=True)


def _force(subject: Subject[BeamTreeView], prefix: tuple[int, ...], *, whole_word: bool = False) -> None:
    """Add a version in which `prefix` is forced; replaced attention stays replaced."""
    edits = history(current(BeamTreeView))
    try:
        _go(subject, edits.edit(prefix, edits.version(edits.current).rows, whole_word=whole_word))
    except Seq2SeqError as problem:
        st.session_state[_PROBLEM] = str(problem)


def _go(subject: Subject[BeamTreeView], edits: History) -> None:
    """Show the current version of `edits`, and choose its last forced node."""
    try:
        trace = searched(current(BeamTreeView), subject.model or "", subject.sentence, edits, edits.current)
    except Seq2SeqError as problem:
        st.session_state[_PROBLEM] = str(problem)
        return
    keep(edits)
    update(pruned="", tool="whatif")
    choose(forced_node(trace))
    st.rerun()  # the whole page: the trees are outside this panel's fragment


def _outcome(subject: Subject[BeamTreeView], edits: History) -> None:
    """Say what the edit changed."""
    found = versions(current(BeamTreeView), subject.model or "", subject.sentence, edits)
    if found.before is None:
        st.caption("The plain search is shown; nothing is forced in it.")
        return
    new, old = found.now.best, found.before.best
    if new.text == old.text:
        st.info(f"The translation stays the same: “{plain(new.text)}”", icon=":material/equal:")
        return
    gap = new.log_prob - old.log_prob
    factor = math.exp(min(abs(gap), 7))
    times = f"{factor:,.1f} times" if factor < 1000 else "over a thousand times"
    st.info(
        f"“{plain(new.text)}” instead of “{plain(old.text)}”. To the model it is {times} "
        f"{'more' if gap > 0 else 'less'} likely: log-probability {plain(number(new.log_prob))} against "
        f"{plain(number(old.log_prob))}; by length {plain(number(new.normalised))} against "
        f"{plain(number(old.normalised))}.",
        icon=":material/call_split:",
    )
    if new.normalised > old.normalised + 1e-9 and _within_reach(found.before, found.now):
        st.success(
            "It scores better than what the search had found, which had pruned it on the way: a search error.",
            icon=":material/lightbulb:",
        )


def _within_reach(before: Trace, now: Trace) -> bool:
    """Return whether the search before the edit could have found the new output: its options allow it."""
    forced, options = before.options.prefix, before.options
    rows = [trace.edits[-1].attention if trace.edits else () for trace in (before, now)]
    return (
        path_tokens(now, now.best.leaf)[: len(forced)] == forced
        and rows[0] == rows[1]
        and options.no_repeat == 0
        and options.groups == 1
        and now.best.finished
    )


def _versions(subject: Subject[BeamTreeView], edits: History) -> None:
    """Draw the history as an indented list, with the controls to rename and undo."""
    st.markdown("**Versions**")
    for version, depth in _ordered(edits):
        name = (
            described(subject.model or "", subject.sentence, edits.version(version)) if version else "Plain search"
        )
        st.button(
            _LINE * depth + ("└ " if depth else "") + plain(shortened(name, 44)),
            key=f"version_{version}", type="primary" if version == edits.current else "tertiary",
            on_click=_go, args=(subject, edits.go_to(version)),
        )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            "Undo", icon=":material/undo:", key="undo", disabled=not edits.current,
            on_click=_go, args=(subject, edits.undo()),
        )  # fmt: skip
        if edits.current:
            with st.popover("Name this version", icon=":material/label:"), st.form("rename", border=False):
                st.text_input("Name", key="in_version_name", max_chars=40)
                st.form_submit_button("Keep the name", on_click=_rename, args=(edits,))


def _rename(edits: History) -> None:
    try:
        keep(edits.rename(edits.current, clean(st.session_state["in_version_name"])))
    except Seq2SeqError as problem:
        st.session_state[_PROBLEM] = str(problem)


def _ordered(edits: History, version: int = 0, depth: int = 0) -> list[tuple[int, int]]:
    """Return every version with its depth, each after the one it was made from."""
    found = [(version, depth)]
    for child in edits.children(version):
        found += _ordered(edits, child, depth + 1)
    return found
