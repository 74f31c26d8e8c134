"""Reliability diagram: how well a model's confidence matches its accuracy."""

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from seq2seq.viz.labels import percent
from seq2seq.viz.palette import palette
from seq2seq.viz.theme import styled

if TYPE_CHECKING:
    from seq2seq.evaluation.calibration import Calibration


def calibration(curve: "Calibration", *, dark: bool = False) -> go.Figure:
    """Return accuracy against confidence (Guo et al. 2017, figure 1); a larger marker means more pieces."""
    colours = palette(dark)
    used = [one for one in curve.bins if one.pieces]
    most = max((one.pieces for one in used), default=1)
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": colours.muted, "width": 1, "dash": "dot"}, hoverinfo="skip"
    )
    figure.add_scatter(
        x=[one.confidence for one in used],
        y=[one.accuracy for one in used],
        mode="lines+markers",
        line={"color": colours.beam, "width": 2},
        marker={"size": [8 + 14 * (one.pieces / most) ** 0.5 for one in used], "color": colours.beam},
        customdata=[[percent(one.confidence), percent(one.accuracy), one.pieces] for one in used],
        hovertemplate="confidence %{customdata[0]}, accuracy %{customdata[1]}"
        "<br>%{customdata[2]} pieces<extra></extra>",
    )
    styled(figure, dark=dark, height=280)
    ticks = {"range": [0, 1.04], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]}
    figure.update_xaxes(**ticks, title={"text": "confidence"})
    figure.update_yaxes(**ticks, title={"text": "accuracy"})
    return figure
