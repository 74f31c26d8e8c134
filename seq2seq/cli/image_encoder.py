"""The image encoder verbs: train-trunk, import-trunk."""

from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

import click

from seq2seq.cli.options import threads_option
from seq2seq.cli.train import recipe_file, set_option
from seq2seq.config import read_text
from seq2seq.distributed import group
from seq2seq.errors import CheckpointError, DataError
from seq2seq.folders import check_unused
from seq2seq.history import HISTORY
from seq2seq.text.captions import normalise_caption
from seq2seq.training import training_folder
from seq2seq.training.progress import STATE
from seq2seq.training.recipe import read_changed
from seq2seq.training.resuming import exclusive_lock
from seq2seq.vision.captions import read_captions
from seq2seq.vision.config import ImageConfig
from seq2seq.vision.distillation.recipe import ImageEncoderRecipe
from seq2seq.vision.distillation.task import DistillationData, DistillationTraining
from seq2seq.vision.distillation.teacher import Teacher, read_teacher
from seq2seq.vision.distillation.words import frequent_words, word_shares
from seq2seq.vision.encoder_checkpoint import fill_encoder, write_image_encoder
from seq2seq.vision.image_encoder import build_image_encoder, official_weights
from seq2seq.vision.pixels import read_squares
from seq2seq.weights import read_weights

Folder = click.Path(path_type=Path)


class Photos(NamedTuple):
    """A folder of photos, their captions, and the teacher's features of them."""

    folder: Path
    captions: Path
    teacher: Path


@click.command("train-trunk")
@click.argument("recipe")
@click.option("--out", required=True, type=Folder, metavar="FOLDER", help="Where the image encoder goes.")
@click.option("--start", required=True, type=Folder, metavar="FILE", help="Weights to start from (safetensors).")
@click.option("--train", nargs=3, type=Folder, required=True, metavar="PHOTOS TSV TEACHER", help="Training data.")
@click.option("--valid", nargs=3, type=Folder, required=True, metavar="PHOTOS TSV TEACHER", help="Validation data.")
@click.option("--resume", is_flag=True, help="Resume the training of FOLDER after its last complete epoch.")
@set_option
@threads_option
def train_trunk(
    recipe: str,
    out: Path,
    start: Path,
    train: tuple[Path, Path, Path],
    valid: tuple[Path, Path, Path],
    resume: bool,
    changes: tuple[str, ...],
) -> None:
    """Distil an image encoder from a better one, and train it on the words of captions, by RECIPE.

    PHOTOS is a folder of JPEG files, TSV their captions (split, file, caption), TEACHER what tools/teacher/lite2.py
    has written for them. Under torchrun each process takes its share of the photos.

    \b
    Examples:
      python -m seq2seq train-trunk inception --out models/inception \\
        --start inception_start.safetensors --train photos/train train.tsv.gz data/lite2/train \\
        --valid photos/dev dev.tsv.gz data/lite2/dev
      torchrun --nproc-per-node 2 -m seq2seq train-trunk inception --threads 1 ...
    """
    asked = read_changed(ImageEncoderRecipe, recipe_file(recipe, ImageEncoderRecipe), changes)
    folder = training_folder(out)
    check_unused(out)
    with group() as ranks, exclusive_lock(out) if ranks.leads else nullcontext():
        if not resume and (folder / STATE).exists():
            raise CheckpointError(f"{folder} holds a training; add --resume to go on, or name another --out.")
        made = _load_data(Photos(*train), Photos(*valid), asked, folder) if ranks.leads else None
        ranks.from_leader(None)  # the other processes wait until the photos are read and cached
        data, dev = made or _load_data(Photos(*train), Photos(*valid), asked, folder)
        encoder = build_image_encoder(asked.image)
        fill_encoder(encoder, read_weights(start), start, head=False)
        training = DistillationTraining(asked, encoder, data, dev, folder, resume=resume, group=ranks)
        training.run()
        if ranks.leads:
            history = read_text(folder / HISTORY, CheckpointError)
            card = _draft_card(training)  # measures the network as it learnt, before its class head is fitted
            write_image_encoder(out, training.finish(), {HISTORY: history, "README.md": card})
            click.echo(f"{out} is done after {training.epoch} epochs.")


def _load_data(
    train: Photos, valid: Photos, recipe: ImageEncoderRecipe, folder: Path
) -> tuple[DistillationData, DistillationData]:
    """Return training and validation data; the words are those of the training captions only."""
    captions = _captions(train)
    teachers = read_teacher(train.teacher), read_teacher(valid.teacher)
    words = frequent_words(
        [captions[name] for name in _known(teachers[0], captions)], recipe.distil.min_caption_count
    )
    found = []
    for part, teacher, name in zip((train, valid), teachers, ("train", "valid"), strict=True):
        own = _captions(part)
        shares = word_shares([own[photo] for photo in _known(teacher, own)], words)
        found.append(
            DistillationData(read_squares(part.folder, teacher.names, folder / f"{name}.npy"), teacher, shares)
        )
    return found[0], found[1]


def _captions(photos: Photos) -> dict[str, list[str]]:
    captions = read_captions(photos.captions)
    return {name: [normalise_caption(text) for text in texts] for name, texts in captions.items()}


def _known(teacher: Teacher, captions: dict[str, list[str]]) -> list[str]:
    """Return the teacher's photos. Raises DataError if one of them has no caption."""
    for name in teacher.names:
        if name not in captions:
            raise DataError(f"{name} was seen by the teacher and has no caption; make both of the same photos.")
    return teacher.names


def _draft_card(training: DistillationTraining) -> str:
    size = training.sizes[-1]
    figures = training.measure(size)
    return f"""# An image encoder ({training.recipe.image.name})

Trained with `python -m seq2seq train-trunk` ({training.epoch} epochs, {training.core_seconds / 60:.0f} minutes of
each process in updates, {training.recipe.precision}).

Of the validation photos {figures.five:.1%} have the teacher's class among the encoder's first five
({figures.first:.1%} as the first). Mean AUC of the captions' words: {figures.word_auc:.3f}.

Data, licences and limits: not written yet.
"""


@click.command("import-trunk")
@click.option("--out", required=True, type=Folder, metavar="FOLDER", help="Where the image encoder goes.")
@click.option(
    "--file",
    type=Folder,
    metavar="FILE.pth",
    help="torchvision's weights file, if this machine can't download it.",
)
def import_trunk(out: Path, file: Path | None) -> None:
    """Import torchvision's official ImageNet weights of Inception v3 as an image encoder.

    Captions need a decoder that was trained on this encoder's features: train-captions makes one.

    \b
    Example:
      python -m seq2seq import-trunk --out models/inception-imagenet
    """
    check_unused(out)
    encoder = build_image_encoder(ImageConfig(pixels="-1..1"))
    fill_encoder(encoder, official_weights(file), file or Path("torchvision's file"))
    card = "# Inception v3 with torchvision's official ImageNet weights\n\nImported; takes pixels in [-1, 1].\n"
    write_image_encoder(out, encoder, {"README.md": card})
    click.echo(f"{out} holds Inception v3 with torchvision's official ImageNet weights.")
