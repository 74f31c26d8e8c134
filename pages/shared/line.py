"""The input line: a component, so that Enter submits and Shift+Enter breaks the line."""

from collections.abc import Callable

import streamlit as st

from pages.shared.components import component

_line = component("line", '<div class="line"><textarea rows="1"></textarea><button type="button"></button></div>')


def line(
    text: str, *, label: str, placeholder: str, language: str, submitted: Callable[[str], None], round_: int = 0
) -> None:
    """Draw the input line. submitted: called with the text when it is sent.

    round_: another number puts `text` into the field even if it is the one that was there before.
    """

    def sent() -> None:
        value = st.session_state["in_line"].get("submit")
        if value:
            submitted(str(value["text"]))

    _line(
        key="in_line",
        data={
            "text": text,
            "label": label,
            "placeholder": placeholder,
            "language": language,
            "verb": "Translate",
            "round": round_,
        },
        on_submit_change=sent,
    )
