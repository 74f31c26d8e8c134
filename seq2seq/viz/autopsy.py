"""Where an expected translation was pruned from the beam, and which beam widths would have kept it."""

import math
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from seq2seq.viz.labels import number, piece_label
from seq2seq.viz.palette import SYMBOLS, palette
from seq2seq.viz.theme import ROW, label, styled, tick_rows

if TYPE_CHECKING:
    from seq2seq.explain import Autopsy, RankAtStep


def expected_ranks(autopsy: "Autopsy", *, dark: bool = False) -> go.Figure:
    """Return the rank of the expected prefix by step, from top to bottom, against the beam's edge.

    A circle was kept, a cross was pruned; next to it is how far it scored below the last one kept.
    """
    colours = palette(dark)
    places = autopsy.ranks
    figure = go.Figure()
    # What is right of the line is pruned; the line is half a rank after the last rank kept.
    figure.add_scatter(
        x=[place.beam_cutoff + 0.5 for place in places for _ in range(2)],
        y=[row + half for row in range(len(places)) for half in (-0.5, 0.5)],
        mode="lines",
        line={"color": colours.muted, "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
    )
    marks = [colours.kept if place.kept else colours.greedy for place in places]
    figure.add_scatter(
        x=[place.rank for place in places],
        y=list(range(len(places))),
        mode="lines+markers+text",
        line={"color": colours.grid, "width": 1.5},
        marker={
            "symbol": [SYMBOLS["kept" if place.kept else "pruned"] for place in places],
            "size": 11,
            "color": marks,
            "line": {"width": 2, "color": marks},
        },
        text=[_beside(place) for place in places],
        textposition="middle right",
        textfont={"color": marks, "size": 12},
        cliponaxis=False,
        customdata=[
            [
                place.step,
                label(piece_label(place.piece)),
                place.beam_cutoff,
                number(place.total),
                number(place.cutoff_total),
            ]
            for place in places
        ],
        hovertemplate="step %{customdata[0]}: %{customdata[1]}<br>rank %{x}, %{customdata[2]} kept"
        "<br>total %{customdata[3]}, last kept %{customdata[4]}<extra></extra>",
    )
    styled(figure, dark=dark, height=ROW * max(len(places), 1) + 56)
    figure.update_yaxes(
        **tick_rows([f"{place.step}  {label(piece_label(place.piece), 16)}" for place in places]),
        tickfont={"color": colours.text},
    )
    furthest = max((max(place.rank, place.beam_cutoff) for place in places), default=1)
    # Room on the right for the last mark's text; on a logarithmic axis it is a factor.
    figure.update_xaxes(type="log", range=[-0.1, math.log10(furthest) * 1.35 + 0.55], **_rank_ticks(furthest))
    figure.update_xaxes(title={"text": "rank (dotted: the beam's edge)"}, showgrid=False)
    return figure


def width_strip(autopsy: "Autopsy", *, dark: bool = False) -> go.Figure:
    """Return a bar for each beam width: high if the translation survives to the end, otherwise a stub."""
    colours = palette(dark)
    survived = set(autopsy.survived)
    widths = autopsy.widths
    figure = go.Figure(
        go.Bar(
            x=list(widths),
            y=[1 if width in survived else 0.25 for width in widths],
            marker={
                "color": [colours.kept if width in survived else colours.idle for width in widths],
                "line": {"width": 0},
            },
            customdata=["survives" if width in survived else "falls out" for width in widths],
            hovertemplate="width %{x}: %{customdata}<extra></extra>",
        )
    )
    styled(figure, dark=dark, height=108)
    figure.update_layout(bargap=0.2)
    figure.update_yaxes(visible=False, range=[0, 1])
    last = max(widths, default=1)
    figure.update_xaxes(
        range=[0.4, last + 0.6],
        tickmode="array",
        tickvals=[1, *range(10, last + 1, 10)] if last >= 10 else list(widths),
        showgrid=False,
        title={"text": "beam width (high: it survives)"},
    )
    return figure


def _beside(place: "RankAtStep") -> str:
    if place.kept:
        return f" {place.rank}"
    return f" {place.rank}: {number(place.gap)} behind"


def _rank_ticks(furthest: int) -> dict[str, object]:
    """Return ticks for a logarithmic axis of ranks, so few that no two labels touch in half a page."""
    close = (1, 2, 5, 10, 30, 100, 300)
    values = [
        value for value in (close if furthest <= 300 else (1, 10, 100, 1000, 10_000)) if value <= 1.5 * furthest
    ]
    return {"tickmode": "array", "tickvals": values, "ticktext": [f"{value:,}" for value in values]}
