"""A trace from a file: a recorded search, viewed without its model."""

import streamlit as st

from pages.shared import problems
from pages.shared.html import plain
from seq2seq.errors import Seq2SeqError
from seq2seq.trace import Trace

LARGEST = 20  # MB
_TRACE, _PROBLEM, _ROUND = "opened_trace", "opened_problem", "opened_round"

_NO_MODEL = "The model itself is not open, so what needs it is greyed out."
_NO_PHOTO = "The file holds only a thumbnail, so what runs the model again needs the photo: upload it."


def opened() -> Trace | None:
    """Return the trace that this session has opened; None while it uses a model from the list."""
    trace: Trace | None = st.session_state.get(_TRACE)
    return trace


def open_trace() -> None:
    """Draw the upload of a trace file; while one is open, its name and a button to close it."""
    trace = opened()
    if trace is not None:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            photo = trace.source.kind == "photo"
            st.info(
                f"From a file: {'the photo ' if photo else ''}“{plain(trace.source.text)}”, searched by the model "
                f"“{plain(trace.model.name)}”. "
                + (_NO_PHOTO if photo else _NO_MODEL)
                + " No link holds the file: to show this to others, send them the file.",
                icon=":material/folder_open:",
                width="stretch",
            )
            st.button("Close the file", icon=":material/close:", key="opened_close", on_click=close)
        return
    with st.popover("Open a trace (JSON)", icon=":material/folder_open:", type="tertiary"):
        st.write("A trace is what “Save” keeps of a search, and what `python -m seq2seq trace` prints.")
        # A new key empties the widget when the file is closed.
        key = f"in_trace_{st.session_state.get(_ROUND, 0)}"
        st.file_uploader("Trace file", "json", key=key, on_change=_take, args=(key,), max_upload_size=LARGEST)
        if message := st.session_state.get(_PROBLEM):
            problems.say(message)


def close() -> None:
    """Go back to the models in the list."""
    st.session_state[_TRACE] = None
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def needs_model(model: str | None, does: str) -> bool:
    """Return whether there is a model; if not, show a message that `does` needs one."""
    if model is None:
        st.info(
            f"{does} asks the model itself, and a trace file does not hold it; close the file to use this.",
            icon=":material/block:",
        )
    return model is not None


def _take(key: str) -> None:
    st.session_state[_PROBLEM] = ""
    file = st.session_state.get(key)
    if file is None:
        return
    try:
        st.session_state[_TRACE] = Trace.from_json(file.getvalue())
    except Seq2SeqError as problem:
        st.session_state[_PROBLEM] = str(problem)
