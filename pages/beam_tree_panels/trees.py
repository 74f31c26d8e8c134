"""The tree of a search, alone or next to the one it was edited from."""

import zlib
from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.beam_tree_panels.choice import choose, focus, room, unfolded
from pages.beam_tree_panels.panning import keep_view
from pages.shared import exports
from pages.shared.html import coloured_words, facts, heading
from pages.shared.subject import Subject
from pages.shared.versions import forced_node
from pages.shared.views import TreeView
from seq2seq import viz
from seq2seq.trace import Trace
from seq2seq.trace.view import prefix_text, words_on_path
from seq2seq.viz.describe import node_summary, tree_summary
from seq2seq.viz.export import figure_html
from seq2seq.viz.labels import number
from seq2seq.viz.tables import tree_csv

_ALONE, _BESIDE = 720, 430  # heights in pixels: of one tree, and of two side by side


def tree(subject: Subject[TreeView], before: Trace | None = None) -> None:
    """Draw the tree, in which a click chooses a node. before: nodes that this search did not keep are marked."""
    trace, node, every = subject.trace, subject.node, subject.view.pruned == "all"
    height = _ALONE if before is None else _BESIDE
    shown, mark = unfolded(subject.view, trace), _mark(trace, before)
    # The browser stores a selection by point index, so a changed figure needs a new chart key.
    key = f"tree_{mark}_{_short((every, sorted(shown)))}"
    drawn = viz.beam_tree(
        trace,
        dark=subject.dark,
        chosen=node,
        focus=focus(subject, mark, height),
        pruned_of=shown,
        show_pruned=every,
        against=before,
        height=height,
        room=room(subject),
    )
    says = f"{tree_summary(trace)} Chosen: {node_summary(trace, node)}"
    with st.container(key="tree"):
        _figure(trace, drawn, key, says, subject.dark, on_click=_clicked)
    keep_view(mark)


def two_trees(subject: Subject[TreeView], before: Trace) -> None:
    """Draw the search before an edit next to the one after it, in which new nodes are marked."""
    with st.container(key="two_trees"):
        left, right = st.columns(2)
        with left, st.container(border=True):
            _headline("Before", before, subject.dark)
            held = _last_common(before, subject.trace)
            drawn = viz.beam_tree(
                before, dark=subject.dark, focus=held, height=_BESIDE, room=room(subject, alone=False)
            )
            with st.container(key="tree_before"):
                _figure(before, drawn, f"before_{_mark(before)}", tree_summary(before), subject.dark)
        with right, st.container(border=True):
            _headline("After", subject.trace, subject.dark)
            tree(subject, before)


def _figure(
    trace: Trace, drawn: Any, key: str, says: str, dark: bool, on_click: exports.Clicked | None = None
) -> None:
    name = f"Beam tree of {trace.source.text}"

    def whole() -> str:
        return figure_html(viz.beam_tree(trace, dark=dark, height=None), name, tree_summary(trace), dark=dark)

    exports.figure(
        drawn,
        key,
        says,
        name=name,
        csv=lambda: tree_csv(trace),
        html=whole,
        trace=trace,
        on_click=on_click,
    )


def _clicked(data: Sequence[Any]) -> None:
    choose(int(data[0]))


def _mark(trace: Trace, before: Trace | None = None) -> str:
    """Return a short key of a search, and of whether it is shown next to another one."""
    return _short((trace.source.text, trace.model.digest, trace.options, trace.edits, before is None))


def _short(value: object) -> str:
    return f"{zlib.crc32(repr(value).encode()):08x}"


def _headline(name: str, trace: Trace, dark: bool) -> None:
    forced = prefix_text(trace, forced_node(trace))
    says = [f"“{forced}” forced"] if forced else []
    if trace.edits and trace.edits[-1].attention:
        steps = ", ".join(str(row.step) for row in trace.edits[-1].attention)
        says.append(f"attention replaced at step {steps}")
    st.html(heading(f"{name}: {', '.join(says) or 'nothing forced'}", viz.palette(dark).text))
    st.html(coloured_words(words_on_path(trace, trace.best.leaf), dark=dark))
    values = [("log-probability", number(trace.best.log_prob)), ("score by length", number(trace.best.normalised))]
    st.html(facts(values))


def _last_common(one: Trace, other: Trace) -> int:
    """Return the last node that one's best path shares with other's best path."""
    last = 0
    pairs = zip(one.path(one.best.leaf), other.path(other.best.leaf), strict=False)
    for mine, theirs in pairs:
        if one.nodes.token[mine] != other.nodes.token[theirs]:
            break
        last = mine
    return last
