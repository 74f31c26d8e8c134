"""What a figure needs to know about the visitor before it is drawn."""

import importlib

import streamlit as st


def is_dark() -> bool:
    """Return whether the visitor uses the dark theme."""
    # Plotly imports pandas lazily while drawing, and breaks if another visitor's thread is halfway through that
    # import; so pandas is imported here, since everything that draws calls this first.
    importlib.import_module("pandas")
    return bool(st.context.theme.type == "dark")
