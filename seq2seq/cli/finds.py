"""The verb finds: sentences in which a model's search does something worth looking at."""

from pathlib import Path

import click
from tqdm import tqdm

from seq2seq.checkpoint_config import read_config
from seq2seq.cli.lines import hide_progress
from seq2seq.cli.options import PATH, BeamSize, device_option, model_option, threads_option
from seq2seq.data import read_pairs
from seq2seq.errors import DataError
from seq2seq.evaluation.finds import Finds, save_finds
from seq2seq.explain.finds import KINDS, find
from seq2seq.translator import Translator


@click.command()
@model_option
@click.option("--beam-size", type=BeamSize, default=5, metavar="N", help="[default: 5]")
@click.option(
    "--sentences", type=click.IntRange(1), default=500, metavar="N",
    help="Look at N pairs, evenly spaced.  [default: 500]",
)  # fmt: skip
@click.option("--each", type=click.IntRange(1, 50), default=3, metavar="N", help="Of each kind.  [default: 3]")
@click.option("--save", is_flag=True, help="Save the best of each kind in the model's folder, for the app.")
@threads_option
@device_option
@click.argument("pairs", type=PATH, metavar="PAIRS.tsv")
def finds(folder: Path, beam_size: int, sentences: int, each: int, save: bool, device: str, pairs: Path) -> None:
    """Find sentences of PAIRS.tsv (source<TAB>target lines) in which a search does something to look at.

    Kinds are, among others, a beam that wins or loses, search errors and model errors, a length penalty that
    decides, loops, ambiguities, rare words, and attention that misleads. Each is seen by a rule that is computed
    from the searches; of a kind that this model does not show there is none.

    \b
    Examples:
      python -m seq2seq finds --model checkpoints/fr-en data/fr-en/test.tsv
      python -m seq2seq finds --model models/mine --each 1 --sentences 2000 --save data/mine/test.tsv
    """
    read = [(pair.source, pair.target) for pair in read_pairs(pairs)]
    if not read:
        raise DataError(f"{pairs} is empty; name a file of source<TAB>target lines.")
    if sentences < len(read):
        read = [read[i * len(read) // sentences] for i in range(sentences)]
    model = Translator.load(folder, device)
    bar = tqdm(read, unit=" pairs", disable=hide_progress(), leave=False)
    found = find(model, bar, 1 if save else each, beam_size)
    for one in found:
        click.echo(f"{one.title}\n  {one.source}\n  {one.look}\n")
    missing = [kind.title for name, kind in KINDS.items() if name not in {one.kind for one in found}]
    if missing:
        click.echo(f"None in these {len(read):,} pairs: {', '.join(missing)}.")
    if save:
        save_finds(folder, Finds(weights=read_config(folder).weights, test=pairs.name, finds=tuple(found)))
