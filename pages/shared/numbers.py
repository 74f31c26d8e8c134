"""The panel that opens one step of a model down to single multiplications."""

import streamlit as st

from pages.shared import answers
from pages.shared.components import component
from pages.shared.figures import is_dark
from pages.shared.stage import followed
from pages.shared.subject import Subject
from pages.shared.view import current
from pages.shared.views import SearchView
from seq2seq.trace import Trace
from seq2seq.viz import stage

_map = component(
    "map", '<section class="lesson"></section>', script=stage.lesson_script(), style=stage.lesson_style()
)


def panel(subject: Subject[SearchView]) -> None:
    """Draw the map of a step of the search: of its output, or of the way to the node that is chosen."""
    view = followed(current(SearchView))
    numbers(subject.trace, subject.model, view.step, view.node)


def numbers(trace: Trace, model: str | None, step: int = 1, node: int = 0) -> None:
    """Draw the map of a step. model: None for a trace that was opened, whose model is not at hand.

    step: the one that is shown first. node: of the trace; the steps are those on the way to it, 0 for the output.
    """
    if model is None:
        st.info("This needs the model itself, and the trace was opened from a file.", icon=":material/info:")
        return
    from seq2seq.course.experiments.arithmetic import map_of  # and with it all experiments
    from seq2seq.course.experiments.shared import label

    path = _path(trace, node)
    pieces = [label(trace.nodes.piece[each]) for each in path]
    chosen = st.pills(
        "The step that writes",
        range(1, len(path) + 1),
        format_func=lambda number: pieces[number - 1],
        default=min(step, len(path)),
        required=True,
        key=f"numbers_{trace.model.digest[:6]}_{path[-1]}",
    )
    tokens = [trace.nodes.token[each] for each in path]
    found = answers.arithmetic(model, trace, tokens[: chosen - 1], tokens[chosen - 1])
    _map(key="map", data={"figure": map_of(found), "colours": stage.variables(dark=is_dark())})


def _path(trace: Trace, node: int) -> list[int]:
    """Return the way to a node, or the output's if that goes through it."""
    winner = list(trace.path(trace.best.leaf))
    return winner if not 0 < node < len(trace.nodes) or node in winner else list(trace.path(node))
