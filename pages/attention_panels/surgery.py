"""Attention surgery: replace the attention weights of one step, and see what the model outputs then."""

import math
from typing import TYPE_CHECKING

import streamlit as st

from pages.attention_panels import row_editor
from pages.attention_panels.chosen import ChosenWord, chosen
from pages.shared import answers, edits, exports
from pages.shared.html import coloured_words, facts, heading, muted, plain
from pages.shared.opened import needs_model
from pages.shared.subject import Subject
from pages.shared.views import AttentionView
from seq2seq import viz
from seq2seq.trace import Edit, History
from seq2seq.trace.view import words_on_path
from seq2seq.viz.labels import number, percent, piece_label
from seq2seq.viz.tables import table_csv

if TYPE_CHECKING:
    from seq2seq.explain import Surgery


def panel(subject: Subject[AttentionView]) -> None:
    """Draw an editor for the attention row of the chosen step, and what the edits made so far have changed."""
    if not needs_model(subject.model, "Attention surgery") or subject.model is None:
        return
    if subject.trace.expanded.attention is None:
        st.info("This model has no attention to operate on; choose one that has.", icon=":material/block:")
        return
    st.write(
        "Replace the weights of one step: if the words follow them, the attention mattered there; if nothing "
        "changes, it did not. Try all weight on a wrong word."
    )
    made = edits.history(subject.view)
    at = chosen(subject)
    with st.container(border=True):
        st.fragment(row_editor.draw)(subject, at, made)
    _versions(made)
    edit = made.version(made.current)
    if edit.attention:
        _outcome(subject, subject.model, at, edit)


def _versions(made: History) -> None:
    """Draw the list of edits and the undo button."""
    if not made.versions:
        st.html(muted("No edit yet: set weights above and keep them."))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.session_state["in_version"] = made.current
        st.selectbox(
            "Edits",
            range(len(made.versions) + 1),
            key="in_version",
            format_func=lambda version: _named(made, version),
            on_change=lambda: edits.keep(made.go_to(st.session_state["in_version"])),
            width=380,
            help="Each edit is made from the one that was chosen here before. The link keeps them all, until it "
            "gets too long; then a message says so.",
        )
        st.button(
            "Undo",
            icon=":material/undo:",
            key="surgery_undo",
            disabled=not made.current,
            on_click=lambda: edits.keep(made.undo()),
        )
    if made.current and not made.version(made.current).attention:
        st.html(muted("This edit forces a prefix and leaves the attention alone; the beam tree shows it."))


def _named(made: History, version: int) -> str:
    if not version:
        return "0 · nothing changed"
    edit = made.version(version)
    name = edit.name or (f"attention of {len(edit.attention)} steps" if edit.attention else "forced prefix")
    return f"{version} · {name}" + (f" (after {edit.parent})" if edit.parent else "")


def _outcome(subject: Subject[AttentionView], model: str, at: ChosenWord, edit: Edit) -> None:
    """Draw what the current edit did."""
    fits = at.tokens[: len(edit.prefix)] == edit.prefix and edit.attention[0].step <= len(at.tokens)
    trace = subject.trace
    with st.spinner("Decoding …"):
        done = answers.surgery(model, trace, edit, at.tokens if fits else None)
    st.html(
        facts(
            [
                ("divergence at this step", f"{number(done.divergence, 3)} nats"),
                ("operated on", ", ".join(f"step {row.step}" for row in edit.attention)),
                ("translation", "stays the same" if done.old_text == done.new_text else "changed"),
            ]
        )
    )
    colours = viz.palette(subject.dark)
    before, after = st.columns(2)
    with before, st.container(border=True):
        st.html(heading("Before", colours.muted))
        st.html(
            coloured_words(words_on_path(trace, subject.node), dark=subject.dark, parts_at=done.step)
            if fits
            else muted(done.old_text)
        )
    with after, st.container(border=True):
        st.html(heading("With the weights replaced", colours.winner))
        st.html(coloured_words(words_on_path(done.new, done.new.best.leaf), dark=subject.dark, parts_at=done.step))
    for sentence in done.sentences[:2]:
        st.write(plain(sentence))
    _figures(subject, done)


def _figures(subject: Subject[AttentionView], done: "Surgery") -> None:
    left, right = st.columns(2)
    name = f"Surgery at step {done.step} of {subject.trace.source.text}"
    with left:
        told = ", ".join(
            f"{piece_label(one.piece)} {percent(math.exp(one.old))} then {percent(math.exp(one.new))}"
            for one in done.candidates
        )
        exports.figure(
            viz.surgery_candidates(done, dark=subject.dark),
            "surgery_candidates",
            f"Candidates before and after: {told}",
            name=name,
            title=f"What could come next at step {done.step}",
            csv=lambda: table_csv(
                ("piece", "log_prob before", "log_prob after"), (one[1:] for one in done.candidates)
            ),
            trace=done.new,
        )
    with right:
        told = ", ".join(f"{word.text} {number(word.divergence, 3)}" for word in done.words)
        exports.figure(
            viz.surgery_effects(done, dark=subject.dark),
            "surgery_effects",
            f"Divergence of each word of the old translation, forced again: {told}",
            name=f"{name}, effects",
            title="How far each word of the old translation moved (KL, nats)",
            csv=lambda: table_csv(("word", "first step", "log_prob before", "log_prob after", "KL"), done.words),
        )
        st.caption("The old translation is forced word by word, so that only the weights differ.")
