"""What a visitor can ask on a page: panels, each a function that draws itself for the page's subject.

The stage's inspector offers them as its questions, other pages in a row of their own; the answer stands below.
"""

from collections.abc import Callable, Mapping
from typing import Generic, Literal, NamedTuple, TypeVar

import streamlit as st

from pages.shared import problems
from pages.shared.frame import hides
from pages.shared.heavy import PendingError
from pages.shared.view import bound, current, update
from pages.shared.views import View
from seq2seq.errors import Seq2SeqError

S = TypeVar("S")
Field = Literal["tool", "closer", "ask"]  # of the view: which panel is open


class Panel(NamedTuple, Generic[S]):
    """A panel's title, and what draws it."""

    title: str
    draw: Callable[[S], None]


class Questions(NamedTuple):
    """What the stage's inspector offers, the open one of them, and what opens another; "" closes it."""

    titles: list[tuple[str, str]]
    open: str
    ask: Callable[[str], None]


def questions(panels: Mapping[str, Panel[S]], field: Field) -> Questions:
    """Return the panels as the questions of the stage."""
    named = [] if hides("questions") else [(name, panel.title) for name, panel in panels.items()]
    return Questions(named, opened(panels, field), lambda name: _open(name if name in panels else "", field))


def opened(panels: Mapping[str, Panel[S]], field: Field) -> str:
    """Return the name of the open panel, or ""."""
    chosen: str = getattr(current(View), field)
    return chosen if chosen in panels else ""


def picker(panels: Mapping[str, Panel[S]], field: Field, label: str, *, key: str) -> None:
    """Draw a row to open a panel from, where no stage offers them."""
    if hides("questions"):
        return
    choice = bound(field, key, read=lambda name: name or "")
    st.session_state[key] = opened(panels, field) or None
    st.segmented_control(
        label, list(panels), format_func=lambda name: panels[name].title, label_visibility="collapsed", **choice
    )  # fmt: skip


def answer(panels: Mapping[str, Panel[S]], field: Field, subject: S, *, titled: bool = False) -> None:
    """Draw the open panel, if one is. titled: with its title and a button that closes it."""
    name = opened(panels, field)
    with st.container(key="answer"):  # also while empty, so that the browser can wait for what comes
        if not name:
            return
        with st.container(border=True):
            if titled:
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.subheader(panels[name].title, anchor=False)
                    if st.button("Close", key="close_answer", icon=":material/close:", type="tertiary"):
                        _open("", field)
                        st.rerun()  # the stage shows which question is open
            try:
                panels[name].draw(subject)
            except PendingError:
                return  # which it has said
            except Seq2SeqError as problem:
                problems.say(problem)


def _open(name: str, field: Field) -> None:
    update(**{field: name})
