"""One step of an output: the candidates for the next piece, and the attention."""

import math

import streamlit as st

from pages.shared.exports import figure
from pages.shared.html import clean, muted, plain
from pages.shared.subject import Subject
from pages.shared.view import update
from pages.shared.views import AttentionView
from seq2seq import viz
from seq2seq.trace.view import prefix_text
from seq2seq.viz.describe import looked_most, step_summary
from seq2seq.viz.labels import percent, piece_label
from seq2seq.viz.tables import node_attention_csv, step_csv


def panel(subject: Subject[AttentionView]) -> None:
    """Draw the chosen step, and the controls to choose another."""
    trace, nodes = subject.trace, subject.trace.nodes
    path = trace.path(subject.node)
    pieces = [clean(piece_label(nodes.piece[n])) for n in path]
    node = path[subject.step - 1]
    before = nodes.parent[node]
    _choose(subject.step, pieces)
    text = prefix_text(trace, before)
    chance = percent(math.exp(nodes.log_prob[node]))
    st.html(
        muted(
            (f"After “{text}”" if text else "At the beginning")
            + f": {pieces[subject.step - 1]}, {chance}, rank {nodes.rank[node]} of the step"
        )
    )
    name = f"Step {subject.step} of {subject.sentence}"
    says = step_summary(trace, before)
    bars = viz.step_bars(trace, before, dark=subject.dark)
    if bars is not None:
        figure(
            bars, "att_candidates", says, name=name, title="What it could say", csv=lambda: step_csv(trace, before)
        )
    words = subject.view.by == "words"
    looked = viz.node_attention(trace, before, words=words, dark=subject.dark)
    if looked is not None:
        figure(
            looked, "att_row", f"At step {subject.step} the model looked at {looked_most(trace, before)}.",
            name=f"{name}, attention",
            title=f"Where it looked for the piece “{plain(pieces[subject.step - 1])}”",
            csv=lambda: node_attention_csv(trace, before, words=words),
        )  # fmt: skip


def _choose(step: int, pieces: list[str]) -> None:
    """Draw the buttons and the list; each does what a click on the map does."""
    st.session_state["att_step"] = step
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.button(
            "Back", icon=":material/chevron_left:", key="att_back", shortcut="Left", disabled=step == 1,
            on_click=_go, args=(step - 1,),
        )  # fmt: skip
        st.button(
            "Forward", icon=":material/chevron_right:", key="att_forward", shortcut="Right",
            disabled=step == len(pieces), on_click=_go, args=(step + 1,),
        )  # fmt: skip
        st.selectbox(
            f"Step, of {len(pieces)}",
            range(1, len(pieces) + 1),
            key="att_step",
            format_func=lambda i: f"{i}. {pieces[i - 1]}",
            on_change=_listed,
        )


def _go(step: int) -> None:
    update(step=step, column=None)


def _listed() -> None:
    if st.session_state.get("att_back") or st.session_state.get("att_forward"):
        return  # an echo of a button's press
    _go(st.session_state["att_step"])
