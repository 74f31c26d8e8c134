"""The glossary on every page: terms explain themselves when one points at them or focuses what holds them."""

import streamlit as st

from pages.shared.components import component
from pages.shared.figures import is_dark
from seq2seq.course.glossary import terms
from seq2seq.viz import stage

_glossary = component("glossary")


def draw() -> None:
    """Make the page's terms explain themselves, and offer the list of all of them."""
    with st.container(key="glossary"):
        _glossary(
            key="terms",
            data={
                "terms": [term.model_dump(mode="json") for term in terms()],
                "colours": stage.variables(dark=is_dark()),
            },
        )
