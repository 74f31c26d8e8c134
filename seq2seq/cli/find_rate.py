"""The verb find-rate."""

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import torch
from tqdm import tqdm

from seq2seq.cli.lines import hide_progress
from seq2seq.cli.options import PATH, device_option, threads_option
from seq2seq.cli.train import fits, recipe_file, set_option
from seq2seq.errors import ConfigError
from seq2seq.folders import write_file
from seq2seq.training import Recipe, read_recipe
from seq2seq.training.rate_test import rate_test
from seq2seq.training.rates import RateTrial, Suggestion, suggest
from seq2seq.training.recipe import changed_tables, read_changed
from seq2seq.training.task import Setup, Task
from seq2seq.training.translation import TranslationTask
from seq2seq.vision.captioning.recipe import CaptionRecipe
from seq2seq.vision.captioning.task import CaptionTask
from seq2seq.vision.distillation.recipe import ImageEncoderRecipe
from seq2seq.vision.distillation.task import DistillationTask
from seq2seq.vision.retrieval.recipe import SearchRecipe
from seq2seq.vision.retrieval.task import SearchTask


@click.command("find-rate")
@click.argument("recipe")
@click.option(
    "--updates", type=click.IntRange(10), default=200, metavar="N", help="Steps of the test.  [default: 200]"
)
@click.option("--out", type=PATH, metavar="FILE.tsv", help="Write every step: rate, loss, smoothed loss.")
@click.option("--figure", type=PATH, metavar="FILE.html", help="Draw the curve (opens in any browser).")
@set_option
@device_option
@threads_option
def find_rate(
    recipe: str, updates: int, out: Path | None, figure: Path | None, changes: tuple[str, ...], device: str
) -> None:
    """Raise the learning rate of RECIPE from 0.00001 to 1 and see where the loss falls, and where it diverges.

    A range test (Smith 2017): each of N updates has a higher rate than the one before. It stops when the
    smoothed loss is four times its best. The model is not saved. A good peak is where the
    loss falls fastest, or a tenth of where it diverges; of the two take the lower one if trainings diverge.

    The rates are those of `decoder_rate`, of a search's `words.rate`, or of an image encoder's `head_rate`;
    other rates of the recipe keep their ratio to it.

    \b
    Example:
      python -m seq2seq find-rate fr-en --updates 100 --figure rates.html
    """
    path = recipe_file(recipe, Recipe, CaptionRecipe, SearchRecipe, ImageEncoderRecipe)
    for file in filter(None, (out, figure)):
        _check_writable(file)
    with TemporaryDirectory() as folder:
        task = _task(path, changes, Setup(Path(folder), torch.device(device)))
        tried = list(tqdm(rate_test(task, updates), total=updates, unit="update", disable=hide_progress()))
    suggestion = suggest(tried)
    click.echo(_rate_table(tried))
    click.echo(f"\n{_suggested(suggestion)}")
    if out is not None:
        rows = "".join(f"{one.rate:.6g}\t{one.loss:.6f}\t{one.smoothed:.6f}\n" for one in tried)
        write_file(out, f"rate\tloss\tsmoothed\n{rows}")
    if figure is not None:
        from seq2seq.viz.rate import rate_curve  # Plotly takes half a second to import

        page: str = rate_curve(tried, suggestion).to_html(include_plotlyjs=True)
        write_file(figure, page)


def _task(path: Path, changes: tuple[str, ...], setup: Setup) -> Task[Any]:
    """Return the task of a recipe, whose kind shows in its keys. Raises ConfigError if a key is of no kind."""
    tables = changed_tables(path, changes)
    if fits(tables, CaptionRecipe):
        return CaptionTask(read_changed(CaptionRecipe, path, changes), setup)
    if fits(tables, SearchRecipe):
        return SearchTask(read_changed(SearchRecipe, path, changes), setup)
    if fits(tables, ImageEncoderRecipe):
        return DistillationTask(read_changed(ImageEncoderRecipe, path, changes), setup)
    return TranslationTask(read_recipe(path, changes), setup)


def _check_writable(file: Path) -> None:
    """Raise ConfigError if a result could not be written after minutes of work."""
    if file.is_dir():
        raise ConfigError(f"{file} is a folder; name a file.")
    if not os.access(file if file.exists() else file.absolute().parent, os.W_OK):
        raise ConfigError(f"{file} can't be written; name a file in an existing folder.")


def _rate_table(tried: Sequence[RateTrial]) -> str:
    """Return at most about 25 rows, evenly spaced, the last one among them."""
    stride = max(1, len(tried) // 24)
    shown = tried[::-stride][::-1]
    rows = [f"{one.rate:>10.2e}  {one.loss:>8.3f}  {one.smoothed:>8.3f}" for one in shown]
    return "\n".join([f"{'rate':>10}  {'loss':>8}  {'smoothed':>8}", *rows])


def _suggested(suggestion: Suggestion) -> str:
    steepest, diverged, tenth = suggestion
    falls = "The loss never falls." if steepest is None else f"The loss falls fastest at a rate of {steepest:.2g}."
    if diverged is None:
        return f"{falls} It does not break up to the highest rate."
    return f"{falls} It breaks at {diverged:.2g}; a tenth of that is {tenth:.2g}."
