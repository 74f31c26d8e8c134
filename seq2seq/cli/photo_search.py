"""The photo search verbs: train-search, search-photos."""

from pathlib import Path

import click
from tqdm import tqdm

from seq2seq.cli.lines import encodable, hide_progress
from seq2seq.cli.options import threads_option
from seq2seq.cli.train import recipe_file, set_option
from seq2seq.config import read_text, to_toml
from seq2seq.errors import CheckpointError, DataError
from seq2seq.folders import check_unused
from seq2seq.history import HISTORY
from seq2seq.training import training_folder
from seq2seq.training.progress import STATE
from seq2seq.training.recipe import read_changed
from seq2seq.training.resuming import exclusive_lock
from seq2seq.translator import Translator
from seq2seq.vision.captioning.checkpoint import image_encoder_name, read_image_encoder_of
from seq2seq.vision.photos import photo_files
from seq2seq.vision.pooled_cache import cache_file, photo_vectors
from seq2seq.vision.retrieval.metrics import format_metrics
from seq2seq.vision.retrieval.recipe import SearchRecipe
from seq2seq.vision.retrieval.search import PhotoSearch, write_search
from seq2seq.vision.retrieval.task import SearchTraining

Folder = click.Path(path_type=Path)
_STOPPED = "Stopped. The same command with --resume goes on after epoch"


@click.command("search-photos")
@click.option(
    "--model", "folder", required=True, type=Folder, metavar="FOLDER", help="Checkpoint of a photo search."
)
@click.option(
    "--limit", type=click.IntRange(1), default=10, metavar="N", help="Show the N best photos.  [default: 10]"
)
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", help="Language of WORDS.  [default: en]")
@click.option(
    "--translator", type=Folder, metavar="FOLDER", help="For --language fr.  [default: fr-en next to FOLDER]"
)
@click.option("--trunk", type=Folder, metavar="FOLDER", help="Image encoder.  [default: the one next to FOLDER]")
@click.option("--no-cache", is_flag=True, help="Do not cache the image features of PHOTOS.")
@threads_option
@click.argument("photos", type=Folder)
@click.argument("words")
def search_photos(
    folder: Path,
    limit: int,
    language: str,
    translator: Path | None,
    trunk: Path | None,
    no_cache: bool,
    photos: Path,
    words: str,
) -> None:
    """Rank the photos of the folder PHOTOS by WORDS, best first: `cosine<TAB>file` lines.

    The image features are cached in PHOTOS.pooled.safetensors next to the folder; the next search encodes new and
    changed photos only. Files that are not photos, and words that the search does not know, are skipped with a
    message on stderr.

    \b
    Examples:
      python -m seq2seq search-photos --model checkpoints/search holiday "a dog on the beach"
      python -m seq2seq search-photos --model checkpoints/search --language fr holiday "un chien sur la plage"
    """
    search = PhotoSearch.load(folder)
    files = photo_files(photos)
    english = _english(encodable(words), language, translator or folder.resolve().with_name("fr-en"))
    search.embed(english)  # errors in the words are reported before any photo is encoded
    encoder = read_image_encoder_of(folder, search.config.trunk, trunk)
    with tqdm(total=len(files), unit=" photos", disable=hide_progress(), leave=False) as bar:
        seen = photo_vectors(encoder, files, None if no_cache else cache_file(photos), bar.update)
    for sentence in seen.skipped:
        click.echo(f"Skipped: {sentence}", err=True)
    if not seen.photos:
        raise DataError(
            f"None of the {len(files)} files in {photos} is a photo that can be read; name another folder."
        )
    if unknown := search.unknown(english):
        click.echo(f"Unknown, so left out: {', '.join(unknown)}.", err=True)
    for found in search.rank(english, seen.pooled)[:limit]:
        click.echo(f"{found.cosine:.3f}\t{seen.photos[found.photo]}")


def _english(words: str, language: str, translator: Path) -> str:
    """Return the words in English; a translation is also printed on stderr."""
    if language == "en":
        return words
    english = Translator.load(translator).translate([words])[0].text
    click.echo(f"Searching for: {english}", err=True)
    return english


@click.command("train-search")
@click.argument("recipe")
@click.option("--out", required=True, type=Folder, metavar="FOLDER", help="Where the search goes.")
@click.option("--resume", is_flag=True, help="Resume the training of FOLDER after its last complete epoch.")
@set_option
@threads_option
def train_search(recipe: str, out: Path, resume: bool, changes: tuple[str, ...]) -> None:
    """Train a photo search as RECIPE says: word vectors from sentences, then photos and captions in one space.

    The state is stored in FOLDER.training, with the history. The image features are computed once and stored in the
    recipe's data.features. Photos with words of data.held_out are left out, and at the end it prints
    how well those words still find photos of the validation set.

    \b
    Examples:
      python -m seq2seq train-search search --out models/search
      python -m seq2seq train-search search --out models/unseen --set 'data.held_out=["guitar", "horse"]'
    """
    asked = read_changed(SearchRecipe, recipe_file(recipe, SearchRecipe), changes)
    folder = training_folder(out)
    check_unused(out)
    with exclusive_lock(out):
        if not resume and (folder / STATE).exists():
            raise CheckpointError(f"{folder} holds a training; add --resume to go on, or name another --out.")
        training = SearchTraining.of(asked, folder, resume=resume)
        try:
            training.run()
        except KeyboardInterrupt:
            click.echo(f"{_STOPPED} {training.epoch} of {training.epochs}.", err=True)
            click.get_current_context().exit(130)
    card = draft_card(training)
    trunk = image_encoder_name(asked.data.trunk) if asked.data.trunk else None
    extra = {
        HISTORY: read_text(folder / HISTORY, CheckpointError),
        "train.toml": to_toml(asked),
        "README.md": card,
    }
    write_search(out, trunk, training.model, training.words, (training.captioned, training.naming_words), extra)
    click.echo(f"{out} is done after {training.epoch} epochs.\n\n{card.partition(chr(10) * 2)[2].strip()}")


def draft_card(training: SearchTraining) -> str:
    """Return what is known at training time; data, licences and limits are for people to add."""
    by_words, by_photos = training.measure()
    held_out_auc = training.held_out_auc()
    told = [f"{word} {area:.2f}" for word, area in held_out_auc.items()]
    mean = sum(held_out_auc.values()) / max(1, len(held_out_auc))
    held_out = (
        f"\nHeld-out words, AUC over validation photos: {', '.join(told)}; mean {mean:.3f}.\n" if told else ""
    )
    return f"""# Photo search

Trained with `python -m seq2seq train-search train.toml` ({training.epoch} epochs,
{training.core_seconds / 60:.0f} core-minutes). {len(training.words):,} words, {training.captioned:,} of them from
captions.

Captions to photos ({by_words.queries:,} queries): {format_metrics(by_words)}.
Photos to captions ({by_photos.queries:,} queries): {format_metrics(by_photos)}.
{held_out}
Data, licences and limits: not written yet.
"""
