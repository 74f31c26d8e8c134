"""The winner as a function of the length penalty."""

import textwrap
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from seq2seq.viz.labels import number
from seq2seq.viz.palette import SYMBOLS, palette
from seq2seq.viz.theme import label, styled

if TYPE_CHECKING:
    from seq2seq.explain import AlphaInterval, AlphaSearch

_LINE = 17  # pixels of a line of text
_BAR = 14  # and of a bar
_GAP = 14  # and between rows
_WIDE = 44  # characters of a line that fit on a phone


def alpha_ribbon(
    intervals: Sequence["AlphaInterval"],
    searches: Sequence["AlphaSearch"] = (),
    *,
    alpha: float | None = None,
    dark: bool = False,
) -> go.Figure:
    """Return a staircase of winners over alpha: a row for each, its text above its bar, a mark at each flip.

    searches: what a separate search found at the middle of each interval; a circle means the same output, a cross
    another one. alpha: the one in use, drawn as a line across its winner's bar.
    """
    colours = palette(dark)
    figure = go.Figure()
    texts = [_lines(one) for one in intervals]
    row_height = _LINE * max(map(len, texts), default=2) + _BAR + _GAP
    half = 0.5 * _BAR / row_height
    in_use = [alpha is not None and one.low <= alpha < one.high for one in intervals]
    figure.add_bar(
        x=[one.high - one.low for one in intervals],
        base=[one.low for one in intervals],
        y=list(range(len(intervals))),
        orientation="h",
        width=2 * half,
        marker={"color": [colours.winner if used else colours.idle for used in in_use], "line": {"width": 0}},
        customdata=[[_range(one), number(one.log_prob), one.length, label(one.text, 120)] for one in intervals],
        hovertemplate="%{customdata[3]}<br>alpha %{customdata[0]}"
        "<br>total %{customdata[1]}, %{customdata[2]} tokens<extra></extra>",
    )
    _mark_searches(figure, searches, dark)
    styled(figure, dark=dark, height=row_height * max(1, len(intervals)) + 56)
    # Marks are no higher than the bars, so that they cross no text.
    for row, (_, after) in enumerate(pairwise(intervals)):
        for bar in (row, row + 1):
            _mark(figure, after.low, bar, half, {"color": colours.text, "width": 2})
    for row, used in enumerate(in_use):
        if used:
            _mark(figure, alpha, row, half, {"color": colours.text, "width": 1, "dash": "dot"})
    for row, lines in enumerate(texts):
        figure.add_annotation(
            x=0,
            xref="paper",
            xanchor="left",
            y=row - 1.3 * half,
            yanchor="bottom",
            showarrow=False,
            align="left",
            text="<br>".join(lines),
            font={"color": colours.text},
        )
    figure.update_yaxes(visible=False, range=[len(intervals) - 1 + 2 * half, 2 * half - 1])
    if intervals:
        figure.update_xaxes(range=[intervals[0].low, intervals[-1].high])
    figure.update_xaxes(dtick=0.5, showgrid=False, title={"text": "length penalty alpha"})
    return figure


def _lines(one: "AlphaInterval") -> list[str]:
    """Return the interval's range and its text, in lines that fit a narrow window."""
    wrapped = textwrap.wrap(one.text, _WIDE, max_lines=2, placeholder=" …") or ["⟨nothing⟩"]
    return [f"<b>{_range(one)}</b>", *(label(line, _WIDE) for line in wrapped)]


def _mark(figure: go.Figure, alpha: float | None, row: int, half: float, line: dict[str, object]) -> None:
    figure.add_shape(type="line", x0=alpha, x1=alpha, y0=row - 1.3 * half, y1=row + 1.3 * half, line=line)


def _mark_searches(figure: go.Figure, searches: Sequence["AlphaSearch"], dark: bool) -> None:
    colours = palette(dark)
    colour = [colours.text if one.same else colours.greedy for one in searches]
    figure.add_scatter(
        x=[one.alpha for one in searches],
        y=list(range(len(searches))),
        mode="markers",
        marker={
            "symbol": [SYMBOLS["kept"] if one.same else SYMBOLS["pruned"] for one in searches],
            "size": 10,
            "color": colour,
            "line": {"width": 2, "color": colour},
        },
        customdata=[
            [
                "a new search ends with the same" if one.same else "a new search ends elsewhere",
                label(one.text, 80),
                number(one.score),
            ]
            for one in searches
        ],
        hovertemplate="%{customdata[0]}<br>%{customdata[1]}<br>score %{customdata[2]}<extra></extra>",
    )


def _range(one: "AlphaInterval") -> str:
    return f"{number(one.low)} to {number(one.high)}"
