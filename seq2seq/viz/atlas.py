"""The search atlas: a cell for each beam size and length penalty."""

import plotly.graph_objects as go

from seq2seq.evaluation.atlas import Atlas, AtlasCell
from seq2seq.viz.labels import number, percent
from seq2seq.viz.palette import palette
from seq2seq.viz.theme import styled

_ROW, _ROOM = 44, 84  # pixels
_TOP = 28  # pixels, for the figure's mode bar
_LEAST = 1.0  # smallest BLEU range of the colour scale, so that rounding does not look like a finding


def search_atlas(atlas: Atlas, *, dark: bool = False) -> go.Figure:
    """Return BLEU by beam size and length penalty, the best cell framed; below each BLEU is the length ratio."""
    colours, sizes, alphas = palette(dark), atlas.beam_sizes, atlas.alphas
    best = max(atlas.cells, key=lambda cell: cell.bleu)
    low = min(min(cell.bleu for cell in atlas.cells), best.bleu - _LEAST)
    figure = go.Figure(
        go.Heatmap(
            z=[[_bleu(atlas.cell(size, alpha)) for size in sizes] for alpha in alphas],
            x=list(range(len(sizes))),
            y=list(range(len(alphas))),
            zmin=low,
            zmax=best.bleu,
            colorscale=[[i / (len(colours.scale) - 1), one] for i, one in enumerate(colours.scale)],
            showscale=False,
            xgap=2,
            ygap=2,
            hoverinfo="skip",
        )
    )
    for cell in atlas.cells:
        x, y = sizes.index(cell.beam_size), alphas.index(cell.alpha)
        strong = (cell.bleu - low) / (best.bleu - low) > 0.62  # on the darker blues
        figure.add_annotation(
            x=x,
            y=y,
            showarrow=False,
            text=f"<b>{number(cell.bleu, 1)}</b><br>{number(cell.length_ratio)}",
            font={"size": 13, "color": colours.paper if strong else colours.text},
            hovertext=_cell_text(cell),
        )
    x, y = sizes.index(best.beam_size), alphas.index(best.alpha)
    figure.add_shape(
        type="rect", x0=x - 0.49, x1=x + 0.49, y0=y - 0.47, y1=y + 0.47, line={"color": colours.winner, "width": 3}
    )
    styled(figure, dark=dark, height=_ROW * len(alphas) + _ROOM)
    figure.update_layout(margin={"t": _TOP})
    figure.update_xaxes(
        tickvals=list(range(len(sizes))),
        ticktext=["greedy" if size == 1 else str(size) for size in sizes],
        title={"text": "beam size"},
        showgrid=False,
    )
    figure.update_yaxes(
        tickvals=list(range(len(alphas))),
        ticktext=[number(alpha, 1) for alpha in alphas],
        title={"text": "length penalty α"},
        showgrid=False,
    )
    return figure


def atlas_summary(atlas: Atlas) -> str:
    """Return the best and the worst cell, as sentences."""
    best = max(atlas.cells, key=lambda cell: cell.bleu)
    worst = min(atlas.cells, key=lambda cell: cell.bleu)
    return f"Best {_cell_text(best)}. Worst {_cell_text(worst)}."


def _bleu(cell: AtlasCell | None) -> float | None:
    return None if cell is None else cell.bleu


def _cell_text(cell: AtlasCell) -> str:
    search = "greedy" if cell.beam_size == 1 else f"beam {cell.beam_size}, α {number(cell.alpha, 1)}"
    empty = f", {percent(cell.empty)} empty" if cell.empty else ""
    ratio = number(cell.length_ratio)
    return f"{search}: BLEU {number(cell.bleu)}, chrF {number(cell.chrf)}, length ratio {ratio}{empty}"
