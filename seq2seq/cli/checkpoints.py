"""The verbs about checkpoint folders: average, info."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import click
from torch import nn

from seq2seq.checkpoint import Checkpoint, read_checkpoint
from seq2seq.checkpoint_config import read_kind
from seq2seq.config import Settings, read_text
from seq2seq.errors import CheckpointError
from seq2seq.training.averaging import average_checkpoints
from seq2seq.training.recipe import read_changed, read_recipe
from seq2seq.vision.captioning.checkpoint import CaptionCheckpoint, read_caption_checkpoint
from seq2seq.vision.captioning.checkpoint_config import TrunkName
from seq2seq.vision.captioning.recipe import CaptionRecipe
from seq2seq.vision.encoder_checkpoint import read_trunk
from seq2seq.vision.retrieval.metrics import Retrieval
from seq2seq.vision.retrieval.search import PhotoSearch
from seq2seq.vision.retrieval.task import says


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FOLDER FOLDER...")
def average(out: Path, folders: tuple[Path, ...]) -> None:
    """Write the mean of the weights of several checkpoint FOLDERs to the new folder OUT.

    They have to be alike: the same shape and the same vocabularies, as several moments of one training are, or
    trainings that started from one checkpoint. The mean of unrelated models is worth nothing.

    \b
    Example:
      python -m seq2seq average models/mean models/first models/second models/third
    """
    if len(folders) < 2:
        raise click.UsageError("One checkpoint has no mean; name at least two.")
    average_checkpoints(out, folders)
    click.echo(f"{out} holds the mean of {len(folders)} checkpoints.")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def info(folder: Path) -> None:
    """Say what a checkpoint FOLDER holds: layers, parameters, languages, data, scores, model card.

    \b
    Example:
      python -m seq2seq info checkpoints/fr-en
    """
    held = _READERS.get(read_kind(folder), _decoder)(folder)
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


class _Held(NamedTuple):
    """What a folder holds, whatever its kind."""

    model: nn.Module
    digest: str
    config: Settings
    sides: dict[str, str]  # what goes in and what comes out
    more: dict[str, str]


def _decoder(folder: Path) -> _Held:
    captions = read_kind(folder) == "captions"
    checkpoint = read_caption_checkpoint(folder) if captions else read_checkpoint(folder)
    config = checkpoint.config
    more = {"alpha": f"{config.alpha:g}", **(_photos(folder) if captions else _data(folder))}
    return _Held(checkpoint.model, checkpoint.digest, config.model, _sides(checkpoint), more)


def _trunk(folder: Path) -> _Held:
    trunk = read_trunk(folder)
    sides = {"photo encoder": f"photos to regions of {trunk.encoder.width:,} numbers and one vector of as many"}
    return _Held(trunk.encoder, trunk.digest, trunk.encoder.config, sides, {})


def _search(folder: Path) -> _Held:
    search = PhotoSearch.load(folder)
    sides = {
        "photo search": "English words and photos to one space",
        "photo encoder": _encoder(search.config.trunk),
        "vocabulary": f"{len(search.words):,} words, {search.config.captioned:,} of them from captions",
    }
    return _Held(search.model, search.digest, search.config.model, sides, {})


_READERS: dict[str, Callable[[Path], _Held]] = {"trunk": _trunk, "search": _search}


def _sides(checkpoint: Checkpoint | CaptionCheckpoint) -> dict[str, str]:
    """Return what goes in and what comes out."""
    said = f"{checkpoint.config.target} {len(checkpoint.target):,} pieces"
    if isinstance(checkpoint, Checkpoint):
        config = checkpoint.config
        return {
            "languages": f"{config.source} to {config.target}",
            "vocabulary": f"{config.source} {len(checkpoint.source):,} pieces, {said}",
        }
    seen = _encoder(checkpoint.config.trunk)
    return {"captions": f"photos to {checkpoint.config.target}", "photo encoder": seen, "vocabulary": said}


def _encoder(trunk: TrunkName | None) -> str:
    return "features from elsewhere" if trunk is None else f"{trunk.name} ({trunk.image.name}, {trunk.digest})"


def _photos(folder: Path) -> dict[str, str]:
    """Return which photos the model learnt from, if the folder tells."""
    if not (folder / "train.toml").is_file():
        return {}
    data = read_changed(CaptionRecipe, folder / "train.toml").data
    return {"trained on": str(data.captions), "validated on": str(data.valid_captions)}


def _listed(config: Settings) -> str:
    return ", ".join(f"{key} {_plain(value)}" for key, value in config.model_dump().items())


def _plain(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _data(folder: Path) -> dict[str, str]:
    """Return which files the model learnt from, if the folder tells."""
    if not (folder / "train.toml").is_file():
        return {}
    data = read_recipe(folder / "train.toml").data
    if data.grammar:
        return {"trained on": f"{data.grammar:,} sentences of the built-in grammar"}
    return {"trained on": ", ".join(map(str, data.train)), "validated on": ", ".join(map(str, data.valid))}


def _moment(record: dict[str, Any]) -> str:
    valid = record["valid"]
    if "photos" in valid:
        return f"epoch {record['epoch']}: photos by captions, {says(Retrieval(**valid['photos']))}"
    forced = f"forced loss {valid['forced_loss']:.3f}, token accuracy {valid['accuracy']:.1%}"
    return f"update {record['update']:,}: {_free(valid)}, {forced}"


def _free(valid: dict[str, float]) -> str:
    if "cider" in valid:
        return f"BLEU-4 {valid['bleu']:.2f}, CIDEr-D {valid['cider']:.3f}"
    return f"greedy BLEU {valid['bleu']:.2f}, chrF {valid['chrf']:.2f}"


def _scores(folder: Path) -> dict[str, str]:
    """Return the figures of the last validation while training, if the folder tells."""
    path = folder / "history.jsonl"
    if not path.is_file():
        return {}
    try:
        records = [json.loads(line) for line in read_text(path, CheckpointError).splitlines() if line.strip()]
        moments = [record for record in records if "valid" in record]
        shown = [_moment(record) for record in moments]
    except (ValueError, KeyError, TypeError):
        raise CheckpointError(f"{path} is damaged; copy it again or take it away.") from None
    return {"validation": shown[-1]} if shown else {}
