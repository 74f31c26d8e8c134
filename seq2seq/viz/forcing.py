"""The coin-flip strip: decoder input, prediction and label, step by step."""

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from seq2seq.viz.labels import number, percent, piece_label
from seq2seq.viz.palette import palette
from seq2seq.viz.theme import ROW, label, styled

if TYPE_CHECKING:
    from seq2seq.explain.forcing import Walk

_HEAD = 26  # pixels
_INPUT_X, _PREDICTED_X, _LABEL_X, _BARS = 0.0, 0.30, 0.56, 0.80  # left edges of the columns, as shares of the width
_LONGEST = 10  # characters of a piece
_FULL = 6.0  # loss in nats at which a bar has its full length


def forcing_strip(walk: "Walk", *, dark: bool = False) -> go.Figure:
    """Return a row for each step: decoder input, prediction, reference, and its loss as a bar.

    A disc marks an input from the reference, a ring one of the model's own.
    """
    colours = palette(dark)
    rows = list(range(len(walk.steps)))
    figure = go.Figure()
    figure.add_bar(
        x=[_BARS + (1 - _BARS) * min(step.loss, _FULL) / _FULL - _BARS for step in walk.steps],
        base=_BARS,
        y=rows,
        orientation="h",
        width=0.62,
        marker={
            "color": [colours.idle if step.correct else colours.own for step in walk.steps],
            "line": {"width": 0},
        },
        customdata=[[number(step.loss), percent(step.probability)] for step in walk.steps],
        hovertemplate="loss of the reference %{customdata[0]} nats<br>probability of the prediction "
        "%{customdata[1]}"
        "<extra></extra>",
    )
    figure.add_scatter(
        x=[_INPUT_X + 0.012 for _ in rows],
        y=rows,
        mode="markers",
        marker={
            "size": 11,
            "symbol": ["circle" if step.forced else "circle-open" for step in walk.steps],
            "color": [colours.truth if step.forced else colours.own for step in walk.steps],
            "line": {"width": 2, "color": [colours.truth if s.forced else colours.own for s in walk.steps]},
        },
        hoverinfo="skip",
    )
    for place, texts, inks in (
        (
            _INPUT_X + 0.055,
            [s.decoder_input for s in walk.steps],
            [colours.truth if s.forced else colours.own for s in walk.steps],
        ),
        (
            _PREDICTED_X,
            [s.predicted for s in walk.steps],
            [colours.text if s.correct else colours.own for s in walk.steps],
        ),
        (_LABEL_X, [s.label for s in walk.steps], [colours.muted for _ in walk.steps]),
    ):
        figure.add_scatter(
            x=[place for _ in rows],
            y=rows,
            mode="text",
            text=[label(piece_label(text), _LONGEST) for text in texts],
            textposition="middle right",
            textfont={"size": 12, "color": inks},
            hoverinfo="skip",
        )
    styled(figure, dark=dark, height=ROW * len(rows) + _HEAD + 8)
    for place, title in (
        (_INPUT_X, "input"),
        (_PREDICTED_X, "predicted"),
        (_LABEL_X, "reference"),
        (_BARS, "loss"),
    ):
        figure.add_annotation(
            x=place, y=1, xref="x", yref="paper", xanchor="left", yanchor="bottom", showarrow=False, text=title,
            font={"size": 12, "color": colours.muted},
        )  # fmt: skip
    figure.update_xaxes(range=[-0.01, 1.01], visible=False)
    figure.update_yaxes(range=[len(rows) - 0.5, -0.5], visible=False)
    figure.update_layout(margin={"t": _HEAD, "b": 8}, bargap=0.3)
    return figure


def strip_summary(walk: "Walk") -> str:
    """Return a one-line text summary of the strip."""
    own = sum(not step.forced for step in walk.steps)
    wrong = [number_ for number_, step in enumerate(walk.steps, 1) if not step.correct]
    said = f"wrong at step {', '.join(map(str, wrong))}" if wrong else "right at every step"
    return f"{own} of {len(walk.steps)} inputs are the model's own; {said}; {number(walk.loss)} nats a token."
