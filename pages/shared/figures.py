"""How a Plotly figure comes onto a page."""

import plotly.graph_objects as go
import streamlit as st


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
