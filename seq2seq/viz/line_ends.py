"""Names at the ends of lines, where a legend would make the eye travel."""

from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go

LINE = 17  # pixels between two names


class End(NamedTuple):
    """The end of a line, and what stands behind it."""

    x: float
    y: float
    text: str
    colour: str


def name_ends(figure: go.Figure, ends: Sequence[End], low: float, high: float, height: int) -> None:
    """Write each line's name behind its end, moved up or down where two would touch.

    low, high: the ends of the axis; height: its pixels.
    """
    ordered = sorted(ends, key=lambda end: end.y)
    for end, y in zip(ordered, apart([end.y for end in ordered], LINE * (high - low) / height, high), strict=True):
        figure.add_annotation(
            x=end.x,
            y=y,
            text=end.text,
            xanchor="left",
            xshift=10,
            showarrow=False,
            font={"size": 13, "color": end.colour},
        )


def apart(values: Sequence[float], step: float, high: float) -> list[float]:
    """Return rising values moved apart to at least `step`: upwards, and down again from `high` where they must."""
    heights: list[float] = []
    for value in values:
        heights.append(max(value, heights[-1] + step) if heights else value)
    for place in reversed(range(len(heights))):
        heights[place] = min(heights[place], high - step * (len(heights) - 1 - place))
    return heights
