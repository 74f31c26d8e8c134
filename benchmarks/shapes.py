"""Ablations of layer sizes, vocabularies and dropout: valid BLEU by core-minutes, one change at a time.

python -m benchmarks.shapes run NAME ... [--recipe fr-en] [--minutes 30] [--out models/shapes]
python -m benchmarks.shapes show [--out models/shapes]

`run` trains each variant on one core for about that many minutes, and resumes what an earlier call left unfinished;
the number of updates follows from the time of some trial updates. `show` adds the finished runs to
benchmarks/results/shapes.json, and writes shapes.md and shapes.svg next to it. The recipe's data must have been
prepared.
"""

import json
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import plotly.graph_objects as go
import torch

from benchmarks.machine import describe
from benchmarks.picture import RESULTS, save_svg
from seq2seq.allocation import keep_freed_memory
from seq2seq.cli.train import recipe_file
from seq2seq.training import Recipe, Training, read_recipe, training_folder
from seq2seq.training.progress import STATE
from seq2seq.viz.palette import palette
from seq2seq.viz.theme import styled

# Each changes one thing of the recipe.
VARIANTS: dict[str, tuple[str, ...]] = {
    "base": (),
    "encoder-2-layers": ("model.encoder_layers=2",),
    "decoder-2-layers": ("model.decoder_layers=2",),
    "narrow": ("model.embedding=256", "model.encoder_hidden=192", "model.decoder_hidden=384"),
    "wide": ("model.embedding=512", "model.encoder_hidden=384", "model.decoder_hidden=768"),
    "vocabulary-2000": ("text.source_size=2500", "text.target_size=2000"),
    "vocabulary-8000": ("text.source_size=10000", "text.target_size=8000"),
    "dropout-0.1": ("model.dropout=0.1",),
    "dropout-0.3": ("model.dropout=0.3",),
    "variational": ("model.variational=true",),
    "weight-drop": ("model.weight_drop=0.2",),
    "bpe-dropout": ("text.source_dropout=0.1", "text.target_dropout=0.1"),
    "source-bpe-dropout": ("text.source_dropout=0.1",),
    "input-feeding": ("model.input_feeding=true",),
    "additive": ("model.attention=additive",),
    "layer-norm": ("model.layer_norm=true",),
    "averaging-5": ("averaging.count=5",),
    "batch-750": ("training.batch_tokens=750",),
    "batch-3000": ("training.batch_tokens=3000",),
    "rate-0.001": ("training.encoder_rate=0.001", "training.decoder_rate=0.001"),
    "rate-0.004": ("training.encoder_rate=0.004", "training.decoder_rate=0.004"),
}
VALIDATIONS = 8  # of each run, for the points of its curve
_HEIGHT, _ABOVE, _BELOW = 480, 16, 48  # of the picture and its margins, in pixels
_LINE = 17  # pixels of a line of text
REHEARSED = 30  # updates that are timed, after some for warm-up


class Run(NamedTuple):
    """The result of a variant."""

    name: str
    machine: str
    parameters: int
    updates: int
    minutes: list[float]  # of one core, at each validation
    bleu: list[float]  # greedy, of the valid pairs
    precision: str

    @property
    def best(self) -> float:
        """The last validation's BLEU, since that is the model that is kept."""
        return self.bleu[-1]


@click.group()
def main() -> None:
    """Train variants of a recipe for the same time, and show what they reach."""


@main.command()
@click.argument("names", nargs=-1, required=True, type=click.Choice(list(VARIANTS)))
@click.option("--recipe", default="fr-en")
@click.option("--minutes", default=30.0, type=click.FloatRange(min=0.1))
@click.option("--out", default=Path("models/shapes"), type=click.Path(path_type=Path))
def run(names: tuple[str, ...], recipe: str, minutes: float, out: Path) -> None:
    """Train each of NAMES, one after the other."""
    torch.set_num_threads(1)
    keep_freed_memory()
    for name in names:
        folder = out / name
        resume = (training_folder(folder) / STATE).is_file()
        plan = training_folder(folder) / "updates"
        if plan.is_file():
            updates = int(plan.read_text())
        else:
            updates = int(minutes * 60 / seconds_of_update(_recipe(recipe, name, 1_000_000), folder))
            plan.write_text(str(updates))
            (training_folder(folder) / "machine").write_text(describe())
        training = Training(_recipe(recipe, name, updates), folder, resume=resume)
        click.echo(f"{name}: {updates} updates in {training.progress.precision}", err=True)
        training.run()


def _recipe(recipe: str, name: str, updates: int) -> Recipe:
    length = (f"training.schedule.updates={updates}", f"training.validate_every={math.ceil(updates / VALIDATIONS)}")
    return read_recipe(recipe_file(recipe), (*VARIANTS[name], *length))


def seconds_of_update(recipe: Recipe, folder: Path) -> float:
    """Return the mean CPU seconds of one update, from trial updates of a model that is discarded."""
    training = Training(recipe, folder)
    seconds = []
    for number, batch in enumerate(training.task.batches.epoch(0)):
        start = time.process_time()
        training.updater.update(batch, 0.0)
        seconds.append(time.process_time() - start)
        if number == REHEARSED + 5:
            break
    # Batches differ in length, so the mean predicts the cost of many.
    return sum(seconds[5:]) / len(seconds[5:])


@main.command()
@click.option("--out", default=Path("models/shapes"), type=click.Path(path_type=Path))
def show(out: Path) -> None:
    """Write the table and the plot of what was trained."""
    RESULTS.mkdir(exist_ok=True)
    kept = RESULTS / "shapes.json"
    known = [Run(**one) for one in json.loads(kept.read_text(encoding="utf-8"))] if kept.is_file() else []
    merged = {(one.name, one.machine): one for one in [*known, *found(out)]}
    runs = sorted(merged.values(), key=lambda one: -one.best)
    if not runs:
        raise click.UsageError(f"{out} has no finished run; train some by `run`.")
    kept.write_text(json.dumps([one._asdict() for one in runs], indent=1) + "\n", encoding="utf-8")
    (RESULTS / "shapes.md").write_text(table(runs), encoding="utf-8")
    save_svg(picture(by_machine(runs)[0]), RESULTS / "shapes.svg")
    click.echo(table(runs))


def found(out: Path) -> Iterator[Run]:
    """Yield the variants that have been trained to their end."""
    for name in VARIANTS:
        history = out / name / "history.jsonl"
        progress = training_folder(out / name) / "progress.json"
        if not history.is_file() or not progress.is_file():
            continue
        state = json.loads(progress.read_text(encoding="utf-8"))
        if not state["finished"]:
            continue
        lines = [json.loads(line) for line in history.read_text(encoding="utf-8").splitlines()]
        cost = {line["update"]: line["core_minutes"] for line in lines if "core_minutes" in line}
        # Where weights are averaged, the averaged model is the one that is kept.
        valid = {line["update"]: line["valid"]["bleu"] for line in lines if "valid" in line}
        valid |= {line["update"]: line["averaged"]["bleu"] for line in lines if "averaged" in line}
        last = max(cost)
        each = cost[last] / last
        weights = (out / name / "weights.safetensors").stat().st_size
        yield Run(
            name,
            (training_folder(out / name) / "machine").read_text(),
            weights // 2,
            state["update"],
            [cost.get(update, each * update) for update in valid],
            list(valid.values()),
            state["precision"],
        )


def by_machine(runs: list[Run]) -> list[list[Run]]:
    """Return the runs of each machine and precision, the most runs first: their minutes are not comparable."""
    kinds: dict[str, list[Run]] = {}
    for one in runs:
        kinds.setdefault(f"{one.precision} on {one.machine}", []).append(one)
    return sorted(kinds.values(), key=len, reverse=True)


def table(runs: list[Run]) -> str:
    """Return a Markdown table for each machine, best first."""
    parts = []
    for group in by_machine(runs):
        lines = [
            "| change | parameters, million | updates | core-minutes | valid BLEU, greedy |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| {name} | {weights / 1e6:.1f} | {updates:,} | {minutes[-1]:.1f} | {bleu[-1]:.2f} |"
            for name, _, weights, updates, minutes, bleu, _ in group
        ]
        parts.append("\n".join([*lines, "", f"One core each, {group[0].precision} on {group[0].machine}."]))
    return "\n\n".join(parts) + "\n"


def picture(runs: list[Run]) -> go.Figure:
    """Return valid BLEU by core-minutes, a line for each variant, named at its end; the base stands out."""
    colours = palette(False)
    figure = go.Figure()
    styled(figure, dark=False, height=_HEIGHT)
    for one in sorted(runs, key=lambda run: run.name == "base"):
        base = one.name == "base"
        figure.add_scatter(
            x=one.minutes, y=one.bleu, mode="lines",
            line={"color": colours.beam if base else colours.muted, "width": 3 if base else 1},
        )  # fmt: skip
    reached = [one.best for one in runs]
    lowest, highest = min(reached) - 12, max(reached) + 1
    line = _LINE * (highest - lowest) / (_HEIGHT - _ABOVE - _BELOW)
    for place, one in zip(_apart(reached, line), runs, strict=True):
        figure.add_annotation(
            x=1.0, xref="paper", y=place, xanchor="left", showarrow=False, text=f"{one.best:.1f}  {one.name}",
            font={"color": colours.beam if one.name == "base" else colours.muted},
        )  # fmt: skip
    figure.update_xaxes(title={"text": "minutes of one core", "font": {"size": 12}})
    figure.update_yaxes(
        title={"text": "BLEU of valid pairs, greedy", "font": {"size": 12}}, range=[lowest, highest]
    )
    figure.update_layout(margin={"l": 56, "r": 170, "t": _ABOVE, "b": _BELOW}, width=960, paper_bgcolor="#ffffff")
    return figure


def _apart(heights: list[float], gap: float) -> list[float]:
    """Return falling heights, moved down where two would be closer than `gap`."""
    placed: list[float] = []
    for height in heights:
        placed.append(min(height, placed[-1] - gap) if placed else height)
    return placed


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
