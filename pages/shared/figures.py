"""How a Plotly figure comes onto a page."""

import importlib

import plotly.graph_objects as go
import streamlit as st

# Plotly asks for pandas while it draws, and breaks if another visitor's thread is just importing it; so it is
# imported whole before anything is drawn.
importlib.import_module("pandas")


def is_dark() -> bool:
    """Return whether the visitor looks at the dark theme."""
    return bool(st.context.theme.type == "dark")


def show(figure: go.Figure, key: str, says: str) -> None:
    """Draw `figure`; `says` tells the same in words, for screen readers."""
    st.plotly_chart(
        figure,
        key=key,
        theme=None,
        alt=says,
        config={
            "displaylogo": False,
            "modeBarButtons": [["toImage"]],
            "toImageButtonOptions": {"format": "svg", "filename": key, "scale": 2},
        },
    )
