"""The panel that opens one step of a model down to single multiplications."""

import streamlit as st

from pages.shared import answers
from pages.shared.components import read
from pages.shared.figures import is_dark
from pages.shared.stage import followed
from pages.shared.subject import Subject
from pages.shared.view import current
from pages.shared.views import SearchView
from seq2seq.course.experiments.arithmetic import map_of
from seq2seq.course.experiments.shared import label
from seq2seq.trace import Trace
from seq2seq.viz import stage

_map = st.components.v2.component(
    "map",
    html='<section class="lesson"></section>',
    css=stage.lesson_style(),
    js="\n".join([stage.lesson_script(), read("map.js")]),
)


def panel(subject: Subject[SearchView]) -> None:
    """Draw the map of a step of the search's output, or of the chosen node's."""
    numbers(subject.trace, subject.model)


def numbers(trace: Trace, model: str | None) -> None:
    """Draw the map of a step. model: None for a trace that was opened, whose model is not at hand."""
    if model is None:
        st.info("This needs the model itself, and the trace was opened from a file.", icon=":material/info:")
        return
    path = _path(trace, followed(current(SearchView)))
    pieces = [label(trace.nodes.piece[node]) for node in path]
    start = min(followed(current(SearchView)).step, len(path))
    step = st.pills(
        "The step that writes",
        range(1, len(path) + 1),
        format_func=lambda number: pieces[number - 1],
        default=start,
        required=True,
        key=f"numbers_{trace.model.digest[:6]}_{path[-1]}",
    )
    tokens = [trace.nodes.token[node] for node in path]
    found = answers.arithmetic(model, trace, tokens[: step - 1], tokens[step - 1])
    _map(key="map", data={"figure": map_of(found), "colours": stage.variables(dark=is_dark())})


def _path(trace: Trace, view: SearchView) -> list[int]:
    """Return the way to the chosen node, or the winner's if that is longer and goes through it."""
    winner = list(trace.path(trace.best.leaf))
    if not 0 < view.node < len(trace.nodes) or view.node in winner:
        return winner
    return list(trace.path(view.node))
