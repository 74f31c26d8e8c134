"""The verb train, and what all training verbs share: options, the recipe that is asked for, the run itself."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import partial, reduce, wraps
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import click
from pydantic import BaseModel

from seq2seq.cli.interrupts import stop_on_signal
from seq2seq.cli.lines import warn
from seq2seq.cli.options import FOLDER, PATH, device_option, threads_option
from seq2seq.config import Settings, read_toml
from seq2seq.distributed import group
from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.folders import check_unused
from seq2seq.training import Recipe, Training, read_recipe, training_folder
from seq2seq.training.corpus import corpus_warnings
from seq2seq.training.keys import RecipeKey, recipe_tables
from seq2seq.training.progress import STATE, read_progress
from seq2seq.training.recipe import read_changed
from seq2seq.training.resuming import exclusive_lock, kept_recipe_file
from seq2seq.training.task import B, TaskFactory
from seq2seq.training.translation import TranslationTask

R = TypeVar("R", bound=Settings)
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
        yield "\n".join([f"[{table.name}]" if table.name else "", *_wrapped(table.meaning, "# ")]).strip()
        yield from ("\n".join([_assignment(key), *_wrapped(key.meaning, "    ")]) for key in table.keys)


def _assignment(key: RecipeKey) -> str:
    choices = f"   one of {', '.join(key.choices)}" if len(key.choices) > 1 else ""
    if key.default == "null":
        return f"{key.name}   (may be left out){choices}"
    return f"{key.name}   (needed){choices}" if key.needed else f"{key.name} = {key.default}{choices}"


def _wrapped(text: str, indent: str) -> list[str]:
    return click.wrap_text(" ".join(text.split()), 100, indent, indent).splitlines()


class PathOption(NamedTuple):
    """An option that sets keys of a recipe's [data] to paths."""

    flag: str
    keys: Sequence[str]
    metavar: str
    help: str
    type: click.Path = FOLDER


class Request(NamedTuple, Generic[R]):
    """A training that a verb is asked for."""

    recipe: R
    out: Path
    resume: bool
    device: str


def training_options(
    record: type[R], paths: Sequence[PathOption] = (), read: Callable[[Path, tuple[str, ...]], R] | None = None
) -> Callable[[Callable[[Request[R]], None]], Callable[..., None]]:
    """Return the decorator of a verb that trains by a `record`; the verb is called with what is asked for.

    read: reads a recipe with its changes.
    """
    options: list[Callable[..., Any]] = [
        click.argument("recipe", required=False),
        *(
            click.option(each.flag, type=each.type, metavar=each.metavar, help=each.help, nargs=len(each.keys))
            for each in paths
        ),
        click.option("--out", required=True, type=PATH, metavar="FOLDER", help="Where it goes."),
        click.option("--resume", is_flag=True, help="Continue the training of FOLDER where it stopped."),
        set_option,
        device_option,
        keys_option(record),
        threads_option,
    ]

    read_as_asked = read or partial(read_changed, record)

    def decorate(verb: Callable[[Request[R]], None]) -> Callable[..., None]:
        @wraps(verb)
        def run(
            recipe: str | None, out: Path, resume: bool, changes: tuple[str, ...], device: str, **given: Any
        ) -> None:
            if recipe is None and not resume:
                raise click.UsageError("RECIPE is missing; name a file or a shipped recipe.")
            path = recipe_file(recipe, record) if recipe is not None else kept_recipe_file(training_folder(out))
            named = [f"data.{key}={json.dumps(str(value))}" for key, value in _by_key(paths, given)]
            verb(Request(read_as_asked(path, (*named, *changes)), out, resume, device))

        return reduce(lambda made, option: option(made), reversed(options), run)

    return decorate


def _by_key(paths: Sequence[PathOption], given: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    """Yield the keys of [data] that options set, and their values."""
    for option in paths:
        value = given[option.flag.strip("-").replace("-", "_")]
        if value is not None:
            yield from zip(option.keys, value if len(option.keys) > 1 else [value], strict=True)


def run_training(
    asked: Request[R],
    task: TaskFactory[R, B],
    score: str,
    warnings: Callable[[R], Iterable[str]] = lambda recipe: (),
) -> bool:
    """Train to the end or to a Ctrl-C; the leader of the processes reports the result.

    score: name of the validation score. warnings: returns sentences on the recipe's data.
    Return whether this process has reported that it is done now.
    """
    out = asked.out
    with group(asked.device) as ranks, exclusive_lock(out) if ranks.leads else nullcontext():
        if ranks.leads:
            _check_out(out, asked.resume)
            for sentence in warnings(asked.recipe):
                warn(sentence)
        training = Training(asked.recipe, out, resume=asked.resume, device=asked.device, group=ranks, task=task)
        say = click.echo if ranks.leads else _say_nothing
        if training.progress.finished:
            say(f"{out} has finished already, at {training.plan.unit} {training.done:,}.")
            return False
        with stop_on_signal() as stop:
            try:
                training.run(stop=stop.is_set)
            except KeyboardInterrupt:
                if (training.folder / STATE).is_file():
                    click.echo(f"{_STOPPED}the last saved state.", err=True)
                click.get_current_context().exit(130)
        if not training.progress.finished:
            say(f"{_STOPPED}update {training.progress.update:,}.", err=True)
            click.get_current_context().exit(130)
        done = f"{out} is done after {training.done:,} {training.plan.unit}s"
        say(f"{done}; best {score} in validation {training.progress.best.score:.2f}.")
    return ranks.leads


def _say_nothing(_line: str, err: bool = False) -> None:
    """Other processes leave reporting to the leader."""


def recipe_file(recipe: str, *records: type[BaseModel]) -> Path:
    """Return the file of a recipe; records: the types that the verb reads it as, without any `Recipe`.

    Raises ConfigError that lists the shipped ones of these kinds if there is none.
    """
    path = Path(recipe)
    if path.exists():
        return path
    shipped = {file.stem: file for file in sorted(_RECIPES.glob("*.toml"))}
    if recipe in shipped:
        return shipped[recipe]
    tables = {name: read_toml(file) for name, file in shipped.items()}
    fitting = ", ".join(
        name for name, found in tables.items() if any(fits(found, each) for each in records or [Recipe])
    )
    raise ConfigError(f"{recipe} is neither a file nor a shipped recipe ({fitting}); check the name.")


def fits(tables: Mapping[str, Any], record: type[BaseModel]) -> bool:
    """Return whether `record` knows all keys; a shipped recipe may need more from the command line."""
    for key, value in tables.items():
        former = record.former_names if issubclass(record, Settings) else {}
        field = record.model_fields.get(former.get(key, key))
        if field is None:
            return False
        kind = field.annotation
        if (
            isinstance(value, dict)
            and isinstance(kind, type)
            and issubclass(kind, BaseModel)
            and not fits(value, kind)
        ):
            return False
    return True


def _check_out(out: Path, resume: bool) -> None:
    """Raise CheckpointError rather than overwrite an existing folder."""
    folder = training_folder(out)
    if resume:
        read_progress(folder)
        return
    if (folder / STATE).exists():
        raise CheckpointError(f"{folder} holds a training; add --resume to go on with it, or name another --out.")
    check_unused(out)


@click.command()
@training_options(Recipe, read=read_recipe)
def train(asked: Request[Recipe]) -> None:
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
      torchrun --nproc-per-node 2 -m seq2seq train fr-en --out models/fr-en --device cuda

    Under torchrun each process takes its share of every batch, which is then N times as large; with --device cuda
    each takes a GPU of its own, and NCCL sums their gradients.
    """
    run_training(asked, TranslationTask, "greedy BLEU", corpus_warnings)
