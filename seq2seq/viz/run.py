"""The curves of a training run in progress."""

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from seq2seq.viz.palette import palette
from seq2seq.viz.theme import styled

if TYPE_CHECKING:
    from seq2seq.training.lab.record import Curve


def loss_curve(curve: "Curve", updates: int, *, dark: bool) -> go.Figure:
    """Return the losses by update: in training with its mixed inputs, and on validation pairs by teacher forcing.

    updates: total number of updates of the training.
    """
    colours = palette(dark)
    figure = go.Figure()
    figure.add_scatter(
        x=curve.updates,
        y=curve.loss,
        name="training",
        mode="lines",
        line={"color": colours.pruned, "width": 1.5},
        hovertemplate="update %{x}<br>training loss %{y:.3f}<extra></extra>",
    )
    figure.add_scatter(
        x=curve.valid_updates,
        y=curve.forced_loss,
        name="validation, teacher forcing",
        mode="lines+markers",
        line={"color": colours.beam, "width": 2},
        marker={"size": 7},
        hovertemplate="update %{x}<br>validation loss %{y:.3f}<extra></extra>",
    )
    _finish(figure, updates, dark)
    figure.update_yaxes(rangemode="tozero", title={"text": "loss (nats a token)"})
    return figure


def bleu_curve(curve: "Curve", updates: int, *, dark: bool) -> go.Figure:
    """Return the free-running BLEU of the validation pairs by update, and the teacher-forcing ratio."""
    colours = palette(dark)
    figure = go.Figure()
    figure.add_scatter(
        x=curve.updates,
        y=[100 * ratio for ratio in curve.ratio],
        name="forcing ratio (%)",
        mode="lines",
        line={"color": colours.truth, "width": 1.5, "dash": "dot"},
        hovertemplate="update %{x}<br>forcing ratio %{y:.0f} %<extra></extra>",
    )
    figure.add_scatter(
        x=curve.valid_updates,
        y=curve.bleu,
        name="BLEU, free-running",
        mode="lines+markers",
        line={"color": colours.sample, "width": 2},
        marker={"size": 7},
        hovertemplate="update %{x}<br>BLEU %{y:.1f}<extra></extra>",
    )
    _finish(figure, updates, dark)
    figure.update_yaxes(range=[0, 104], title={"text": "BLEU, per cent"})
    return figure


def _finish(figure: go.Figure, updates: int, dark: bool) -> None:
    styled(figure, dark=dark, height=260)
    figure.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    figure.update_xaxes(range=[-0.03 * updates, 1.02 * updates], title={"text": "update"})
