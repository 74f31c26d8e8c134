"""The image encoder verbs: train-trunk, import-trunk."""

from pathlib import Path

import click

from seq2seq.cli.options import FILE, PATH
from seq2seq.cli.train import PathOption, Request, run_training, training_options
from seq2seq.folders import check_unused
from seq2seq.vision.config import ImageConfig
from seq2seq.vision.distillation.recipe import ImageEncoderRecipe
from seq2seq.vision.distillation.task import DistillationTask
from seq2seq.vision.encoder_checkpoint import fill_encoder, write_image_encoder
from seq2seq.vision.image_encoder import build_image_encoder, official_weights

_PARTS = ("photos", "captions", "teacher")


@click.command("train-trunk")
@training_options(
    ImageEncoderRecipe,
    [
        PathOption("--start", ["start"], "FILE", "Weights to start from (safetensors).", FILE),
        PathOption("--train", _PARTS, "PHOTOS TSV TEACHER", "Training data.", PATH),
        PathOption("--valid", [f"valid_{part}" for part in _PARTS], "PHOTOS TSV TEACHER", "Validation data.", PATH),
    ],
)
def train_trunk(asked: Request[ImageEncoderRecipe]) -> None:
    """Distil an image encoder from a better one, and train it on the words of captions, by RECIPE.

    PHOTOS is a folder of JPEG files, TSV their captions (split, file, caption), TEACHER what tools/teacher/lite2.py
    has written for them. Under torchrun each process takes its share of the photos.

    \b
    Examples:
      python -m seq2seq train-trunk inception --out models/inception \\
        --start inception_start.safetensors --train photos/train train.tsv.gz data/lite2/train \\
        --valid photos/dev dev.tsv.gz data/lite2/dev
      torchrun --nproc-per-node 2 -m seq2seq train-trunk inception --threads 1 --set data.start=FILE ...

    torchrun takes --start for an option of its own, so there it is --set data.start=FILE. Stopping and resuming
    work as with `train`; `train-trunk --keys` prints every key of a recipe.
    """
    run_training(asked, DistillationTask, "share of photos with the teacher's class among the first five")


@click.command("import-trunk")
@click.option("--out", required=True, type=PATH, metavar="FOLDER", help="Where the image encoder goes.")
@click.option(
    "--file", type=PATH, metavar="FILE.pth", help="torchvision's weights file, if this machine can't download it."
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
