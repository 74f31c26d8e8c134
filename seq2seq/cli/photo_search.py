"""The photo search verbs: train-search, search-photos."""

from pathlib import Path

import click
from tqdm import tqdm

from seq2seq.cli.lines import encodable, hide_progress
from seq2seq.cli.options import PATH, device_option, threads_option
from seq2seq.cli.train import Request, run_training, training_options
from seq2seq.config import read_text
from seq2seq.errors import DataError
from seq2seq.translator import Translator
from seq2seq.vision.captioning.checkpoint import read_image_encoder_of
from seq2seq.vision.photos import photo_files
from seq2seq.vision.pooled_cache import cache_file, photo_vectors
from seq2seq.vision.retrieval.recipe import SearchRecipe
from seq2seq.vision.retrieval.search import PhotoSearch
from seq2seq.vision.retrieval.task import SearchTask


@click.command("search-photos")
@click.option("--model", "folder", required=True, type=PATH, metavar="FOLDER", help="Checkpoint of a photo search.")
@click.option(
    "--limit", type=click.IntRange(1), default=10, metavar="N", help="Show the N best photos.  [default: 10]"
)
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", help="Language of WORDS.  [default: en]")
@click.option(
    "--translator", type=PATH, metavar="FOLDER", help="For --language fr.  [default: fr-en next to FOLDER]"
)
@click.option("--trunk", type=PATH, metavar="FOLDER", help="Image encoder.  [default: the one next to FOLDER]")
@click.option("--no-cache", is_flag=True, help="Do not cache the image features of PHOTOS.")
@device_option
@threads_option
@click.argument("photos", type=PATH)
@click.argument("words")
def search_photos(
    folder: Path,
    limit: int,
    language: str,
    translator: Path | None,
    trunk: Path | None,
    no_cache: bool,
    device: str,
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
    english = _english(encodable(words), language, translator or folder.resolve().with_name("fr-en"), device)
    search.embed(english)  # errors in the words are reported before any photo is encoded
    encoder = read_image_encoder_of(folder, search.config.trunk, trunk)
    encoder.encoder.to(device)
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


def _english(words: str, language: str, translator: Path, device: str) -> str:
    """Return the words in English; a translation is also printed on stderr."""
    if language == "en":
        return words
    english = Translator.load(translator, device).translate([words])[0].text
    click.echo(f"Searching for: {english}", err=True)
    return english


@click.command("train-search")
@training_options(SearchRecipe)
def train_search(asked: Request[SearchRecipe]) -> None:
    """Train a photo search as RECIPE says: word vectors from sentences, then photos and captions in one space.

    The state is stored in FOLDER.training, with the history. The image features are computed once and stored in the
    recipe's data.features. Photos with words of data.held_out are left out, and at the end it prints
    how well those words still find photos of the validation set.

    \b
    Examples:
      python -m seq2seq train-search search --out models/search
      python -m seq2seq train-search search --out models/unseen --set 'data.held_out=["guitar", "horse"]'
    """
    if run_training(asked, SearchTask, "recall at 10"):
        _, _, figures = read_text(asked.out / "README.md").partition("\n\n")
        click.echo(f"\n{figures.strip()}")
