"""The verbs about checkpoint folders: average, info."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import click
from torch import nn

from seq2seq.checkpoint import read_checkpoint
from seq2seq.checkpoint_config import read_kind
from seq2seq.cli.options import PATH
from seq2seq.config import Settings, read_text
from seq2seq.errors import CheckpointError
from seq2seq.training.averaging import average_checkpoints, shrink_checkpoint
from seq2seq.training.recipe import read_recipe


@click.command()
@click.argument("out", type=PATH)
@click.argument("folders", nargs=-1, required=True, type=PATH, metavar="FOLDER FOLDER...")
@click.option("--int8", is_flag=True, help="Write one FOLDER with matrices in 8 bits, half as large.")
def average(out: Path, folders: tuple[Path, ...], int8: bool) -> None:
    """Write the mean of the weights of several checkpoint FOLDERs to the new folder OUT.

    They have to be alike: the same shape and the same vocabularies, as several snapshots of one training are, or
    trainings that started from one checkpoint. The mean of unrelated models is useless.

    \b
    Examples:
      python -m seq2seq average models/mean models/first models/second models/third
      python -m seq2seq average --int8 models/small models/mean
    """
    if int8:
        if len(folders) > 1:
            raise click.UsageError("--int8 writes one checkpoint in 8 bits; name one, or average first.")
        shrink_checkpoint(out, folders[0])
        click.echo(f"{out} holds {folders[0]} in 8 bits.")
        return
    if len(folders) < 2:
        raise click.UsageError("One checkpoint has no mean; name at least two.")
    average_checkpoints(out, folders)
    click.echo(f"{out} holds the mean of {len(folders)} checkpoints.")


@click.command()
@click.argument("folder", type=PATH)
def info(folder: Path) -> None:
    """Show the contents of a checkpoint FOLDER: layers, parameters, languages, data, scores, model card.

    \b
    Example:
      python -m seq2seq info checkpoints/fr-en
    """
    held = _read(folder)
    layers = dict(held.model.named_parameters())
    total = sum(value.numel() for value in layers.values())
    size = sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
    facts = {
        **held.sides,
        "parameters": f"{total:,}",
        "on disk": f"{size / 1e6:.1f} MB",
        "weights": held.digest,
        "model": _listed(held.config),
        **held.more,
        **_scores(folder),
    }
    width = max(map(len, facts))
    for name, fact in facts.items():
        indent = " " * (width + 2)
        click.echo(click.wrap_text(fact, 100, f"{name:{width}}  ", indent))
    shapes = {name: " x ".join(map(str, value.shape)) for name, value in layers.items()}
    columns = max(map(len, shapes)), max(map(len, shapes.values()))
    click.echo(f"\n{'layer':{columns[0]}}  {'shape':>{columns[1]}}  {'parameters':>11}")
    for name, shape in shapes.items():
        click.echo(f"{name:{columns[0]}}  {shape:>{columns[1]}}  {layers[name].numel():>11,}")
    click.echo(f"{'total':{columns[0]}}  {'':{columns[1]}}  {total:>11,}")
    if (folder / "README.md").is_file():
        click.echo(f"\nModel card (README.md):\n\n{read_text(folder / 'README.md', CheckpointError).strip()}")


class FolderSummary(NamedTuple):
    """Contents of a checkpoint folder of any kind."""

    model: nn.Module
    digest: str
    config: Settings
    sides: dict[str, str]  # inputs and outputs
    more: dict[str, str]


def _read(folder: Path) -> FolderSummary:
    kind = read_kind(folder)
    if kind != "translation":
        # The libraries for photos may not be installed.
        from seq2seq.cli.checkpoints_of_photos import READERS

        if kind in READERS:
            return FolderSummary(*READERS[kind](folder))
    checkpoint = read_checkpoint(folder)
    config = checkpoint.config
    languages = {
        "languages": f"{config.source} to {config.target}",
        "vocabulary": f"{config.source} {len(checkpoint.source):,} pieces, {config.target} "
        f"{len(checkpoint.target):,} pieces",
    }
    more = {"alpha": f"{config.alpha:g}", **_data(folder)}
    return FolderSummary(checkpoint.model, checkpoint.digest, config.model, languages, more)


def _listed(config: Settings) -> str:
    return ", ".join(f"{key} {_plain(value)}" for key, value in config.model_dump().items())


def _plain(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _data(folder: Path) -> dict[str, str]:
    """Return the training files of the model, if the folder records them."""
    if not (folder / "train.toml").is_file():
        return {}
    data = read_recipe(folder / "train.toml").data
    if data.grammar:
        return {"trained on": f"{data.grammar:,} sentences of the built-in grammar"}
    return {"trained on": ", ".join(map(str, data.train)), "validated on": ", ".join(map(str, data.valid))}


def _validation_line(record: dict[str, Any]) -> str:
    valid = record["valid"]
    if "photos" in valid:
        from seq2seq.vision.retrieval.metrics import Retrieval, format_metrics

        return f"epoch {record['epoch']}: photos by captions, {format_metrics(Retrieval(**valid['photos']))}"
    forced = f"forced loss {valid['forced_loss']:.3f}, token accuracy {valid['accuracy']:.1%}"
    return f"update {record['update']:,}: {_decoding_scores(valid)}, {forced}"


def _decoding_scores(valid: dict[str, float]) -> str:
    if "cider" in valid:
        return f"BLEU-4 {valid['bleu']:.2f}, CIDEr-D {valid['cider']:.3f}"
    return f"greedy BLEU {valid['bleu']:.2f}, chrF {valid['chrf']:.2f}"


def _scores(folder: Path) -> dict[str, str]:
    """Return the scores of the last validation while training, if the folder records them."""
    path = folder / "history.jsonl"
    if not path.is_file():
        return {}
    try:
        records = [json.loads(line) for line in read_text(path, CheckpointError).splitlines() if line.strip()]
        validations = [record for record in records if "valid" in record]
        shown = [_validation_line(record) for record in validations]
    except (ValueError, KeyError, TypeError):
        raise CheckpointError(f"{path} is damaged; copy it again or delete it.") from None
    return {"validation": shown[-1]} if shown else {}
