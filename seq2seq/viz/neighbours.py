"""A decoding's states among training states."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import plotly.graph_objects as go

from seq2seq.viz.labels import number, percent, piece_label
from seq2seq.viz.palette import palette
from seq2seq.viz.theme import label, styled

if TYPE_CHECKING:
    from seq2seq.explain.neighbour_map import MapPoint, MapState, StateMap
    from seq2seq.explain.neighbours import Neighbour

_WIDTHS, _HEIGHT = (380, 760), 460  # pixels; the widths of a phone and of a page
_LINE, _LETTER = 15, 7  # pixels: height of a label's line, width of a letter
_LONGEST = 48  # characters on either side of the marked word


class _Corner(NamedTuple):
    """A corner of the visible range, in axis units."""

    x: float
    y: float


class _Box(NamedTuple):
    """A rectangle in pixels, by its centre."""

    x: float
    y: float
    width: float
    height: float

    def overlap(self, other: "_Box") -> float:
        """Return the area that both cover."""
        wide = min(self.width, other.width, (self.width + other.width) / 2 - abs(self.x - other.x))
        high = min(self.height, other.height, (self.height + other.height) / 2 - abs(self.y - other.y))
        return max(0.0, wide) * max(0.0, high)


def neighbour_map(found: "StateMap", pieces: Sequence[str], *, dark: bool = False) -> go.Figure:
    """Return the training states as small dots and this decoding as a numbered path through them.

    pieces: the piece of each step: on the target side the one that the step chose, on the source side the piece
    itself. States that are a step's nearest neighbours are in colour, the others muted. Hovering over one shows its
    sentence with the word marked.
    """
    colours = palette(dark)
    figure = go.Figure()
    far = [one for one in found.states if not one.steps]
    close = [one for one in found.states if one.steps]
    _dots(figure, far, colours.idle, 4, 0.5)
    _dots(figure, close, colours.beam, 6, 0.9)
    shown = [label(piece_label(piece), 14) for piece in pieces[: len(found.path)]]
    figure.add_scatter(
        x=[place.x for place in found.path],
        y=[place.y for place in found.path],
        mode="lines+markers",
        line={"color": colours.winner, "width": 1.5},
        marker={"size": 10, "color": colours.winner, "opacity": 1},
        customdata=[[step, piece] for step, piece in enumerate(shown, 1)],
        hovertemplate="step %{customdata[0]}: %{customdata[1]}<extra>this decoding</extra>",
    )
    styled(figure, dark=dark, height=_HEIGHT)
    texts = [f"{step} {piece}" for step, piece in enumerate(shown, 1)]
    edges = _edges([*found.path, *(one.place for one in close)])
    _name_steps(figure, found.path, texts, edges, dark)
    figure.update_layout(dragmode="pan", hoverdistance=12)
    axis = {"showticklabels": False, "showgrid": False}
    figure.update_xaxes(**axis, range=[edges[0].x, edges[1].x])
    figure.update_yaxes(**axis, range=[edges[0].y, edges[1].y])
    figure.update_xaxes(title={"text": f"first two PCA axes, {percent(found.shown)} of the variance"})
    return figure


def _dots(figure: go.Figure, states: Sequence["MapState"], colour: str, size: int, opacity: float) -> None:
    figure.add_scatter(
        x=[one.place.x for one in states],
        y=[one.place.y for one in states],
        mode="markers",
        marker={"size": size, "color": colour, "opacity": opacity, "line": {"width": 0}},
        customdata=[_hover_text(one) for one in states],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _name_steps(
    figure: go.Figure, path: Sequence["MapPoint"], texts: Sequence[str], edges: tuple[_Corner, _Corner], dark: bool
) -> None:
    colours = palette(dark)
    for text, place, (x, y) in zip(texts, path, _offsets(path, texts, edges), strict=True):
        figure.add_annotation(
            x=place.x,
            y=place.y,
            ax=x,
            ay=y,
            text=text,
            showarrow=True,
            arrowhead=0,
            arrowwidth=1,
            arrowcolor=colours.winner,
            standoff=5,
            font={"color": colours.text, "size": 12},
            bgcolor=colours.label,
            borderpad=1,
        )


def _hover_text(one: "MapState") -> str:
    neighbour = one.neighbour
    lines = [marked(neighbour), f"then: {label(_word(neighbour.next), 20)}" if neighbour.next else ""]
    if one.steps:
        near = ", ".join(map(str, one.steps))
        lines.append(f"near step {near}, distance {number(neighbour.distance)}")
    return "<br>".join(filter(None, lines))


def marked(neighbour: "Neighbour") -> str:
    """Return a position's sentence with its word in bold, for Plotly; at the start ⟨start⟩ is the word."""
    word = label(_word(neighbour.word or "<s>"), 30)
    space = "" if neighbour.word else " "
    return (
        f"{label(neighbour.before, _LONGEST, keep_end=True)}<b>{word}</b>{space}{label(neighbour.after, _LONGEST)}"
    )


def _word(text: str) -> str:
    return piece_label(text) if text in ("<s>", "</s>") else text


def _edges(places: Sequence["MapPoint"]) -> tuple[_Corner, _Corner]:
    """Return the lower left and upper right corner of the path and its nearest states, with a margin."""
    xs, ys = [place.x for place in places], [place.y for place in places]
    wide, high = max(max(xs) - min(xs), 1e-6), max(max(ys) - min(ys), 1e-6)
    return (
        _Corner(min(xs) - 0.12 * wide, min(ys) - 0.08 * high),
        _Corner(max(xs) + 0.12 * wide, max(ys) + 0.08 * high),
    )


def _offsets(
    path: Sequence["MapPoint"], texts: Sequence[str], edges: tuple[_Corner, _Corner]
) -> list[tuple[float, float]]:
    """Return each label's offset from its mark in pixels (right, down): the candidate with the least overlap.

    Greedy, one label after another; the overlap is summed over the widths that the figure may have.
    """
    low, high = edges
    marks = [
        [
            _Box((at.x - low.x) / (high.x - low.x) * w, (high.y - at.y) / (high.y - low.y) * _HEIGHT, 14, 14)
            for at in path
        ]
        for w in _WIDTHS
    ]
    placed: list[list[_Box]] = [[] for _ in _WIDTHS]
    offsets: list[tuple[float, float]] = []
    for step, text in enumerate(texts):
        wide = _LETTER * len(text)
        places = [
            (right * (wide / 2 + 10 + 12 * far), down * (16 + 16 * far), far)
            for far in range(5)
            for right, down in ((0, -1), (0, 1), (1, 0), (-1, 0), (1, -1), (-1, -1), (1, 1), (-1, 1))
        ]
        costs = []
        for x, y, far in places:
            cost = 25.0 * far  # a slightly covered label is better than one far from its mark
            for w, own, others in zip(_WIDTHS, marks, placed, strict=True):
                box = _Box(own[step].x + x, own[step].y + y, wide, _LINE)
                inside = box.overlap(_Box(w / 2, _HEIGHT / 2, w, _HEIGHT))
                cost += sum(box.overlap(other) for other in [*own, *others]) + 2 * (wide * _LINE - inside)
            costs.append(round(cost, 3))
        x, y, _ = places[costs.index(min(costs))]
        offsets.append((x, y))
        for own, others in zip(marks, placed, strict=True):
            others.append(_Box(own[step].x + x, own[step].y + y, wide, _LINE))
    return offsets
