"""The laboratory's recorded runs as curves: by update, by target position, by source position."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import plotly.graph_objects as go

from seq2seq.models.config import Cell
from seq2seq.training.lab import Curve, Gradients, Lab, LabRun, short_title, title
from seq2seq.viz.labels import number, percent
from seq2seq.viz.line_ends import End, name_ends
from seq2seq.viz.palette import Palette, palette
from seq2seq.viz.theme import styled, text_width

Measure = Literal["bleu", "forced_loss", "loss", "ratio", "encoder_norm", "decoder_norm"]
MEASURES: dict[Measure, str] = {
    "bleu": "BLEU, free-running",
    "forced_loss": "loss, teacher forcing",
    "loss": "training loss",
    "ratio": "forcing ratio",
    "encoder_norm": "encoder gradient norm",
    "decoder_norm": "decoder gradient norm",
}
_HEIGHT, _TOP, _FOOT = 380, 16, 48  # pixels
_ROOM = 46  # pixels after a name
_ENOUGH = 0.05  # share of the references that must reach a position for it to be drawn
_DASHES = {"linear": "solid", "exponential": "dot", "inverse-sigmoid": "dash"}
_RATIOS = ("always", "ratio-0.75", "ratio-0.5", "ratio-0.25", "never")
CELLS: tuple[Cell, ...] = ("rnn", "gru", "lstm")


class Style(NamedTuple):
    """The line style of a regime, the same on every figure."""

    colour: str
    dash: str


def regime_style(regime: str, colours: Palette) -> Style:
    """Return a regime's line style: blue to orange from always to never forced, violet decays, green variants."""
    if regime in _RATIOS:
        return Style(colours.ratios[_RATIOS.index(regime)], "solid")
    if regime in _DASHES:
        return Style(colours.decays, _DASHES[regime])
    return Style(colours.variants, "dash" if regime.startswith("sampled") else "solid")


def lab_curves(lab: Lab, regimes: Sequence[str], measure: Measure, *, dark: bool = False) -> go.Figure:
    """Return one measure over the updates, a line for each run; further seeds of a regime are thin."""
    return _figure(
        [_Line(run, *_column(run.curve, measure)) for regime in regimes for run in lab.of(regime)],
        "update",
        MEASURES[measure] + (" (nats a token)" if "loss" in measure else ""),
        dark,
        digits=1 if measure == "bleu" else 2,
    )


def exposure_curves(
    lab: Lab,
    regimes: Sequence[str],
    figure: Literal["accuracy", "loss"],
    prefix: Literal["teacher_forced", "free_running"],
    *,
    dark: bool = False,
) -> go.Figure:
    """Return accuracy or loss by target position, given the gold or the model's own prefix.

    Positions that few references reach are noisy, and left out.
    """

    def values(run: LabRun) -> Sequence[float]:
        one = run.exposure
        if figure == "accuracy":
            return one.teacher_forced_accuracy if prefix == "teacher_forced" else one.free_running_accuracy
        return one.teacher_forced_loss if prefix == "teacher_forced" else one.free_running_loss

    runs = [run for regime in regimes for run in lab.of(regime)[:1]]
    lines = [
        _Line(run, list(range(1, last + 1)), values(run)[:last])
        for run in runs
        if (last := _last_reliable_position(run))
    ]
    says = "accuracy" if figure == "accuracy" else "loss (nats a token)"
    return _figure(lines, "position in the translation", says, dark, share=figure == "accuracy")


def _last_reliable_position(run: LabRun) -> int:
    """Return the last position that enough references reach."""
    counts = run.exposure.sentences
    return sum(count >= max(1, _ENOUGH * counts[0]) for count in counts) if counts else 0


def recovery_curves(lab: Lab, regimes: Sequence[str], place: int, *, dark: bool = False) -> go.Figure:
    """Return the share of outputs back on their path, by the number of tokens since the planted one.

    place: index of the recorded step.
    """
    lines = [
        _Line(run, list(range(len(run.recovery[place].back_within))), run.recovery[place].back_within)
        for regime in regimes
        for run in lab.of(regime)[:1]
        if place < len(run.recovery)
    ]
    return _figure(lines, "tokens after the planted word", "share recovered", dark, share=True)


def gradient_curves(found: Sequence[Gradients], *, dark: bool = False) -> go.Figure:
    """Return the norm of the gradient that reaches each source position, on a logarithmic axis.

    Solid lines are models with attention, dotted ones without.
    """
    colours = palette(dark)
    ink = dict(zip(CELLS, (colours.own, colours.truth, colours.decays), strict=True))
    figure = go.Figure()
    for one in found:
        plain = one.attention == "none"
        places = list(range(1, len(one.norms) + 1))
        figure.add_scatter(
            x=places,
            y=[max(value, 1e-6) for value in one.norms],
            mode="lines+markers",
            name=f"{one.cell}{'' if plain else ' + attention'}",
            line={"color": ink[one.cell], "width": 2, "dash": "dot" if plain else "solid"},
            marker={"size": 7, "symbol": "circle-open" if plain else "circle", "color": ink[one.cell]},
            customdata=[[one.cell, "no attention" if plain else "attention"] for _ in places],
            hovertemplate="%{customdata[0]}, %{customdata[1]}<br>position %{x}: %{y:.3g}<extra></extra>",
        )
    styled(figure, dark=dark, height=_HEIGHT)
    legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"size": 12}}
    figure.update_layout(showlegend=True, legend=legend, margin={"t": 56, "b": _FOOT, "r": 12})
    figure.update_yaxes(type="log", title={"text": "norm of the gradient"}, exponentformat="power", dtick=1)
    figure.update_xaxes(title={"text": "source position; the last one is ⟨end⟩"}, dtick=1, showgrid=False)
    return figure


class _Line(NamedTuple):
    run: LabRun
    x: Sequence[float]
    y: Sequence[float]


def _column(curve: Curve, measure: Measure) -> tuple[Sequence[float], Sequence[float]]:
    values: Sequence[float] = getattr(curve, measure)
    return (curve.valid_updates if measure in ("bleu", "forced_loss") else curve.updates), values


def _figure(
    lines: Sequence[_Line], across: str, up: str, dark: bool, *, digits: int = 2, share: bool = False
) -> go.Figure:
    colours = palette(dark)
    figure = go.Figure()
    says: Callable[[float], str] = percent if share else lambda value: number(value, digits)
    for line in lines:
        style, first = regime_style(line.run.regime, colours), line.run.seed == 1
        named = title(line.run.regime) + ("" if first else f", seed {line.run.seed}")
        figure.add_scatter(
            x=list(line.x),
            y=list(line.y),
            mode="lines",
            line={"color": style.colour, "width": 2.5 if first else 1, "dash": style.dash},
            customdata=[[named, says(value)] for value in line.y],
            hovertemplate="%{customdata[0]}<br>" + across + " %{x}: %{customdata[1]}<extra></extra>",
        )
    styled(figure, dark=dark, height=_HEIGHT)
    known = [value for line in lines for value in line.y] or [0.0, 1.0]
    low, high = (0.0, 1.0) if share else (min(0.0, *known), 1.06 * max(known) or 1.0)
    ends = [
        End(
            line.x[-1],
            line.y[-1],
            f"{short_title(line.run.regime)} {says(line.y[-1])}",
            regime_style(line.run.regime, colours).colour,
        )
        for line in lines
        if line.run.seed == 1 and line.y
    ]
    low -= 0.06 * (high - low)  # so that the zero labels of both axes do not overlap
    name_ends(figure, ends, low, high, _HEIGHT - _TOP - _FOOT)
    room = max((text_width(end.text, 13) for end in ends), default=0) + _ROOM
    figure.update_layout(margin={"l": 8, "r": min(room, 190), "t": _TOP, "b": _FOOT})
    last = max((line.x[-1] for line in lines if line.x), default=1)
    figure.update_xaxes(title={"text": across}, showgrid=False, range=[min(0, last), last])
    figure.update_yaxes(title={"text": up}, range=[low, high], **({"tickformat": ".0%"} if share else {}))
    return figure
