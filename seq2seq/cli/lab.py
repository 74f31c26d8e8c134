"""The verb lab: makes the laboratory's recorded runs."""

from pathlib import Path

import click

from seq2seq.cli.options import PATH, device_option, threads_option
from seq2seq.cli.train import recipe_file
from seq2seq.errors import ConfigError
from seq2seq.training.lab.regimes import RunName, budget, runs
from seq2seq.training.lab.summary import summarise
from seq2seq.training.lab.work import check_data, finished, measure_gradients, train_run
from seq2seq.training.recipe import read_recipe


@click.command()
@click.option(
    "--data", required=True, type=PATH, metavar="FOLDER",
    help="What `prepare` made: train.tsv, valid.tsv, test.tsv.",
)  # fmt: skip
@click.option("--out", required=True, type=PATH, metavar="FOLDER", help="Where the kept weights and lab.json go.")
@click.option(
    "--work", default=Path("models/lab"), type=PATH, metavar="FOLDER",
    help="Where the runs are trained.  [default: models/lab]",
)  # fmt: skip
@click.option(
    "--only", multiple=True, metavar="RUN", help="Train this run alone, as in ratio-0.5-2; may be repeated."
)
@click.option("--updates", type=click.IntRange(1), metavar="N", help="Budget of each run.  [default: the recipe's]")
@click.option("--recipe", default="lab", metavar="RECIPE", help="Another recipe.  [default: lab]")
@click.option("--summary", is_flag=True, help="Train nothing; measure the runs that have ended.")
@device_option
@threads_option
def lab(
    data: Path,
    out: Path,
    work: Path,
    only: tuple[str, ...],
    updates: int | None,
    recipe: str,
    summary: bool,
    device: str,
) -> None:
    """Train the runs of the teacher-forcing laboratory, and measure them.

    Every run has the same small model, the same pairs and the same number of updates; they differ in the
    decoder input during training: the reference always, never, with a constant or a decaying chance. A run that
    has ended is not trained again, one that was stopped resumes. When all have ended they are measured, once, on
    the test set. Two commands with different --only may run side by side.

    \b
    Examples:
      python -m seq2seq prepare data/lab pairs.tsv.gz --columns en,fr --source fr --target en --longest-words 12
      python -m seq2seq lab --data data/lab --out checkpoints/lab --threads 1
      python -m seq2seq lab --data data/lab --out checkpoints/lab --only always-1 --only never-1
    """
    if summary and only:
        raise ConfigError("--summary measures all runs that have ended; leave --only out.")
    path = recipe_file(recipe)
    asked = updates or budget(read_recipe(path))
    every = runs(asked)
    chosen = [_named(name, every) for name in only] or every
    if not summary:
        check_data(data)
        for run in chosen:
            click.echo(f"{run}", err=True)
            train_run(run, path, data, asked, work, device)
    if only:
        return
    ended = [run for run in every if finished(work / str(run))]
    if not ended:
        raise ConfigError(f"No run in {work} has ended yet; leave --summary out to train them.")
    gradients = measure_gradients(path, data, asked, work, device)
    made = summarise(ended, data, work, out, gradients, device, lambda line: click.echo(line, err=True))
    for one in made.runs:
        click.echo(f"{one.name:20}  test BLEU {one.test.bleu:6.2f}  chrF2 {one.test.chrf:6.2f}")


def _named(name: str, every: list[RunName]) -> RunName:
    found = next((run for run in every if str(run) == name), None)
    if found is None:
        raise ConfigError(f"There is no run {name!r}; choose from {', '.join(map(str, every))}.")
    return found
