"""The verb export-page: a model as one HTML file that translates by itself."""

from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from seq2seq.cli.lines import hide_progress
from seq2seq.cli.options import PATH, device_option, lesson_folders, threads_option
from seq2seq.course.files import SHIPPED, LessonError, read_lessons
from seq2seq.course.library import Folders
from seq2seq.course.play import play
from seq2seq.exported.page import Exported, exported_page
from seq2seq.folders import write_file
from seq2seq.translator import Translator


@click.command()
@click.option(
    "--model", "folders", required=True, multiple=True, type=PATH, metavar="FOLDER",
    help="Checkpoint folder; one for each direction.",
)  # fmt: skip
@click.option("--out", required=True, type=PATH, metavar="FILE", help="The page to write, an HTML file.")
@click.option(
    "--lessons", is_flag=False, flag_value=SHIPPED, type=PATH, metavar="[FOLDER]",
    help="Pack lessons in, computed: those of a folder, or the shipped ones.",
)  # fmt: skip
@lesson_folders
@device_option
@threads_option
def export_page(
    folders: tuple[Path, ...], out: Path, lessons: Path | None, models: Path | None, photos: Path, device: str
) -> None:
    """Write one HTML file that holds a model and translates by itself: no network, no server, nothing to install.

    It opens from disk or from any web server, on a phone as well. What is typed is searched greedily and by a beam
    in the page; it shows the tree, the attention, the n best and what if another word had been written. Its weights
    have 8 bits, with a scale for each row; those of the shipped models have no more to begin with. Its content
    security policy lets it fetch and send nothing.

    --device is where the lessons are computed; nothing else is.

    In a page of one's own, `translate(text, {beam_size: 5})` returns a promise of {text, trace, sentences}.

    \b
    Examples:
      python -m seq2seq export-page --model checkpoints/fr-en --out fr-en.html
      python -m seq2seq export-page --model checkpoints/fr-en --model checkpoints/en-fr --out both.html
      python -m seq2seq export-page --model checkpoints/fr-en --out course.html --lessons
    """
    exported = [Exported(Translator.load(folder), folder) for folder in folders]
    played = []
    if lessons:
        place = models or folders[0].resolve().parent
        played = _played(lessons, Folders(place, [lessons, photos], device=device))
    page = exported_page(exported, played)
    write_file(out, page)
    click.echo(f"{out} has {len(page) / 1e6:.1f} MB and translates by itself; open it in a browser.")


def _played(lessons: Path, library: Folders) -> list[dict[str, Any]]:
    """Return the lessons, computed, without those whose models are not here, which are said."""
    found = []
    for file in tqdm(read_lessons(lessons), unit=" lessons", disable=hide_progress(), leave=False):
        try:
            found.append(play(file, library))
        except LessonError as problem:
            click.echo(f"Left out: {problem}", err=True)
    return found
