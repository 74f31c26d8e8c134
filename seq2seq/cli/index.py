"""The verb index: indexes the training pairs of a model."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import click
from tqdm import tqdm

from seq2seq.checkpoint_config import read_config
from seq2seq.cli.lines import hide_progress
from seq2seq.cli.options import PATH, device_option, model_option, threads_option
from seq2seq.data import Pair, read_pairs
from seq2seq.errors import DataError
from seq2seq.explain import build_neighbours, index_folder, leaks, sample_pairs, save_neighbours, save_seen
from seq2seq.explain.build import HELD_OUT, PAIRS
from seq2seq.explain.index_files import NEIGHBOURS_FILE, SEEN_FILE
from seq2seq.training.corpus import read_corpus
from seq2seq.training.recipe import read_recipe
from seq2seq.translator import Translator


@click.command()
@model_option
@device_option
@threads_option
@click.option(
    "--seen",
    "others",
    multiple=True,
    type=PATH,
    metavar="PAIRS.tsv",
    help="Further training pairs, of which only numbers are stored; may be repeated.",
)
@click.argument("files", nargs=-1, type=PATH, metavar="[TRAIN.tsv]...")
def index(folder: Path, others: tuple[Path, ...], device: str, files: tuple[Path, ...]) -> None:
    """Index the training pairs of a model (source<TAB>target lines; .gz too) next to its FOLDER.

    Without TRAIN.tsv the pairs are those that the folder's train.toml names. FOLDER.index gets two files:

    \b
    neighbours.safetensors  states of 5,000 training sentences: nearest neighbours of any step of a translation
    seen.safetensors        all training sources as numbers: shows whether a sentence was seen in training,
                            is near (one word away) or is new; `evaluate` then splits its scores by that

    The first holds readable training sentences, so share it on their terms; name pairs whose text may not be shared
    with --seen. Both are bound to the weights: after more training, index again.

    \b
    Examples:
      python -m seq2seq index --model checkpoints/fr-en data/fr-en/train.tsv
      python -m seq2seq index --model checkpoints/fr-en data/fr-en/train.tsv --seen data/mix/fr-en.tsv
      python -m seq2seq index --model models/quick-start
    """
    read_config(folder)
    pairs = _pairs(folder, files)
    # The files are read before the model does any work, so a wrong line fails at once.
    every = chain(pairs(), (pair for file in others for pair in read_pairs(file)))
    seen = leaks.SeenSet.of(pair.source for pair in _counted(every, "reading"))
    if not len(seen):
        raise DataError(f"{', '.join(map(str, files))} is empty; name files of source<TAB>target lines.")
    chosen = sample_pairs(pairs(), PAIRS + HELD_OUT)
    translator = Translator.load(folder, device)
    with tqdm(total=len(chosen), unit=" pairs", desc="running", disable=hide_progress(), leave=False) as bar:
        found = build_neighbours(translator, chosen, watch=bar.update)
    save_neighbours(folder, found)
    save_seen(folder, seen, translator.checkpoint.digest)
    recalls = ", ".join(f"{kind} {value:.2f}" for kind, value in found.record.recall.items())
    places = {side: len(rows) for side, rows in found.positions.items()}
    out = index_folder(folder)
    click.echo(
        f"{NEIGHBOURS_FILE}  {_size(out / NEIGHBOURS_FILE)}  {places['target']:,} target and "
        f"{places['source']:,} source states; recall at 10: {recalls}\n"
        f"{SEEN_FILE:{len(NEIGHBOURS_FILE)}}  {_size(out / SEEN_FILE)}  {len(seen):,} sentences of "
        f"{len(seen.words):,} words"
    )


def _pairs(folder: Path, files: Sequence[Path]) -> Callable[[], Iterator[Pair]]:
    """Return a function that reads the training pairs from the start."""
    if files:
        return lambda: (pair for file in files for pair in read_pairs(file))
    train = read_corpus(read_recipe(folder / "train.toml")).train
    return lambda: iter(train)


def _counted(pairs: Iterator[Pair], does: str) -> Iterator[Pair]:
    return iter(tqdm(pairs, unit=" pairs", desc=does, disable=hide_progress(), leave=False))


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.2f} MB"
