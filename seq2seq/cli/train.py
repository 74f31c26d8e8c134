"""The training verbs: train, find-rate."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import BaseModel
from tqdm import tqdm

from seq2seq.cli.interrupts import stop_on_signal
from seq2seq.cli.lines import hide_progress, warn
from seq2seq.cli.options import device_option, threads_option
from seq2seq.config import read_toml
from seq2seq.distributed import group
from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.folders import check_unused, write_file
from seq2seq.training import Recipe, Training, read_recipe, training_folder
from seq2seq.training.corpus import corpus_warnings
from seq2seq.training.keys import RecipeKey, recipe_tables
from seq2seq.training.progress import STATE, read_progress
from seq2seq.training.rate_test import rate_test
from seq2seq.training.rates import RateTrial, Suggestion, suggest
from seq2seq.training.resuming import exclusive_lock, kept_recipe_file

R = TypeVar("R", bound=BaseModel)
_RECIPES = Path(__file__).resolve().parents[1] / "recipes"
_STOPPED = "Stopped. The same command with --resume goes on from "

set_option = click.option(
    "--set", "changes", multiple=True, metavar="KEY=VALUE", help="Change a key of the recipe; may be repeated."
)


def keys_option(recipe: type[BaseModel]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option that prints every key of a kind of recipe."""

    def print_keys(context: click.Context, _parameter: click.Parameter, asked: bool) -> None:
        if asked:
            click.echo("\n\n".join(_described(recipe)))
            context.exit()

    return click.option(
        "--keys",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=print_keys,
        help="Print every key of a recipe.",
    )


def _described(recipe: type[BaseModel]) -> Iterator[str]:
    for table in recipe_tables(recipe):
        yield "\n".join([f"[{table.name}]", *_wrapped(table.meaning, "# ")])
        yield from ("\n".join([_assignment(key), *_wrapped(key.meaning, "    ")]) for key in table.keys)


def _assignment(key: RecipeKey) -> str:
    choices = f"   one of {', '.join(key.choices)}" if len(key.choices) > 1 else ""
    if key.default == "null":
        return f"{key.name}   (may be left out){choices}"
    return f"{key.name}   (needed){choices}" if key.needed else f"{key.name} = {key.default}{choices}"


def _wrapped(text: str, indent: str) -> list[str]:
    return click.wrap_text(text, 100, indent, indent).splitlines()


@click.command()
@click.argument("recipe", required=False)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="FOLDER", help="Where the checkpoint goes."
)
@click.option("--resume", is_flag=True, help="Continue the training of FOLDER where it stopped.")
@set_option
@device_option
@keys_option(Recipe)
@threads_option
def train(recipe: str | None, out: Path, resume: bool, changes: tuple[str, ...], device: str) -> None:
    """Train a model as RECIPE says: a TOML file, or the name of a shipped recipe.

    The checkpoint in FOLDER is rewritten after each validation; the state for resuming is stored next to it in
    FOLDER.training, with the history. Ctrl-C (or SIGTERM) stops after the running update and saves its state;
    --resume continues, with the recipe stored there if none is named, and to more updates if --set asks for them.
    `train --keys` prints every key of a recipe with its default and its meaning.

    \b
    Examples:
      python -m seq2seq train fr-en --out models/fr-en
      python -m seq2seq train --out models/fr-en --resume
      python -m seq2seq train my.toml --out models/gru --set model.cell=gru --set training.seed=2
      torchrun --nproc-per-node 2 -m seq2seq train fr-en --out models/fr-en --threads 1

    Under torchrun each process takes its share of every batch, which is then N times as large.
    """
    changed = named_or_stored_recipe(read_recipe, Recipe, recipe, out, resume, changes)
    with group(device) as ranks, exclusive_lock(out) if ranks.leads else nullcontext():
        if ranks.leads:
            check_out(out, resume)
            for sentence in corpus_warnings(changed):
                warn(sentence)
        run_training(Training(changed, out, resume=resume, device=device, group=ranks), ranks.leads, "greedy BLEU")


def named_or_stored_recipe(
    read: Callable[[Path, tuple[str, ...]], R],
    record: type[R],
    recipe: str | None,
    out: Path,
    resume: bool,
    changes: tuple[str, ...],
) -> R:
    """Return the recipe that a verb names, or the one of the resumed training, with its changes.

    Raises UsageError without either, ConfigError or CheckpointError if it can't be read.
    """
    if recipe is None and not resume:
        raise click.UsageError("RECIPE is missing; name a file or a shipped recipe.")
    path = recipe_file(recipe, record) if recipe is not None else kept_recipe_file(training_folder(out))
    return read(path, changes)


def run_training(training: Training, leads: bool, score: str) -> None:
    """Run a training to its end or to a Ctrl-C; the leader of its processes reports the result.

    score: name of the validation score.
    """
    if training.progress.finished:
        _say(leads, f"{training.out} has finished already, at update {training.progress.update:,}.")
        return
    with stop_on_signal() as asked:
        try:
            training.run(stop=asked.is_set)
        except KeyboardInterrupt:
            click.echo(f"{_STOPPED}the last validation.", err=True)
            click.get_current_context().exit(130)
    if not training.progress.finished:
        if leads:
            click.echo(f"{_STOPPED}update {training.progress.update:,}.", err=True)
        click.get_current_context().exit(130)
    best = max(validation.bleu for validation in training.progress.validations)
    done = f"{training.out} is done after {training.progress.update:,} updates"
    _say(leads, f"{done}; best {score} in validation {best:.2f}.")


def _say(leads: bool, line: str) -> None:
    if leads:
        click.echo(line)


def recipe_file(recipe: str, record: type[BaseModel] = Recipe) -> Path:
    """Return the file of a recipe; record: the type that the verb reads it as.

    Raises ConfigError that lists the shipped ones of its kind if there is none.
    """
    path = Path(recipe)
    if path.exists():
        return path
    shipped = {file.stem: file for file in sorted(_RECIPES.glob("*.toml"))}
    if recipe in shipped:
        return shipped[recipe]
    fitting = ", ".join(name for name, file in shipped.items() if _fits(read_toml(file), record))
    raise ConfigError(f"{recipe} is neither a file nor a shipped recipe ({fitting}); check the name.")


def _fits(tables: Mapping[str, Any], record: type[BaseModel]) -> bool:
    """Return whether `record` knows all keys; a shipped recipe may need more from the command line."""
    for key, value in tables.items():
        field = record.model_fields.get(key)
        if field is None:
            return False
        kind = field.annotation
        if (
            isinstance(value, dict)
            and isinstance(kind, type)
            and issubclass(kind, BaseModel)
            and not _fits(value, kind)
        ):
            return False
    return True


def check_out(out: Path, resume: bool) -> None:
    """Raise CheckpointError rather than overwrite an existing folder."""
    folder = training_folder(out)
    if resume:
        read_progress(folder)
        return
    if (folder / STATE).exists():
        raise CheckpointError(f"{folder} holds a training; add --resume to go on with it, or name another --out.")
    check_unused(out)


@click.command("find-rate")
@click.argument("recipe")
@click.option(
    "--updates", type=click.IntRange(10), default=200, metavar="N", help="Steps of the test.  [default: 200]"
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE.tsv",
    help="Write every step: rate, loss, smoothed loss.",
)
@click.option(
    "--figure", type=click.Path(path_type=Path), metavar="FILE.html", help="Draw the curve (opens in any browser)."
)
@set_option
@device_option
@threads_option
def find_rate(
    recipe: str, updates: int, out: Path | None, figure: Path | None, changes: tuple[str, ...], device: str
) -> None:
    """Raise the learning rate of RECIPE from 0.00001 to 1 and see where the loss falls, and where it diverges.

    A range test (Smith 2017): each of N updates has a higher rate than the one before. It stops when the
    smoothed loss is four times its best. The model is not saved. A good peak for `encoder_rate` and
    `decoder_rate` is where the loss falls fastest, or a tenth of where it diverges; of the two take the lower
    one if trainings diverge.

    \b
    Example:
      python -m seq2seq find-rate fr-en --updates 100 --figure rates.html
    """
    changed = read_recipe(recipe_file(recipe), changes)
    for file in filter(None, (out, figure)):
        _check_writable(file)
    steps = tqdm(rate_test(changed, updates, device), total=updates, unit="update", disable=hide_progress())
    tried = list(steps)
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
