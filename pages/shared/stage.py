"""The stage as a component: a search's data go in once, and from then on stepping and hovering ask nobody."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from pages.shared.components import component
from pages.shared.figures import is_dark
from pages.shared.panels import Questions
from pages.shared.views import SearchView
from seq2seq.viz import stage
from seq2seq.viz.stage import Search

_stage = component("stage", "<section></section>", script=stage.script(), style=stage.style())

V = TypeVar("V", bound=SearchView)

_PLAYS = "stage_plays"


def play(
    searches: Sequence[Search],
    *,
    key: str,
    step: int | None,
    opening: bool = False,
    language: str,
    target: str,
    force: Callable[[tuple[int, ...], str], None] | None = None,
    undo: Callable[[], None] | None = None,
    questions: Questions | None = None,
    hide: Callable[[int], None] | None = None,
    picture: bytes | None = None,
    numbers: bool = False,
) -> None:
    """Draw the stage with some searches of one source; a visitor who has chosen them elsewhere sees them played.

    step: where to start; None for the end. opening: it plays once by itself, and takes no keys before somebody
    has pressed something in it. force: called with the tokens to begin with and a typed word behind them, if any.
    undo: called when the last of these is to be taken back. questions: what the inspector offers to ask.
    hide: called with the number of a photo's region that is to be greyed out. language, target: codes of the
    languages of the source and of the outputs. picture: a JPEG of the photo, larger than the traces' own;
    numbers: whether its regions show theirs.
    """

    def forced() -> None:
        asked = st.session_state[key].get("force")
        if force is not None and asked:
            force(tuple(int(token) for token in asked["tokens"]), str(asked["word"]))

    def undone() -> None:
        if undo is not None and st.session_state[key].get("undo"):
            undo()

    def asked() -> None:
        one = st.session_state[key].get("ask")
        if questions is not None and one:
            questions.ask(str(one["name"]))

    def hidden() -> None:
        event = st.session_state[key].get("hide")
        if hide is not None and event:
            hide(int(event["region"]))

    _stage(
        key=key,
        data={
            **stage.searches_of(searches),
            "colours": stage.variables(dark=is_dark()),
            "step": step,
            "node": _asked("node", 6) if step is not None else None,
            "play": opening or st.session_state.pop(_PLAYS, False),
            "seek": not opening,
            "keys": not opening,
            "remember": not opening,
            "language": language,
            "target": target,
            "force": force is not None,
            "undo": undo is not None,
            "hides": hide is not None,
            "questions": questions.titles if questions is not None else [],
            "asked": questions.open if questions is not None else "",
            "numbers": numbers,
            "picture": picture and f"data:image/jpeg;base64,{b64encode(picture).decode()}",
        },
        on_force_change=forced,
        on_undo_change=undone,
        on_ask_change=asked,
        on_hide_change=hidden,
    )


def play_next() -> None:
    """Let the next search play by itself, from its first step on; call it where a search is chosen from a list."""
    st.session_state[_PLAYS] = True
    leave_place()


def leave_place() -> None:
    """Take step and node out of the address, since another source has others; call it in a callback."""
    for name in ("step", "node", "at"):
        st.query_params.pop(name, None)


def asked_step() -> int | None:
    """Return the step that the address asks for; the browser itself writes it there."""
    return _asked("step", 3)


def place_in_address(name: str, otherwise: int) -> int:
    """Return a place that the browser itself has written into the address, if it has."""
    place = _asked(name, 2)
    return otherwise if place is None else min(place, 20)


def _asked(name: str, digits: int) -> int | None:
    value = st.query_params.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= digits else None


def followed(view: V) -> V:
    """Return a view at the step and the node that the browser has written into the address."""
    step = asked_step()
    if step is None:
        return view
    return view.model_copy(update={"step": min(max(step, 1), 400), "node": _asked("node", 6) or 0})
