"""Figures as files: a page that needs no network, what the image button saves."""

import re
from html import escape
from typing import Any, Literal

import plotly.graph_objects as go

from seq2seq.viz.palette import FONT, palette
from seq2seq.viz.theme import with_layout


def for_export(figure: go.Figure, dark: bool = False) -> go.Figure:
    """Return a copy with the page's background colour instead of a transparent one.

    An image saved from a transparent figure has no background: light text of the dark theme would be on a white
    slide. On a page the copy looks the same, so pages draw it.
    """
    paper = palette(dark).paper
    return with_layout(go.Figure(figure), {"paper_bgcolor": paper, "plot_bgcolor": paper})


def figure_config(name: str, format: Literal["svg", "png"] = "svg", pan: bool = False) -> dict[str, Any]:
    """Return Plotly's config: a button that saves the view as `format`, and zoom buttons for figures that pan.

    name: of the file, without its extension; characters that do not suit a file name become a dash.
    """
    buttons = [["toImage"]]
    if pan:
        buttons.append(["zoomIn2d", "zoomOut2d", "resetScale2d"])
    return {
        "displaylogo": False,
        "responsive": True,
        "scrollZoom": pan,
        "modeBarButtons": buttons,
        "toImageButtonOptions": {
            "format": format,
            "filename": re.sub(r"[^\w]+", "-", name).strip("-")[:80] or "figure",
            "scale": 1 if format == "svg" else 2,
        },
    }


def figure_html(
    figure: go.Figure, title: str, says: str, *, dark: bool = False, format: Literal["svg", "png"] = "svg"
) -> str:
    """Return a page that shows the figure without network: title, figure, and `says`, its text alternative.

    Its image button saves as `format`. About 5 MB, nearly all of it Plotly itself.
    """
    colours = palette(dark)
    pans = figure.layout.dragmode == "pan"
    config = figure_config(title, format, pans)
    if figure.layout.width:  # shown in full: the mouse wheel scrolls the page
        config["scrollZoom"] = False
    drawn = for_export(figure, dark).to_html(config=config, include_plotlyjs=True, full_html=False, div_id="figure")
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>
body {{ margin: 24px; background: {colours.paper}; color: {colours.text}; font: 15px/1.5 {FONT}; }}
h1 {{ font-size: 1.4rem; margin: 0 0 12px; overflow-wrap: anywhere; }}
p {{ max-width: 75ch; overflow-wrap: anywhere; }}
.figure {{ overflow-x: auto; }}
</style>
</head>
<body>
<h1>{escape(title)}</h1>
<div class="figure" role="figure" aria-label="{escape(says)}">{drawn}</div>
<p>{escape(says)}</p>
</body>
</html>
"""
