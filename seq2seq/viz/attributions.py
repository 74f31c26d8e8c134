"""Three measures of which source words matter, side by side."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from seq2seq.viz.labels import number, percent
from seq2seq.viz.palette import Palette, palette
from seq2seq.viz.theme import ROW, label, styled, tick_rows

if TYPE_CHECKING:
    from seq2seq.explain.attributions import Attributions, AttributionScores

_HEAD = 30  # pixels for the titles


def attributions(found: "Attributions", *, words: bool = True, dark: bool = False) -> go.Figure:
    """Return bars for each source word (or piece): attention, leave-one-out and gradient times input.

    The two signed measures are in nats; a negative bar counts against the target word. Each has its own scale.
    """
    colours = palette(dark)
    scores = found.words if words else found.pieces
    figure = make_subplots(rows=1, cols=3, shared_yaxes=True, horizontal_spacing=0.04)
    for column, values in enumerate((scores.attention, scores.leave_one_out, scores.gradient_by_input), 1):
        if values is not None:
            figure.add_trace(_bars(values, signed=column > 1, colours=colours), row=1, col=column)
    styled(figure, dark=dark, height=ROW * len(scores.labels) + _HEAD + 16)
    labels = [label(text.replace("▁", ""), 14) if text != "</s>" else "⟨end⟩" for text in scores.labels]
    figure.update_yaxes(**tick_rows(labels), tickfont={"color": colours.text})
    for column in (2, 3):
        figure.update_yaxes(showticklabels=False, ticks="", row=1, col=column)
    figure.update_xaxes(visible=False)
    for column, title in enumerate(("attention", "leave-one-out", "gradient × input"), 1):
        figure.add_annotation(
            text=title,
            x=0.5,
            xref=f"x{column} domain" if column > 1 else "x domain",
            y=1,
            yref="paper",
            yshift=_HEAD - 8,
            xanchor="center",
            showarrow=False,
            font={"size": 12, "color": colours.muted},
        )
    _scale(figure, scores, colours.grid)
    figure.update_layout(bargap=0.25, margin={"t": _HEAD})
    return figure


def _bars(values: Sequence[float | None], *, signed: bool, colours: Palette) -> go.Bar:
    texts = [_text(value, signed) for value in values]
    return go.Bar(
        x=[value or 0.0 for value in values],
        y=list(range(len(values))),
        orientation="h",
        marker={
            "color": [colours.greedy if (value or 0.0) < 0 else colours.beam for value in values],
            "line": {"width": 0},
        },
        text=texts,
        textposition="outside",
        textfont={"size": 11},
        cliponaxis=False,
        customdata=["can't be left out" if value is None else number(value, 4) for value in values],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _text(value: float | None, signed: bool) -> str:
    """Return the text at a bar's end: empty for values near 0."""
    if value is None:
        return "–"
    if not signed:
        return percent(value) if value >= 0.005 else ""
    return number(value) if abs(value) >= 0.005 else ""


def _scale(figure: go.Figure, scores: "AttributionScores", grid: str) -> None:
    """Leave room for the numbers after the bars, on the left only if a bar goes there, and draw zero lines."""
    for column, values in enumerate((scores.attention, scores.leave_one_out, scores.gradient_by_input), 1):
        known = [value for value in values or () if value is not None]
        high, low = max([*known, 0.0]), min([*known, 0.0])
        if column == 1:
            high = 1.0
        room = 0.9 * max(high - low, 1e-6)
        figure.update_xaxes(range=[low - room if low < -0.005 else 0.0, high + room], row=1, col=column)
        figure.add_vline(x=0, line={"color": grid, "width": 1}, layer="below", row=1, col=column)
