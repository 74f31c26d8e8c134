"""Test scores by length of the source, a line for each kind of attention."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from seq2seq.evaluation.stored import LengthScores
from seq2seq.models.config import AttentionKind
from seq2seq.viz.labels import number
from seq2seq.viz.line_ends import End, name_ends
from seq2seq.viz.palette import ATTENTIONS, palette
from seq2seq.viz.theme import styled, text_width

_HEIGHT, _TOP, _FOOT = 320, 16, 66  # pixels
_SYMBOLS = ("x", "circle", "square", "diamond")


def bleu_by_length(scores: Mapping[AttentionKind, LengthScores], *, dark: bool = False) -> go.Figure:
    """Return BLEU by source length; below each length is its number of test pairs.

    Each line has its name at its end, and its own marker symbol.
    """
    colours = palette(dark)
    bands = next(iter(scores.values())).bands
    known = [band.bleu for one in scores.values() for band in one.bands if band.bleu is not None]
    high = 1.08 * max([1.0, *known])
    figure = go.Figure()
    ends: list[tuple[AttentionKind, int, float]] = []
    for kind, one in scores.items():
        number_of = ATTENTIONS.index(kind)
        places = [place for place, band in enumerate(one.bands) if band.bleu is not None]
        values = [one.bands[place].bleu or 0.0 for place in places]
        figure.add_scatter(
            x=places,
            y=values,
            mode="lines+markers",
            name=kind,
            line={"color": colours.attentions[number_of], "width": 2.5},
            marker={"size": 9, "color": colours.attentions[number_of], "symbol": _SYMBOLS[number_of]},
            customdata=[[one.bands[place].pairs, one.bands[place].name] for place in places],
            hovertemplate="%{customdata[1]} words: BLEU %{y:.1f} (%{customdata[0]:,} pairs)<extra>"
            + kind
            + "</extra>",
        )
        if places:
            ends.append((kind, places[-1], values[-1]))
    styled(figure, dark=dark, height=_HEIGHT)
    name_ends(
        figure,
        [
            End(place, value, _end(kind, value), colours.attentions[ATTENTIONS.index(kind)])
            for kind, place, value in ends
        ],
        0,
        high,
        _HEIGHT - _TOP - _FOOT,
    )
    room = max(text_width(_end(kind, value), 13) for kind, _, value in ends) + 22 if ends else 8
    figure.update_layout(margin={"l": 8, "r": room, "t": _TOP, "b": _FOOT})
    figure.update_xaxes(
        tickvals=list(range(len(bands))),
        ticktext=[f"{band.name}<br>{_pairs(list(scores.values()), place)}" for place, band in enumerate(bands)],
        range=[-0.25, len(bands) - 0.9],
        showgrid=False,
        automargin=False,
        tickangle=0,
        title={"text": "source length in words; below, test pairs"},
        tickfont={"size": 12, "color": colours.text},
    )
    figure.update_yaxes(range=[0, high], nticks=6, title={"text": "BLEU"})
    return figure


def _pairs(scores: Sequence[LengthScores], place: int) -> str:
    """Return how many pairs a band has; if the test sets differ, from the fewest to the most."""
    counts = sorted({one.bands[place].pairs for one in scores if place < len(one.bands)})
    return " to ".join(f"{count:,}" for count in dict.fromkeys((counts[0], counts[-1])))


def _end(kind: str, value: float) -> str:
    return f"{kind} {number(value, 1)}"
