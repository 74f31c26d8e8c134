"""A caption's attention on its photo, in its own aspect ratio: bright where a word attended, dark elsewhere."""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from seq2seq.viz.labels import percent, shortened
from seq2seq.viz.palette import DARK, HALO, ON_PHOTO, palette
from seq2seq.viz.theme import label, styled, text_width, with_layout

_TALLEST = 480  # pixels of a figure
_WIDEST = 620  # maximum width of a photo in pixels
_FINE = 8  # upsampling factor of the region grid per side
_TILE = 132  # pixels of a small photo's longer side
_TITLE = 22  # pixels above it


def photo_attention(
    photo: bytes,
    size: tuple[int, int],
    weights: Sequence[float] | None,
    grid: tuple[int, int],
    *,
    opacity: float = 0.75,
    smoothing: float = 0.6,
    numbers: bool = False,
    widest: int = _WIDEST,
    dark: bool = False,
) -> go.Figure:
    """Return the photo with one word's attention overlaid; the region with the most attention is fully bright.

    photo: a JPEG file. size: its width and height. weights: one for each region, row by row; None draws no overlay.
    grid: rows and columns of regions. opacity: of the overlay at zero attention. smoothing: width of the blur
    between regions, in regions. numbers: whether each region shows its number.
    widest: maximum width of the photo in pixels.
    A click on a region gives its number as customdata, counted from 1.
    """
    width, height = size
    figure = go.Figure()
    if weights is not None:
        figure.add_trace(_veil(np.asarray(weights, float).reshape(grid), size, opacity, smoothing))
    figure.add_trace(_regions(size, grid, weights, numbers))
    drawn = min(_TALLEST, widest * height / width)
    styled(figure, dark=dark, height=round(max(90, drawn)) + 8)
    with_layout(
        figure,
        {
            "images": [_image(photo, size, "x", "y")],
            "xaxis": _axis([0, width]),
            "yaxis": _axis([height, 0]) | {"scaleanchor": "x", "scaleratio": 1},
            "margin": {"l": 4, "r": 4, "t": 4, "b": 4},
        },
    )
    return figure


def photo_words(
    photo: bytes,
    size: tuple[int, int],
    rows: Sequence[tuple[str, Sequence[float]]],
    grid: tuple[int, int],
    *,
    opacity: float = 0.75,
    smoothing: float = 0.6,
    dark: bool = False,
    columns: int = 4,
) -> go.Figure:
    """Return a small photo for each word of a caption, with that word's attention (Xu et al. 2015, figure 3).

    rows: words with one weight for each region. The other arguments are those of `photo_attention`.
    """
    width, height = size
    share = _TILE / max(size)
    tile_height = height * share + _TITLE
    lines = -(-len(rows) // columns)
    total = lines * tile_height + 8
    figure = go.Figure()
    layout: dict[str, Any] = {"images": [], "annotations": []}
    styled(figure, dark=dark, height=round(total))
    for number, (word, weights) in enumerate(rows):
        line, column = divmod(number, columns)
        x, y = (f"{axis}{number + 1 if number else ''}" for axis in "xy")
        top = 1 - (line * tile_height + _TITLE) / total
        bottom = 1 - (line + 1) * tile_height / total + 0.01
        layout["images"].append(_image(photo, size, x, y))
        across = [column / columns + 0.004, (column + 1) / columns - 0.004]
        layout[f"xaxis{x[1:]}"] = _axis([0, width]) | {"domain": across, "anchor": y}
        layout[f"yaxis{y[1:]}"] = _axis([height, 0]) | {
            "domain": [max(0.0, bottom), top],
            "anchor": x,
            "scaleanchor": x,
            "scaleratio": 1,
        }
        # The word is centred on its photo, however the axes fit it into their domain.
        text = label(_cut(word), 40)
        layout["annotations"].append(
            {"text": text, "x": width / 2, "y": 0, "xref": x, "yref": y, "yanchor": "bottom", "showarrow": False}
        )
        veil = _veil(np.asarray(weights, float).reshape(grid), size, opacity, smoothing)
        veil.update(xaxis=x, yaxis=y, hoverinfo="skip")
        figure.add_trace(veil)
    return with_layout(figure, layout | {"margin": {"l": 0, "r": 0, "t": 0, "b": 0}})


def label_bars(labels: Sequence[tuple[str, float]], *, dark: bool = False) -> go.Figure:
    """Return bars of an image encoder's most likely classes with their probabilities, the first on top."""
    colours = palette(dark)
    names = [label(name, 40) for name, _ in labels]
    values = [value for _, value in labels]
    figure = go.Figure(
        go.Bar(
            x=values,
            y=list(range(len(labels))),
            orientation="h",
            marker={"color": [colours.beam, *[colours.idle] * (len(labels) - 1)]},
            width=0.42,
            hovertemplate="%{customdata}<extra></extra>",
            customdata=[f"{name}: {percent(value)}" for name, value in zip(names, values, strict=True)],
        )
    )
    styled(figure, dark=dark, height=44 * len(labels) + 12)
    # Names are above their bars, so that long ones need no margin on a phone.
    above = [
        {
            "text": f"{name} <b>{percent(value)}</b>", "x": 0, "y": number - 0.26, "xanchor": "left",
            "yanchor": "bottom", "showarrow": False, "font": {"size": 13},
        }
        for number, (name, value) in enumerate(zip(names, values, strict=True))
    ]  # fmt: skip
    return with_layout(
        figure,
        {
            "annotations": above,
            "xaxis": {"range": [0, max([*values, 0.01])], "visible": False},
            "yaxis": {"range": [len(labels) - 0.6, -0.95], "visible": False},
        },
    )


def smoothed(weights: NDArray[np.floating], smoothing: float) -> NDArray[np.floating]:
    """Return a region map upsampled _FINE times per side, blurred by a Gaussian of `smoothing` regions.

    weights: (rows, columns). Edge padding extends the outermost regions, so that the photo's edges do not darken.
    """
    fine = weights.repeat(_FINE, 0).repeat(_FINE, 1)
    if smoothing <= 0:
        return fine
    reach = round(3 * smoothing * _FINE)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (smoothing * _FINE)) ** 2)
    kernel /= kernel.sum()
    for axis in (0, 1):
        room = [(reach, reach) if axis == each else (0, 0) for each in (0, 1)]
        padded = np.pad(fine, room, mode="edge")
        fine = np.apply_along_axis(np.convolve, axis, padded, kernel, mode="valid")
    return fine


def _veil(weights: NDArray[np.floating], size: tuple[int, int], opacity: float, smoothing: float) -> go.Heatmap:
    # The overlay is dark on light pages too: under a white one a bright sky would look uncovered.
    fine = smoothed(weights, smoothing)
    rows, columns = fine.shape
    width, height = size
    red, green, blue = (int(DARK.paper[start : start + 2], 16) for start in (1, 3, 5))
    return go.Heatmap(
        z=(fine / max(float(fine.max()), 1e-9)).round(3).tolist(),
        x0=width / columns / 2,
        dx=width / columns,
        y0=height / rows / 2,
        dy=height / rows,
        zmin=0,
        zmax=1,
        colorscale=[[0, f"rgba({red},{green},{blue},{opacity:.2f})"], [1, f"rgba({red},{green},{blue},0)"]],
        showscale=False,
        hoverinfo="skip",
    )


def _regions(
    size: tuple[int, int], grid: tuple[int, int], weights: Sequence[float] | None, numbers: bool
) -> go.Scatter:
    """Return the click targets: a marker at the centre of each region, invisible except for its number."""
    rows, columns = grid
    places = [(row, column) for row in range(rows) for column in range(columns)]
    names = [f"region {number}" for number in range(1, len(places) + 1)]
    looks = [f": {percent(weight)} of the attention" for weight in weights] if weights is not None else [""] * 1000
    return go.Scatter(
        x=[(column + 0.5) * size[0] / columns for _, column in places],
        y=[(row + 0.5) * size[1] / rows for row, _ in places],
        mode="markers+text" if numbers else "markers",
        marker={"size": 26, "opacity": 0, "symbol": "square"},
        text=[str(number) for number in range(1, len(places) + 1)],
        textfont={"size": 10, "color": ON_PHOTO, "shadow": HALO},
        customdata=list(range(1, len(places) + 1)),
        hovertext=[name + look for name, look in zip(names, looks, strict=False)],
        hovertemplate="%{hovertext}<extra></extra>",
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
    )


def _image(photo: bytes, size: tuple[int, int], x: str, y: str) -> dict[str, Any]:
    return {
        "source": f"data:image/jpeg;base64,{base64.b64encode(photo).decode('ascii')}",
        "xref": x, "yref": y, "x": 0, "y": 0, "sizex": size[0], "sizey": size[1],
        "sizing": "stretch", "layer": "below",
    }  # fmt: skip


def _axis(span: list[float]) -> dict[str, Any]:
    return {"range": span, "visible": False, "constrain": "domain", "fixedrange": True, "automargin": False}


def _cut(word: str) -> str:
    """Return the word, shortened to fit above a small photo."""
    longest = len(word)
    while longest > 3 and text_width(shortened(word, longest), 13) > _TILE:
        longest -= 1
    return shortened(word, longest)
