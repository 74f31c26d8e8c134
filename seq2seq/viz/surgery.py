"""What attention surgery changed: the next word, and the words after it."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from seq2seq.viz.labels import number, percent, piece_label
from seq2seq.viz.palette import palette
from seq2seq.viz.theme import ROW, label, styled, tick_rows

if TYPE_CHECKING:
    from seq2seq.explain.surgery import Surgery


def surgery_row(
    names: Sequence[str], old: Sequence[float], new: Sequence[float], *, dark: bool = False
) -> go.Figure:
    """Return an attention row before (grey) and after (coloured), two bars for each source word or piece."""
    colours = palette(dark)
    figure = go.Figure()
    for name, colour, weights in (("before", colours.idle, old), ("after", colours.winner, new)):
        figure.add_bar(
            x=list(weights),
            y=list(range(len(names))),
            orientation="h",
            name=name,
            marker={"color": colour, "line": {"width": 0}},
            text=[percent(weight) if weight >= 0.005 else "" for weight in weights],
            textposition="outside",
            textfont={"size": 11},
            cliponaxis=False,
            hovertemplate="%{x:.1%}<extra>" + name + "</extra>",
        )
    _two_bars(figure, [label(name, 16) for name in names], dark)
    return figure


def surgery_candidates(surgery: "Surgery", *, dark: bool = False, most: int = 8) -> go.Figure:
    """Return the most likely next pieces of the operated step: a grey bar before, a coloured one after."""
    colours = palette(dark)
    likeliest = sorted(surgery.candidates, key=lambda one: -max(one.old, one.new))[:most]
    shown = [one for one in surgery.candidates if one in likeliest]
    figure = go.Figure()
    for name, colour in (("before", colours.idle), ("after", colours.winner)):
        log_probs = [one.old if name == "before" else one.new for one in shown]
        figure.add_bar(
            x=[math.exp(value) for value in log_probs],
            y=list(range(len(shown))),
            orientation="h",
            name=name,
            marker={"color": colour, "line": {"width": 0}},
            text=[percent(math.exp(value)) for value in log_probs],
            textposition="outside",
            textfont={"size": 11},
            cliponaxis=False,
            customdata=[
                [label(piece_label(one.piece)), number(v)] for one, v in zip(shown, log_probs, strict=True)
            ],
            hovertemplate="%{customdata[0]}<br>log-probability %{customdata[1]}<extra>" + name + "</extra>",
        )
    _two_bars(figure, [label(piece_label(one.piece), 16) for one in shown], dark)
    return figure


def surgery_effects(surgery: "Surgery", *, dark: bool = False) -> go.Figure:
    """Return the KL divergence (nats) at each word of the old translation, by forced decoding."""
    colours = palette(dark)
    words = surgery.words
    values = [word.divergence for word in words]
    figure = go.Figure(
        go.Bar(
            x=values,
            y=list(range(len(words))),
            orientation="h",
            marker={
                "color": [colours.winner if place == 0 else colours.beam for place in range(len(words))],
                "line": {"width": 0},
            },
            text=["0" if value < 5e-4 else number(value, 2 if value >= 0.01 else 3) for value in values],
            textposition="outside",
            cliponaxis=False,
            customdata=[[percent(math.exp(word.old)), percent(math.exp(word.new))] for word in words],
            hovertemplate="%{customdata[0]} before, %{customdata[1]} after<br>KL %{x:.4f} nats<extra></extra>",
        )
    )
    styled(figure, dark=dark, height=ROW * len(words) + 16)
    figure.update_layout(bargap=0.25)
    labels = ["⟨end⟩" if word.text == "</s>" else label(word.text, 16) for word in words]
    figure.update_yaxes(**tick_rows(labels), tickfont={"color": colours.text})
    figure.update_xaxes(range=[0, 1.25 * max([*values, 0.01])], visible=False)
    return figure


def _two_bars(figure: go.Figure, labels: Sequence[str], dark: bool) -> None:
    """Lay out two bars per row, with lengths from 0 to 1 and a legend above."""
    # Two bars and their numbers need more than a row.
    styled(figure, dark=dark, height=int(1.5 * ROW * len(labels)) + 48)
    figure.update_layout(
        barmode="group",
        bargap=0.25,
        bargroupgap=0,
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "traceorder": "normal"},
        margin={"t": 32},
    )
    figure.update_yaxes(**tick_rows(labels), tickfont={"color": palette(dark).text})
    figure.update_xaxes(range=[0, 1.25], visible=False)
