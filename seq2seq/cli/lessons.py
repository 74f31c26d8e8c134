"""The verb check-lessons: whether what the course's lessons say is true of the models at hand."""

from collections.abc import Container, Iterator, Sequence
from itertools import islice
from pathlib import Path

import click
from tqdm import tqdm

from seq2seq.cli.lines import hide_progress
from seq2seq.cli.options import PATH, device_option, lesson_folders, model_option, threads_option
from seq2seq.course.checking import Finding, check, fitting
from seq2seq.course.files import SHIPPED, LessonFile, readable
from seq2seq.course.library import Folders
from seq2seq.course.markup import in_words
from seq2seq.course.play import run_step
from seq2seq.data import read_pairs
from seq2seq.errors import ConfigError
from seq2seq.evaluation.finds import read_finds
from seq2seq.loading import load

_TRIED = 200  # sentences that are tried for a step which does not hold
_NAMED = 3  # of those that fit


@click.command()
@model_option
@click.option(
    "--lessons", type=PATH, default=SHIPPED, metavar="FOLDER",
    help="Lessons (*.toml).  [default: the shipped ones]",
)  # fmt: skip
@lesson_folders
@click.option(
    "--sentences", type=PATH, metavar="PAIRS.tsv",
    help="Sentences to try where a step does not hold.  [default: the model's own finds]",
)  # fmt: skip
@click.option("--facts", is_flag=True, help="Print what each step finds: the facts that a lesson's texts can name.")
@device_option
@threads_option
def check_lessons(
    folder: Path,
    lessons: Path,
    models: Path | None,
    photos: Path,
    sentences: Path | None,
    facts: bool,
    device: str,
) -> None:
    """Compute every step of the course's lessons, and say whether its points hold.

    The model of --model takes the place of the one that a lesson names. For a step that does not hold, sentences
    are tried, and those named for which it would. Steps whose models are not there are skipped, and said to be.

    \b
    Examples:
      python -m seq2seq check-lessons --model checkpoints/fr-en
      python -m seq2seq check-lessons --model models/mine --models checkpoints --sentences data/mine/test.tsv
      python -m seq2seq check-lessons --model checkpoints/fr-en --lessons my-lessons --facts
    """
    files, unreadable = readable(lessons)
    for problem in unreadable:
        click.echo(str(problem))
    names = {file.lesson.model for file in files}
    library = Folders(models or folder.resolve().parent, [lessons, photos], folder, names, device=device)
    load(folder)  # a damaged model is said before anything is computed
    found: list[Finding] = []
    for file in tqdm(files, unit=" lessons", disable=hide_progress(), leave=False):
        own = check(file, library)
        found += own
        _say(file, own)
        for step in sorted({finding.step for finding in own if not finding.missing}):
            fits = islice(fitting(file, step, library, _sources(folder, sentences)), _NAMED)
            click.echo(f"  step {step + 1} would hold for: {' | '.join(fits) or 'none of the sentences tried'}")
        if facts:
            _print_facts(file, library, {finding.step for finding in own})
    broken = len(unreadable) + sum(not finding.missing for finding in found)
    if skipped := len({(finding.file.name, finding.step) for finding in found if finding.missing}):
        click.echo(f"Skipped: {skipped} steps, whose models are not here. The app could not show them.", err=True)
    if broken:
        raise ConfigError(
            f"{broken} points do not hold for {folder}; take other sentences, or change what the lessons say."
        )


def _say(file: LessonFile, found: Sequence[Finding]) -> None:
    """Print how a lesson fares."""
    steps = len(file.lesson.step)
    wrong = len({finding.step for finding in found if not finding.missing})
    skipped = len({finding.step for finding in found if finding.missing})
    state = f"{wrong} of {steps} steps do not hold" if wrong else "holds"
    click.echo(f"{file.name}: {state}{f', {skipped} of {steps} steps skipped' if skipped else ''}")
    for finding in found:
        click.echo(f"  {finding.said}")


def _sources(folder: Path, sentences: Path | None) -> Iterator[str]:
    """Yield the sentences that are tried."""
    if sentences is not None:
        yield from (pair.source for pair in islice(read_pairs(sentences), _TRIED))
        return
    found = read_finds(folder)
    yield from (one.source for one in found.finds) if found else ()


def _print_facts(file: LessonFile, library: Folders, without: Container[int]) -> None:
    """Print what each step finds, without those that could not be computed or do not hold."""
    for number in (number for number in range(len(file.lesson.step)) if number not in without):
        for name, value in run_step(file, number, library).facts.items():
            click.echo(f"  step {number + 1}  {name} = {in_words(value)}")
