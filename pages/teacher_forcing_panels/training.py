"""Train it yourself: a form, a run to follow, and the visitor's runs."""

import time

import streamlit as st

from pages.shared import problems
from pages.shared.html import muted, plain
from pages.shared.runs import store, visitor
from pages.shared.runs.follow import read_status
from pages.shared.runs.names import nickname
from pages.shared.runs.store import Run
from pages.shared.view import current, update
from pages.shared.views import TeacherForcingView
from pages.teacher_forcing_panels import training_form, training_run
from pages.teacher_forcing_panels.training_actions import PROBLEM
from seq2seq.errors import Seq2SeqError


def panel() -> None:
    """Draw the run that the link names, or the form; and below it the visitor's own runs."""
    if problem := st.session_state.pop(PROBLEM, ""):
        problems.say(problem)
    try:
        _shown()
    except Seq2SeqError as problem:
        problems.say(problem)
    _own_runs()
    visitor.remember()


def _shown() -> None:
    name = current(TeacherForcingView).run
    run = store.find(name) if name else None
    if name and (run is None or run.kind != "training"):
        st.info(
            "The link's run is not here any more: whoever started it has deleted it, or nobody had viewed it "
            f"for {store.KEPT_DAYS} days.",
            icon=":material/delete:",
        )
    if run is None or run.kind != "training":
        training_form.form()
        return
    visitor.take_link_key(run)
    training_run.follow(run)


def _own_runs() -> None:
    """List the visitor's runs; those of others are found by their links alone."""
    runs = [run for run in visitor.runs() if run.kind == "training"]
    if not runs:
        return
    with st.expander(f"Your runs ({len(runs)})", icon=":material/history:"):
        for run in runs:
            _row(run)
        st.html(
            muted(
                f"This browser remembers that they are yours. You keep {store.MOST}; one that nobody views "
                f"for {store.KEPT_DAYS} days is deleted when somebody starts another run."
            )
        )


def _row(run: Run) -> None:
    status = read_status(run)
    bleu = f", BLEU {status.validated['valid']['bleu']:.0f}" if status.validated else ""
    hours = (time.time() - run.created) / 3600
    age = "today" if hours < 24 else f"{hours / 24:.0f} days ago"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{nickname(run.id)}** · {status.state}{bleu} · {age}  \n{plain(run.about)}", width="stretch")
        st.button(
            "Open",
            key=f"open_{run.id}",
            on_click=_open,
            args=(run.id,),
            disabled=run.id == current(TeacherForcingView).run,
        )


def _open(name: str) -> None:
    update(run=name)
    st.rerun()  # the whole page, for its link changes
