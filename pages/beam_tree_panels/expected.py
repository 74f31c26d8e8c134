"""The output that the visitor expected: one field, which several panels show and the link restores."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from pages.shared.html import clean
from pages.shared.view import current, update
from pages.shared.views import LONGEST_EXPECTED, SearchView


class Answer(NamedTuple):
    """The field's text, or what is wrong with it."""

    text: str
    problem: str


def expected_form(
    key: str, title: str, button: str, *, needed: bool, disabled: bool, submitted: Callable[[], None] | None = None
) -> Answer:
    """Draw the form and return the text that was last submitted here or in another panel.

    needed: an empty text is an error. submitted: called when the text is valid.
    """
    state, field, expected = st.session_state, f"{key}_expected", current(SearchView).expected
    if field not in state:
        state.pop(f"{key}_problem", None)
    if field not in state or state.get(f"{key}_filled") != expected:
        state[field] = expected
    state[f"{key}_filled"] = expected
    with st.form(key, border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(title, key=field, disabled=disabled, width="stretch")
        st.form_submit_button(button, on_click=_submitted, args=(key, needed, submitted), disabled=disabled)
    return Answer(expected, state.get(f"{key}_problem", ""))


def _submitted(key: str, needed: bool, submitted: Callable[[], None] | None) -> None:
    text = clean(st.session_state[f"{key}_expected"]).strip()
    problem = ""
    if needed and not text:
        problem = "There is nothing to look for; type what you expected."
    elif len(text) > LONGEST_EXPECTED:
        problem = f"The text has {len(text):,} characters and {LONGEST_EXPECTED} is the most; shorten it."
    st.session_state[f"{key}_problem"] = problem
    if problem:
        return
    update(expected=text)
    if submitted:
        submitted()
