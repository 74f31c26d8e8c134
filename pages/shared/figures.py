"""What a figure has to know of the visitor before it is drawn."""

import importlib

import streamlit as st

# Plotly asks for pandas while it draws, and breaks if another visitor's thread is just importing it; so it is
# imported whole before anything is drawn.
importlib.import_module("pandas")


def is_dark() -> bool:
    """Return whether the visitor looks at the dark theme."""
    return bool(st.context.theme.type == "dark")
