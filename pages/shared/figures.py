"""What a figure has to know of the visitor before it is drawn."""

import importlib

import streamlit as st


def is_dark() -> bool:
    """Return whether the visitor looks at the dark theme."""
    # Plotly asks for pandas while it draws, and breaks if another visitor's thread is just importing it; so it is
    # imported whole before anything is drawn, and everything that draws asks this first.
    importlib.import_module("pandas")
    return bool(st.context.theme.type == "dark")
