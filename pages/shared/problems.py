"""Errors as a page shows them: one sentence that the visitor can act on, without server paths."""

import streamlit as st

from pages.shared import uploads
from pages.shared.html import plain
from seq2seq.errors import shortened

_LONGEST = 500


def say(problem: object, icon: str = ":material/error:", more: str = "") -> None:
    """Draw an error box. more: a sentence to append."""
    text = shortened(uploads.without_paths(str(problem)), _LONGEST)
    st.error(plain(f"{text} {more}".strip()), icon=icon)
