"""The curve of a learning-rate range test."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from seq2seq.viz.palette import palette
from seq2seq.viz.theme import styled

if TYPE_CHECKING:
    from seq2seq.training.rates import RateTrial, Suggestion


def rate_curve(tried: Sequence["RateTrial"], suggestion: "Suggestion", *, dark: bool = False) -> go.Figure:
    """Return the loss over the learning rate (logarithmic), raw and smoothed, with the suggested rates marked."""
    colours = palette(dark)
    rates = [one.rate for one in tried]
    figure = go.Figure()
    figure.add_scatter(
        x=rates,
        y=[one.loss for one in tried],
        name="each update",
        mode="markers",
        marker={"size": 4, "color": colours.pruned},
        hovertemplate="rate %{x:.2g}<br>loss %{y:.3f}<extra></extra>",
    )
    figure.add_scatter(
        x=rates,
        y=[one.smoothed for one in tried],
        name="smoothed",
        mode="lines",
        line={"color": colours.beam, "width": 2},
        hovertemplate="rate %{x:.2g}<br>smoothed loss %{y:.3f}<extra></extra>",
    )
    styled(figure, dark=dark, height=420)
    marks = [
        (rate, f"{words}: {rate:.2g}")
        for words, rate in (
            ("falls fastest", suggestion.steepest),
            ("a tenth of where it breaks", suggestion.tenth),
        )
        if rate is not None
    ]
    # Labels on the outer sides, so that they overlap no line.
    for (rate, words), side in zip(sorted(marks), ("right", "left"), strict=False):
        figure.add_vline(x=rate, line={"color": colours.winner, "width": 1, "dash": "dash"})
        # On a logarithmic axis an annotation's x is an exponent.
        figure.add_annotation(
            x=math.log10(rate),
            y=0,
            yref="paper",
            xanchor=side,
            yanchor="bottom",
            showarrow=False,
            text=words,
            font={"color": colours.winner},
        )
    figure.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.08})
    figure.update_xaxes(type="log", dtick=1, exponentformat="power", title={"text": "learning rate of the decoder"})
    # A diverged loss would squeeze the rest into a flat line.
    highest = max((one.smoothed for one in tried[: max(1, len(tried) // 4)]), default=1.0)
    figure.update_yaxes(range=[0, 1.6 * highest], title={"text": "loss (nats a token)"})
    return figure
