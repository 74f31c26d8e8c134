"""The curves of a training run in progress."""

from collections.abc import Sequence
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
    _training(figure, curve, curve.loss, "training", {"color": colours.pruned}, "training loss %{y:.3f}")
    _validation(
        figure, curve, curve.forced_loss, "validation, teacher forcing", colours.beam, "validation loss %{y:.3f}"
    )
    _finish(figure, updates, dark)
    figure.update_yaxes(rangemode="tozero", title={"text": "loss (nats a token)"})
    return figure


def bleu_curve(curve: "Curve", updates: int, *, dark: bool) -> go.Figure:
    """Return the free-running BLEU of the validation pairs by update, and the teacher-forcing ratio."""
    colours = palette(dark)
    figure = go.Figure()
    ratio, line = [100 * each for each in curve.ratio], {"color": colours.truth, "dash": "dot"}
    _training(figure, curve, ratio, "forcing ratio (%)", line, "forcing ratio %{y:.0f} %")
    _validation(figure, curve, curve.bleu, "BLEU, free-running", colours.sample, "BLEU %{y:.1f}")
    _finish(figure, updates, dark)
    figure.update_yaxes(range=[0, 104], title={"text": "BLEU, per cent"})
    return figure


def _training(
    figure: go.Figure, curve: "Curve", values: Sequence[float], name: str, line: dict[str, str], hover: str
) -> None:
    """Add a line with a value for each logged update."""
    figure.add_scatter(
        x=curve.updates,
        y=values,
        name=name,
        mode="lines",
        line={"width": 1.5, **line},
        hovertemplate=f"update %{{x}}<br>{hover}<extra></extra>",
    )


def _validation(
    figure: go.Figure, curve: "Curve", values: Sequence[float], name: str, colour: str, hover: str
) -> None:
    """Add a line with a mark for each validation."""
    figure.add_scatter(
        x=curve.valid_updates,
        y=values,
        name=name,
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={"size": 7},
        hovertemplate=f"update %{{x}}<br>{hover}<extra></extra>",
    )


def _finish(figure: go.Figure, updates: int, dark: bool) -> None:
    styled(figure, dark=dark, height=260)
    figure.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    figure.update_xaxes(range=[-0.03 * updates, 1.02 * updates], title={"text": "update"})
