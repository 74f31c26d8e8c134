"""What a wider beam gains."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from seq2seq.viz.labels import number
from seq2seq.viz.palette import palette
from seq2seq.viz.theme import label, styled

if TYPE_CHECKING:
    from seq2seq.explain import Width

_PANEL = 170  # pixels
_LEAST = 0.2  # smallest score range of its axis, so that rounding does not look like a drop


def width_sweep(widths: Sequence["Width"], *, dark: bool = False) -> go.Figure:
    """Return the score by beam width and, if there was a reference, chrF below it.

    A cross instead of a circle marks a search error: a narrower beam found a better score.
    """
    colours = palette(dark)
    scored = any(one.chrf is not None for one in widths)
    figure = go.Figure()
    _panel(figure, widths, [one.score for one in widths], "y", colours.beam, dark)
    styled(figure, dark=dark, height=_PANEL * (2 if scored else 1) + 48)
    _title(figure, 1, "score", dark)
    if scored:
        _panel(figure, widths, [one.chrf for one in widths], "y2", colours.sample, dark)
        _title(figure, 0.45, "chrF", dark)
        figure.update_layout(yaxis2=figure.layout.yaxis.to_plotly_json())
        figure.update_layout(yaxis={"domain": [0.55, 0.95]}, yaxis2={"domain": [0, 0.4], "anchor": "x"})
        figure.update_xaxes(anchor="y2")
    else:
        figure.update_layout(yaxis={"domain": [0, 0.9]})
    figure.update_layout(yaxis={"range": _room([one.score for one in widths])})
    figure.update_xaxes(title={"text": "beam width"}, showgrid=False, **_ticks(widths))
    return figure


def _panel(
    figure: go.Figure, widths: Sequence["Width"], values: Sequence[float | None], axis: str, colour: str, dark: bool
) -> None:
    wrong = palette(dark).greedy
    colours = [wrong if one.search_error else colour for one in widths]
    figure.add_scatter(
        x=[one.width for one in widths],
        y=list(values),
        yaxis=axis,
        mode="lines+markers",
        cliponaxis=False,
        line={"color": colour, "width": 1.5, "shape": "hv"},
        marker={
            "symbol": ["x" if one.search_error else "circle" for one in widths],
            "size": [11 if one.search_error else 8 for one in widths],
            "color": colours,
            "opacity": 1,
        },
        customdata=[
            [
                label(one.text, 80) or "⟨nothing⟩",
                number(one.score, 3),
                "–" if one.chrf is None else number(one.chrf, 1),
                one.length,
                one.steps,
                number(one.milliseconds, 0),
                "search error: a narrower beam did better" if one.search_error else "",
            ]
            for one in widths
        ],
        hovertemplate="width %{x}: %{customdata[0]}<br>score %{customdata[1]}, chrF %{customdata[2]}"
        "<br>%{customdata[3]} tokens, %{customdata[4]} steps, %{customdata[5]} ms"
        "<br>%{customdata[6]}<extra></extra>",
    )


def _room(values: Sequence[float]) -> list[float] | None:
    """Return an axis range for values that hardly differ; None: Plotly chooses it."""
    if not values or max(values) - min(values) >= _LEAST:
        return None
    middle = (max(values) + min(values)) / 2
    return [middle - _LEAST, middle + _LEAST]


def _title(figure: go.Figure, y: float, text: str, dark: bool) -> None:
    """Put a heading above a panel, where it takes no room from the axis."""
    figure.add_annotation(
        x=0,
        xref="paper",
        xanchor="left",
        y=y,
        yref="paper",
        yanchor="middle",
        showarrow=False,
        text=text,
        font={"color": palette(dark).muted, "size": 12},
    )


def _ticks(widths: Sequence["Width"]) -> dict[str, object]:
    """Return ticks that fit on a narrow screen: ten at most."""
    shown = [one.width for one in widths]
    every = max(1, -(-len(shown) // 10))
    return {"tickmode": "array", "tickvals": shown[::every]}
