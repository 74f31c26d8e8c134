"""The verb atlas: scores by beam size and length penalty."""

from pathlib import Path

import click
from tqdm import tqdm

from seq2seq.checkpoint_config import require_own_alphas, set_alpha
from seq2seq.cli.lines import hide_progress
from seq2seq.cli.options import PATH, BeamSize, device_option, model_option, threads_option
from seq2seq.config import parse
from seq2seq.data import read_pairs
from seq2seq.errors import ConfigError, DataError
from seq2seq.evaluation import corpus_scores
from seq2seq.evaluation.atlas import make_atlas, markdown, save_atlas, survey
from seq2seq.search import SearchOptions
from seq2seq.translator import Translator


@click.command()
@model_option
@click.option(
    "--beam-size",
    "beam_sizes",
    type=BeamSize,
    multiple=True,
    metavar="N",
    help="May be repeated.  [default: 1 2 5 10]",
)
@click.option(
    "--alpha", "alphas", type=click.FloatRange(-5, 5), multiple=True, metavar="A",
    help="May be repeated.  [default: 0 0.3 0.6 1 1.4]",
)  # fmt: skip
@click.option("--sentences", type=click.IntRange(1), metavar="N", help="Use N pairs, evenly spaced.")
@click.option("--save", is_flag=True, help="Save the atlas in the model's folder, for the app to plot.")
@click.option(
    "--set-alpha", "choose", is_flag=True, help="Set the model's length penalty to the best at the widest beam."
)
@threads_option
@device_option
@click.argument("pairs", type=PATH, metavar="PAIRS.tsv")
def atlas(
    folder: Path,
    beam_sizes: tuple[int, ...],
    alphas: tuple[float, ...],
    sentences: int | None,
    save: bool,
    choose: bool,
    device: str,
    pairs: Path,
) -> None:
    """Translate PAIRS.tsv with every beam size and every length penalty, and show the scores.

    Prints a Markdown table for the model card: BLEU / length ratio, and the share of empty outputs where there
    are any. Use validation pairs: what is chosen on a test set can't be tested on it any more.

    \b
    Examples:
      python -m seq2seq atlas --model models/fr-en --sentences 1500 --save data/fr-en/valid.tsv
      python -m seq2seq atlas --model models/fr-en --beam-size 5 --set-alpha data/fr-en/valid.tsv
    """
    read = list(read_pairs(pairs))
    if not read:
        raise DataError(f"{pairs} is empty; name a file of source<TAB>target lines.")
    if sentences is not None and sentences < len(read):
        read = [read[i * len(read) // sentences] for i in range(sentences)]
    model = Translator.load(folder, device)
    sources, references = [pair.source for pair in read], [pair.target for pair in read]
    sizes, penalties = sorted(set(beam_sizes or (1, 2, 5, 10))), sorted(set(alphas or (0.0, 0.3, 0.6, 1.0, 1.4)))
    if choose and sizes[-1] == 1:
        raise ConfigError("Greedy search has no length penalty to choose; give --beam-size 2 or more.")
    if choose:
        require_own_alphas(penalties)

    model.require_translatable(sources)

    def translate(beam_size: int, alpha: float) -> tuple[list[str], list[bool]]:
        chosen = {"kind": "beam", "size": beam_size, "alpha": alpha}
        found = model.translate(sources, parse(SearchOptions, {"mode": chosen}, "The options"))
        return [one.text for one in found], [one.finished for one in found]

    surveyed = survey(translate, references, sizes, penalties)
    total = len(sizes) * len(penalties)
    cells = list(tqdm(surveyed, total=total, unit=" searches", disable=hide_progress(), leave=False))
    signature = corpus_scores(references[:1], references[:1]).bleu_signature
    made = make_atlas(folder, pairs.name, len(read), signature, cells)
    click.echo(markdown(made))
    if choose:
        best = made.best_alpha(sizes[-1])
        set_alpha(folder, best)
        click.echo(f"\nThe length penalty of {folder} is {best:g} now.")
    if save:
        save_atlas(folder, made)
    click.echo(f"\n{len(read):,} sentences of {pairs.name}; BLEU {signature}")
