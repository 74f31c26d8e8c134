"""The verb evaluate-captions."""

from collections.abc import Sequence
from pathlib import Path

import click
import torch
from tqdm import tqdm

from seq2seq.checkpoint_config import require_own_alphas, set_alpha
from seq2seq.cli.caption_choice import choose_option, chooser, search_option
from seq2seq.cli.lines import hide_progress
from seq2seq.cli.options import FILE, FOLDER, PATH, evaluation_options
from seq2seq.errors import DataError, PhotoError
from seq2seq.evaluation.captions import caption_scores
from seq2seq.evaluation.folder_records import save_record
from seq2seq.evaluation.nearest import nearest_rows
from seq2seq.evaluation.objects import KINDS, ungrounded
from seq2seq.folders import write_file
from seq2seq.search import Beam
from seq2seq.training.corpus import evenly
from seq2seq.vision.captioning.captioner import Captioner
from seq2seq.vision.captioning.checkpoint_config import read_caption_config
from seq2seq.vision.captioning.choice import Choice
from seq2seq.vision.captioning.pointing import pointing
from seq2seq.vision.captioning.pointing_record import POINTING
from seq2seq.vision.captions import read_captions
from seq2seq.vision.features import FeatureStore, open_feature_store
from seq2seq.vision.image_encoder import ImageFeatures
from seq2seq.vision.photos import photo_files, read_photo

_BLOCK = 32


@click.command("evaluate-captions")
@evaluation_options
@choose_option
@search_option
@click.option(
    "--try-alphas",
    metavar="A,A,...",
    help="Score with each of these length penalties, and keep the one with the best BLEU-4 in the checkpoint.",
)
@click.option("--features", type=FOLDER, metavar="FOLDER", help="Image features of PHOTOS, stored by a training.")
@click.option(
    "--nearest",
    nargs=2,
    type=PATH,
    metavar="FEATURES CAPTIONS",
    help="Also score the captions of the most similar photo in FEATURES (needs --features).",
)
@click.option(
    "--grey-out",
    type=click.IntRange(1),
    metavar="N",
    help="Also compare attention with greying out every region of N of PHOTOS, and keep that in the checkpoint.",
)
@click.option("--out", type=FILE, metavar="FILE.tsv", help="Write the captions.")
@click.option("--trunk", type=FOLDER, metavar="FOLDER", help="The image encoder, if it is not next to FOLDER.")
@click.argument("photos", type=FOLDER)
@click.argument("captions", type=FILE, metavar="CAPTIONS.tsv")
def evaluate_captions(
    folder: Path,
    beam_size: int,
    alpha: float | None,
    choose: Choice,
    search: Path | None,
    try_alphas: str | None,
    features: Path | None,
    nearest: tuple[Path, Path] | None,
    grey_out: int | None,
    out: Path | None,
    trunk: Path | None,
    device: str,
    photos: Path,
    captions: Path,
) -> None:
    """Score a model's captions of PHOTOS against those of CAPTIONS.tsv.

    CAPTIONS.tsv has split<TAB>file<TAB>caption lines (.gz too), several for each photo. The last line is BLEU-1 to
    BLEU-4 and CIDEr-D, in lower case and without final stops. Photos without captions are left out. The line before
    says how many captions name a thing that no reference does and none of the encoder's five likeliest labels.

    \b
    Examples:
      python -m seq2seq evaluate-captions --model checkpoints/captions-attention flickr8k/dev flickr8k/dev.tsv.gz
      python -m seq2seq evaluate-captions --model models/captions --features data/features/dev \\
          --try-alphas 0.4,0.7,1.0 --nearest data/features/train flickr8k/train.tsv.gz \\
          flickr8k/dev flickr8k/dev.tsv.gz
    """
    if nearest is not None and features is None:
        raise click.UsageError("--nearest needs --features; add it.")
    if try_alphas is not None and alpha is not None:
        raise click.UsageError("--alpha and --try-alphas do not go together; use one.")
    known = read_captions(captions)
    tried = _alphas(try_alphas)
    if features is None:
        model = Captioner.load(folder, device, image_encoder=trunk)
        names, seen = _encode_folder(model, photos, known)
    else:
        model = _with_encoder_if_there(folder, device, trunk)
        names, seen = _stored_features(model, features, known)
    references = [known[name] for name in names]
    pick = chooser(choose, model, folder, search)
    alphas = tried or [model.config.alpha if alpha is None else alpha]
    found = {}
    for each in tqdm(alphas, unit=" searches", disable=hide_progress() or len(alphas) == 1):
        beam = Beam(size=beam_size, alpha=each)
        options = model.options(beam, n_best=1 if choose == "winner" else beam_size)
        captions_of = model.caption_features(seen, options)
        texts = [pick(each, pooled).text for each, pooled in zip(captions_of, seen.pooled, strict=True)]
        found[each] = (caption_scores(texts, references), texts)
        if len(alphas) > 1:
            click.echo(f"alpha {each:g}: {found[each][0]}")
    best = max(alphas, key=lambda each: found[each][0].bleu[3])
    if len(alphas) > 1:
        set_alpha(folder, best)
    if nearest is not None and features is not None:
        texts = _of_nearest(seen, open_feature_store(nearest[0]), read_captions(nearest[1]))
        click.echo(f"first caption of the nearest photo: {caption_scores(texts, references)}")
    if grey_out is not None:
        click.echo(_compared(model, folder, photos, evenly(names, grey_out)))
    scores, texts = found[best]
    if out is not None:
        rows = (f"{name}\t{text}\n" for name, text in zip(names, texts, strict=True))
        write_file(out, "".join(rows))
    click.echo(f"{len(names)} photos, beam {beam_size}, alpha {best:g}, {len(set(texts))} different captions")
    click.echo(_share_ungrounded(model, seen, texts, references))
    click.echo(str(scores))


def _with_encoder_if_there(folder: Path, device: str, trunk: Path | None) -> Captioner:
    """Return the model, with its image encoder, which stored features do not need, only if that is at hand."""
    named = read_caption_config(folder).trunk
    if trunk is None and (named is None or not (folder.resolve().parent / named.name).is_dir()):
        return Captioner.load_decoder(folder, device)
    return Captioner.load(folder, device, image_encoder=trunk)


def _compared(model: Captioner, folder: Path, photos: Path, names: Sequence[str]) -> str:
    """Return a sentence on how well attention points, and keep the figures in the model's folder."""
    read = (read_photo(photos / name) for name in tqdm(names, unit=" photos", disable=hide_progress()))
    told = pointing(model, read, photos.name)
    save_record(folder, POINTING, told)
    return (
        f"attention against greying out: rank agreement {told.rank_agreement:.2f}; the brightest region is among "
        f"the {told.first} that cost the word most for {told.brightest_among_first:.0%} of {told.words} words "
        f"({told.by_chance:.0%} by chance) and gets {told.largest_weight:.0%} of the attention in the median"
    )


def _share_ungrounded(
    model: Captioner, seen: ImageFeatures, texts: Sequence[str], references: Sequence[Sequence[str]]
) -> str:
    labels = [[label.name for label in each] for each in model.labels(seen)]
    found = [bool(ungrounded(*each)) for each in zip(texts, references, labels, strict=True)]
    told = "no reference and no label has" if any(labels) else "no reference has"
    return (
        f"{sum(found) / len(found):.1%} of the captions name a thing that {told} (of {len(KINDS)} kinds of things)"
    )


def _alphas(text: str | None) -> list[float]:
    if text is None:
        return []
    try:
        alphas = [float(each) for each in text.split(",")]
    except ValueError:
        raise click.UsageError(f"--try-alphas {text!r} is not a list of numbers; write 0.4,0.7,1.0.") from None
    require_own_alphas(alphas)
    return alphas


def _of_nearest(seen: ImageFeatures, others: FeatureStore, captions: dict[str, list[str]]) -> list[str]:
    """Return for each photo the first caption of the most similar one among `others`."""
    described = [row for row, name in enumerate(others.names) if name in captions]
    if not described:
        raise DataError("None of the photos to choose the nearest one from has a caption; name their captions.")
    pooled = torch.from_numpy(others.pooled[described].astype("float32"))
    return [captions[others.names[described[row]]][0] for row in nearest_rows(seen.pooled, pooled)]


def _encode_folder(model: Captioner, photos: Path, known: dict[str, list[str]]) -> tuple[list[str], ImageFeatures]:
    """Return the photos of a folder that have captions, and their image features."""
    files = [file for file in photo_files(photos) if file.name in known]
    names, parts = [], []
    for start in tqdm(range(0, len(files), _BLOCK), unit=" blocks", disable=hide_progress()):
        read = {}
        for file in files[start : start + _BLOCK]:
            try:
                read[file.name] = read_photo(file)
            except PhotoError as failure:
                click.echo(f"{failure} It is left out.", err=True)
        if read:
            names += list(read)
            parts.append(model.encode_photos(list(read.values())))
    if not parts:
        raise DataError(f"{photos} has none of the photos that the captions describe; name the folder they are in.")
    return names, ImageFeatures(
        torch.cat([p.regions for p in parts]), parts[0].grid, torch.cat([p.pooled for p in parts]), None
    )


def _stored_features(
    model: Captioner, folder: Path, known: dict[str, list[str]]
) -> tuple[list[str], ImageFeatures]:
    """Return the photos of a features folder that have captions, and their features."""
    features = open_feature_store(folder)
    trunk = model.config.trunk
    if features.encoder != (trunk.digest if trunk else ""):
        raise DataError(f"{folder} is of another image encoder than the model's; name its own features.")
    names = [name for name in features.names if name in known]
    if not names:
        raise DataError(f"{folder} has none of the photos that the captions describe; name other captions.")
    return names, features.image_features(features.rows(names))
