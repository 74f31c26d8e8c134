"""What all Plotly figures share: fonts, margins, no chart junk, and labels shown literally."""

import importlib
import importlib.util
import unicodedata
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from seq2seq.viz.labels import shortened
from seq2seq.viz.palette import FONT, palette

# Plotly uses pandas where it is loaded, and breaks while another thread is halfway through loading it; so it is
# whole before anything is drawn.
_PANDAS = importlib.import_module("pandas") if importlib.util.find_spec("pandas") else None

ROW = 24  # height of a labelled row in pixels


def styled(figure: go.Figure, *, dark: bool, height: int) -> go.Figure:
    """Return `figure` with this project's style; its background is transparent, so it suits any page."""
    colours = palette(dark)
    axis = {
        "color": colours.muted,
        "gridcolor": colours.grid,
        "zeroline": False,
        "showline": False,
        "automargin": True,
        "title": {"standoff": 8, "font": {"size": 12, "color": colours.muted}},
    }
    # A figure with subplots has its axes already.
    axes = [name for name in figure.layout.to_plotly_json() if name[1:].startswith("axis")]
    return with_layout(
        figure,
        {
            "template": "none",
            "height": height,
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": FONT, "size": 13, "color": colours.text},
            "hoverlabel": {"font": {"family": FONT, "size": 13}, "align": "left"},
            "dragmode": False,
            "hovermode": "closest",
            "showlegend": False,
            **dict.fromkeys(["xaxis", "yaxis", *axes], axis),
        },
    )


def with_layout(figure: go.Figure, layout: dict[str, Any]) -> go.Figure:
    """Return `figure` with these settings merged into its layout; the others are unchanged.

    `go.Figure.update_layout` does the same key by key, which takes ten times as long: a page draws four figures
    for every step.
    """
    figure.layout = _merged(figure.layout.to_plotly_json(), layout)
    return figure


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    both = dict(old)
    for name, value in new.items():
        before = both.get(name)
        both[name] = _merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return both


def label(text: str, longest: int = 26, *, keep_end: bool = False) -> str:
    """Return `text` escaped so that Plotly shows it literally, cut to `longest` characters."""
    text = shortened(text, longest, keep_end=keep_end)
    # Plotly interprets a few HTML tags and entities, and $...$ as mathematics.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("$", "&#36;")


def text_width(text: str, size: float = 12) -> float:
    """Return an upper estimate of the width of `text` in pixels, for any of the fonts of `FONT`."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    broad = sum(c in "MWmw@%—…" for c in text)
    return (7 * len(text) + 6 * wide + 4 * broad) * size / 12


def tick_rows(labels: Sequence[str]) -> dict[str, object]:
    """Return axis settings that give row i, counted from the top, the i-th label; repeated labels stay separate."""
    return {
        "tickmode": "array",
        "tickvals": list(range(len(labels))),
        "ticktext": list(labels),
        "range": [len(labels) - 0.5, -0.5],
        "showgrid": False,
        # Transparent ticks keep the labels a little away from the markers.
        "ticks": "outside",
        "ticklen": 6,
        "tickcolor": "rgba(0,0,0,0)",
    }
