"""How the cost of a search grows with the beam, the length of the source and the size of the batch.

python -m benchmarks.scaling [--threads N]
Writes benchmarks/results/scaling.json and scaling.svg. Run it with nothing else on the machine.

A model of the shipped size with random weights translates random pieces; outputs are as long as their sources, so
that only the variable on the axis changes. An exponent of 1 means that twice as much costs twice as much.
"""

import argparse
import json
import math
import time
from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go
import torch

from benchmarks.machine import describe
from benchmarks.picture import RESULTS, save_svg
from seq2seq.allocation import keep_freed_memory
from seq2seq.data.batches import source_batch
from seq2seq.models import CachedInputProjections, CompiledDecoder, ModelConfig, TranslationModel
from seq2seq.search import Beam, SearchOptions, search
from seq2seq.viz.palette import palette
from seq2seq.viz.theme import styled

VOCABULARY = 4000
BEAMS = (1, 2, 3, 5, 7, 10, 14, 20)
LENGTHS = (5, 10, 20, 40, 80)
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
TRIES = 5


class Curve(NamedTuple):
    """Seconds of one search for each size of something."""

    name: str
    rest: str  # what stays the same
    sizes: Sequence[int]
    seconds: list[float]

    @property
    def exponent(self) -> float:
        """Slope of the least-squares line through log size and log seconds."""
        xs, ys = [math.log(size) for size in self.sizes], [math.log(s) for s in self.seconds]
        mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
        products = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
        return products / sum((x - mean_x) ** 2 for x in xs)


def seconds(cached: CachedInputProjections, batch: int, length: int, beam: int) -> float:
    """Return the shortest of `TRIES` times of one search."""
    generator = torch.Generator().manual_seed(batch * 1000 + length)
    rows = torch.randint(4, VOCABULARY, (batch, length), generator=generator).tolist()
    options = SearchOptions(mode=Beam(size=beam), min_length=length, max_length=length)
    best = float("inf")
    for _ in range(TRIES):
        start = time.perf_counter()
        with torch.inference_mode():
            memory = cached.encode(*source_batch(rows))
        search(cached, memory, options)
        best = min(best, time.perf_counter() - start)
    return best


def measure() -> list[Curve]:
    """Return the three curves."""
    torch.manual_seed(1)
    config = ModelConfig(embedding=384, encoder_hidden=256, decoder_hidden=512)
    model = TranslationModel(config, VOCABULARY, VOCABULARY).eval()
    cached = CachedInputProjections(model, CompiledDecoder(model.decoder))
    seconds(cached, 8, 10, 5)  # the first searches also pay for set-up
    return [
        Curve("beam", "16 sentences of 12 pieces", BEAMS, [seconds(cached, 16, 12, beam) for beam in BEAMS]),
        Curve("source pieces", "16 sentences, beam 5", LENGTHS, [seconds(cached, 16, each, 5) for each in LENGTHS]),
        Curve("sentences", "12 pieces, beam 5", BATCHES, [seconds(cached, each, 12, 5) for each in BATCHES]),
    ]


def picture(curves: Sequence[Curve]) -> go.Figure:
    """Return the curves side by side, on logarithmic axes, each with its fitted exponent."""
    colours = palette(False)
    figure = go.Figure()
    styled(figure, dark=False, height=300)
    gap, width = 0.08, (1 - 2 * 0.08) / 3
    for number, curve in enumerate(curves):
        axis = "" if number == 0 else str(number + 1)
        left = number * (width + gap)
        milliseconds = [1000 * each for each in curve.seconds]
        figure.add_scatter(
            x=list(curve.sizes), y=milliseconds, mode="lines+markers", xaxis=f"x{axis}", yaxis=f"y{axis}",
            line={"color": colours.beam, "width": 2}, marker={"size": 7},
        )  # fmt: skip
        shared = {"type": "log", "color": colours.muted, "gridcolor": colours.grid, "zeroline": False}
        figure.update_layout(
            {
                f"xaxis{axis}": shared
                | {"domain": [left, left + width], "anchor": f"y{axis}", "tickmode": "array"}
                | {
                    "tickvals": list(curve.sizes)[:: 2 if len(curve.sizes) > 6 else 1],
                    "title": {"text": curve.name, "font": {"size": 12}},
                },
                f"yaxis{axis}": shared | {"anchor": f"x{axis}", "dtick": 1, "minor": {"showgrid": False}},
            }
        )
        figure.add_annotation(
            x=left + 0.01, y=1.12, xref="paper", yref="paper", xanchor="left", showarrow=False, align="left",
            text=f"milliseconds, {curve.rest}<br>exponent {curve.exponent:.2f}",
        )  # fmt: skip
    figure.update_layout(margin={"l": 48, "r": 12, "t": 48, "b": 44}, width=960, paper_bgcolor="#ffffff")
    return figure


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    keep_freed_memory()
    curves = measure()
    RESULTS.mkdir(exist_ok=True)
    values = {"machine": describe(), "threads": asked.threads, "curves": [curve._asdict() for curve in curves]}
    (RESULTS / "scaling.json").write_text(json.dumps(values, indent=1), encoding="utf-8")
    save_svg(picture(curves), RESULTS / "scaling.svg")
    for curve in curves:
        print(f"{curve.name} ({curve.rest}): exponent {curve.exponent:.2f}; seconds {curve.seconds}")


if __name__ == "__main__":
    main()
