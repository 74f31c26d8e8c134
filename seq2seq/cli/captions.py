"""The captioning verbs: train-captions, caption and join-captions."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
from tqdm import tqdm

from seq2seq.cli.caption_choice import Chooser, choose_option, chooser, search_option
from seq2seq.cli.lines import hide_progress, warn
from seq2seq.cli.options import (
    FILE,
    FOLDER,
    PATH,
    BeamSize,
    alpha_option,
    beam_size_option,
    device_option,
    model_option,
    threads_option,
)
from seq2seq.cli.train import PathOption, Request, run_training, training_options
from seq2seq.config import parse
from seq2seq.distributed import Group, group
from seq2seq.errors import PhotoError
from seq2seq.search import SearchOptions
from seq2seq.text import typed_tokens
from seq2seq.vision.captioning.captioner import Caption, Captioner
from seq2seq.vision.captioning.checkpoint import write_ensemble
from seq2seq.vision.captioning.choice import Choice
from seq2seq.vision.captioning.recipe import CaptionRecipe
from seq2seq.vision.captioning.task import CaptionTask
from seq2seq.vision.photos import photo_files, read_photo

_BLOCK = 32  # photos that are read, encoded and captioned together


@click.command("train-captions")
@training_options(
    CaptionRecipe,
    [
        PathOption("--photos", ["photos"], "FOLDER", "Training photos."),
        PathOption("--captions", ["captions"], "FILE.tsv", "Their captions.", FILE),
        PathOption("--valid-photos", ["valid_photos"], "FOLDER", "Validation photos."),
        PathOption("--valid-captions", ["valid_captions"], "FILE.tsv", "Their captions.", FILE),
        PathOption("--trunk", ["trunk"], "FOLDER", "The image encoder."),
        PathOption("--features", ["features"], "FOLDER", "Where the image features are stored."),
    ],
)
def train_captions(asked: Request[CaptionRecipe]) -> None:
    """Train a captioning decoder by RECIPE: a TOML file, or the name of a shipped recipe.

    The features of the image encoder (--trunk) are computed once and stored in --features, in a folder for each
    folder of photos; a training that was stopped meanwhile continues there. Captions are split<TAB>file<TAB>caption
    lines (.gz too). Without --trunk the features must exist already (regions.npy, photos.txt), from any encoder;
    such a decoder is for comparison, as it can't caption photos.

    \b
    Examples:
      python -m seq2seq train-captions captions --photos flickr8k/train --captions flickr8k/train.tsv.gz \\
          --valid-photos flickr8k/dev --valid-captions flickr8k/dev.tsv.gz \\
          --trunk checkpoints/inception --features data/features --out models/captions
      python -m seq2seq train-captions models/captions/train.toml --out models/again --set training.seed=2
      python -m seq2seq train-captions captions-reward ... --set initialise_from.checkpoint=models/captions \\
          --out models/captions-reward

    Stopping, resuming and torchrun work as with `train`; `train-captions --keys` prints every key of a recipe.
    """
    run_training(asked, CaptionTask, "BLEU-4")


class _Answer(NamedTuple):
    """A photo's captions, or why there are none."""

    name: str
    captions: list[Caption]
    problem: str


@click.command()
@model_option
@beam_size_option
@alpha_option
@click.option("--n-best", type=BeamSize, default=1, metavar="N", help="Captions of each photo.  [default: 1]")
@choose_option
@search_option
@click.option("--prefix", metavar="TEXT", help="Text that each caption must start with.")
@click.option(
    "--format", "style", type=click.Choice(["text", "tsv", "jsonl"]), help="[default: text, with --n-best tsv]"
)
@click.option("--trunk", type=FOLDER, metavar="FOLDER", help="The image encoder, if it is not next to FOLDER.")
@threads_option
@device_option
@click.argument("photos", nargs=-1, required=True, type=PATH, metavar="PHOTO...")
def caption(
    folder: Path,
    beam_size: int | None,
    alpha: float | None,
    n_best: int,
    choose: Choice,
    search: Path | None,
    prefix: str | None,
    style: str | None,
    trunk: Path | None,
    device: str,
    photos: tuple[Path, ...],
) -> None:
    """Caption each PHOTO, or each photo in a folder.

    One file<TAB>caption line comes out for each photo, in the same order. A photo that can't be read has an empty
    caption and a message on stderr; the others continue, and the exit code is 2 at the end. A photo that is
    unlike those of the training has a warning there, since its caption is not to be trusted.

    \b
    Formats:
      text   file<TAB>caption
      tsv    file, rank, score, log-probability, caption: a row for each of the n best
      jsonl  an object for each photo: its file, its captions with their scores, the encoder's five likeliest labels

    \b
    Examples:
      python -m seq2seq caption --model checkpoints/captions-attention dog.jpg beach.png
      python -m seq2seq caption --model checkpoints/captions-attention --beam-size 1 photos/ > captions.tsv
      python -m seq2seq caption --model checkpoints/captions-attention --beam-size 20 --choose match photos/
      torchrun --nproc-per-node 2 -m seq2seq caption --model checkpoints/captions-attention --threads 1 photos/
    """
    style = style or ("tsv" if n_best > 1 else "text")
    if style == "text" and n_best > 1:
        raise click.UsageError("--format text has one line for each photo; with --n-best take tsv or jsonl.")
    size = beam_size or 5
    if n_best > size:
        raise click.UsageError(f"--n-best {n_best} is more than the beam of {size}; raise --beam-size.")
    if choose != "winner" and n_best > 1:
        raise click.UsageError(f"--choose {choose} is one caption of each photo; leave out --n-best.")
    files = [file for photo in photos for file in (photo_files(photo) if photo.is_dir() else [photo])]
    model = Captioner.load(folder, device, image_encoder=trunk)
    mode = {"kind": "beam", "size": size, "alpha": model.config.alpha if alpha is None else alpha}
    plain = model.options().model_dump()
    options = parse(
        SearchOptions,
        {
            **plain,
            "mode": mode,
            "n_best": n_best if choose == "winner" else size,
            "prefix": typed_tokens(model.checkpoint.target, (), prefix) if prefix else (),
        },
        "The options",
    )
    problems = 0
    pick = None if choose == "winner" else chooser(choose, model, folder, search)
    with group(device) as ranks:
        found = _answers(model, files, options, pick, style == "jsonl", ranks)
        for answer, labels in tqdm(found, total=len(files), unit=" photos", disable=hide_progress()):
            click.echo(_STYLES[style](answer, labels))
            if answer.problem:
                problems += 1
                click.echo(answer.problem, err=True)
    if problems:
        click.get_current_context().exit(2)


Labels = list[dict[str, Any]]


def _answers(
    model: Captioner,
    files: Sequence[Path],
    options: SearchOptions,
    pick: Chooser | None,
    labelled: bool,
    ranks: Group,
) -> Iterator[tuple[_Answer, Labels]]:
    """Yield the photos' captions, in order, in the leader; each process takes a share of them."""
    for first in range(0, len(files), _BLOCK * ranks.world):
        block = files[first : first + _BLOCK * ranks.world]
        start, end = (len(block) * rank // ranks.world for rank in (ranks.rank, ranks.rank + 1))
        shares = ranks.gather(_block(model, block[start:end], options, pick, labelled))
        if ranks.leads:
            yield from (answer for share in shares for answer in share)


def _block(
    model: Captioner, files: Sequence[Path], options: SearchOptions, pick: Chooser | None, labelled: bool
) -> list[tuple[_Answer, Labels]]:
    photos, problems = {}, {}
    for file in files:
        try:
            photos[file] = read_photo(file)
        except PhotoError as failure:
            problems[file] = " ".join(str(failure).split())
    answers: dict[Path, tuple[_Answer, Labels]] = {}
    if photos:
        seen = model.encode_photos(list(photos.values()))
        for file, doubt in zip(photos, model.doubts(list(photos.values()), seen), strict=True):
            if doubt:
                warn(f"{file}: {doubt}")
        labels = model.labels(seen) if labelled else [[] for _ in photos]
        found = zip(photos, model.caption_features(seen, options), labels, seen.pooled, strict=True)
        for file, captions, own, pooled in found:
            kept = captions if pick is None else [pick(captions, pooled)]
            answers[file] = (_Answer(str(file), kept, ""), [label._asdict() for label in own])
    return [answers[file] if file in answers else (_Answer(str(file), [], problems[file]), []) for file in files]


def _text(answer: _Answer, _labels: Labels) -> str:
    return f"{answer.name}\t{answer.captions[0].text if answer.captions else ''}"


def _tsv(answer: _Answer, _labels: Labels) -> str:
    rows = [
        f"{answer.name}\t{rank}\t{one.score:.6f}\t{one.log_prob:.6f}\t{one.text}"
        for rank, one in enumerate(answer.captions, 1)
    ]
    return "\n".join(rows or [f"{answer.name}\t\t\t\t"])


def _jsonl(answer: _Answer, labels: Labels) -> str:
    record: dict[str, Any] = {"file": answer.name, "captions": [one._asdict() for one in answer.captions]}
    if answer.problem:
        record["problem"] = answer.problem
    return json.dumps(record | {"labels": labels}, ensure_ascii=False)


_STYLES = {"text": _text, "tsv": _tsv, "jsonl": _jsonl}


@click.command("join-captions")
@click.argument("out", type=PATH)
@click.argument("folders", nargs=-1, required=True, type=FOLDER, metavar="FOLDER FOLDER...")
@click.option("--int8", is_flag=True, help="Write matrices in 8 bits, half as large.")
def join_captions(out: Path, folders: tuple[Path, ...], int8: bool) -> None:
    """Write several captioning models to the new folder OUT as one that averages their probabilities.

    They have to be alike: the same shape, vocabulary and image encoder, as trainings with other seeds are. The
    length penalty is that of the first.

    \b
    Example:
      python -m seq2seq join-captions models/three models/first models/second models/third
    """
    if len(folders) < 2:
        raise click.UsageError("One model decides alone; name at least two.")
    write_ensemble(out, folders, int8=int8)
    click.echo(f"{out} holds {len(folders)} models that decide together.")
