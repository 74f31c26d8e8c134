"""Direct labels at the ends of lines, instead of a legend."""

from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go

LINE = 17  # minimum pixels between two labels


class End(NamedTuple):
    """The end of a line, and its label."""

    x: float
    y: float
    text: str
    colour: str


def name_ends(figure: go.Figure, ends: Sequence[End], low: float, high: float, height: int) -> None:
    """Write each line's label after its end, moved up or down where two would overlap.

    low, high: the limits of the axis; height: its pixels.
    """
    ordered = sorted(ends, key=lambda end: end.y)
    for end, y in zip(
        ordered, spread_apart([end.y for end in ordered], LINE * (high - low) / height, high), strict=True
    ):
        figure.add_annotation(
            x=end.x,
            y=y,
            text=end.text,
            xanchor="left",
            xshift=10,
            showarrow=False,
            font={"size": 13, "color": end.colour},
        )


def spread_apart(values: Sequence[float], step: float, high: float) -> list[float]:
    """Return ascending values moved apart to at least `step`: upwards, then back down if they exceed `high`."""
    heights: list[float] = []
    for value in values:
        heights.append(max(value, heights[-1] + step) if heights else value)
    for place in reversed(range(len(heights))):
        heights[place] = min(heights[place], high - step * (len(heights) - 1 - place))
    return heights
