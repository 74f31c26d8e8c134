"""The verb synthesise: pairs by back-translation and sequence-level distillation."""

import os
from collections import deque
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click
from tqdm import tqdm

from seq2seq.cli.lines import hide_progress
from seq2seq.cli.options import PATH, BeamSize, device_option, int8_option, models_option, threads_option
from seq2seq.cli.sharing import translate_distributed
from seq2seq.config import parse
from seq2seq.data import Pair, open_text, read_pairs, write_pairs
from seq2seq.data.synthetic import fresh_lines, nearest, sentences, synthetic_pairs
from seq2seq.distributed import group
from seq2seq.errors import DataError
from seq2seq.search import SearchOptions
from seq2seq.text import normalise
from seq2seq.translator import Translator


@click.command()
@models_option
@click.option("--out", required=True, type=PATH, metavar="PAIRS.tsv", help="What to write.")
@click.option("--back", is_flag=True, help="Write translation<TAB>line: back-translation.")
@click.option(
    "--nearest",
    "interpolated",
    is_flag=True,
    help="FILE has source<TAB>reference pairs; keep the translation of the beam that is nearest to the reference.",
)
@click.option(
    "--without",
    multiple=True,
    type=PATH,
    metavar="PAIRS.tsv",
    help="Leave out sentences on either side of these pairs; may be repeated.",
)
@click.option("--count", type=click.IntRange(1), metavar="N", help="Draw N lines.  [default: all]")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=1,
    metavar="N",
    help="Seed of the draw; with --nearest the first lines are taken.  [default: 1]",
)
@click.option("--beam-size", type=BeamSize, default=5, metavar="N", help="1 is greedy.  [default: 5]")
@threads_option
@device_option
@int8_option
@click.argument("file", type=PATH)
def synthesise(
    folders: tuple[Path, ...],
    out: Path,
    back: bool,
    interpolated: bool,
    without: tuple[Path, ...],
    count: int | None,
    seed: int,
    beam_size: int,
    device: str,
    int8: bool,
    file: Path,
) -> None:
    """Make training pairs of the lines of FILE (.gz too): each with its translation by a model.

    \b
    With a model of the other direction and --back this is back-translation (Sennrich et al. 2016): the new
    model learns to write real sentences from synthetic ones. With a model of the same direction it is
    sequence-level distillation (Kim and Rush 2016): a model learns from another's, or its own, best outputs;
    on pairs with --nearest it learns from the one of its outputs that is nearest to the reference.

    Lines are compared case-insensitively, and each is used once, in an order drawn by the seed. Name the files of
    valid and test pairs with --without, to keep them out of training: neither lines nor translations that occur
    there are written.

    \b
    Examples:
      python -m seq2seq synthesise --model models/en-fr --back english.txt.gz --count 48000 \\
          --without data/fr-en/valid.tsv --without data/fr-en/test.tsv --out data/synthetic/fr-en.tsv
      python -m seq2seq synthesise --model models/fr-en --nearest data/fr-en/train.tsv --out data/distilled.tsv
    """
    if interpolated and (back or without):
        raise click.UsageError("--nearest reads pairs; leave --back and --without out.")
    if interpolated and beam_size == 1:
        raise click.UsageError("--nearest chooses among a beam's translations; give --beam-size 2 or more.")
    if out.is_dir():
        raise click.UsageError(f"{out} is a folder; give --out the name of a file.")
    pairs = [Pair(*map(normalise, pair)) for pair in read_pairs(file)][:count] if interpolated else []
    held_out = sentences(without)
    lines = [pair.source for pair in pairs] if interpolated else fresh_lines(open_text(file), held_out, count, seed)
    if not lines:
        raise DataError(f"{file} has no line to translate; name a file of sentences.")
    with group(device) as ranks:  # which GPU is this process's own is known from here on
        model = Translator.load(folders[0], device, int8=int8, others=folders[1:])
        if long := set(model.too_long(lines)):
            # One of them would abort the whole run with an error.
            if ranks.leads:
                first = lines[min(long)][:30]
                click.echo(
                    f"left out for a sentence that is too long: {len(long):,} lines, first “{first}…”", err=True
                )
            pairs = [pair for i, pair in enumerate(pairs) if i not in long]
            lines = [line for i, line in enumerate(lines) if i not in long]
        mode = {"kind": "beam", "size": beam_size, "alpha": model.config.alpha}
        wanted = {"mode": mode, "n_best": beam_size if interpolated else 1}
        translated = partial(model.stream, options=parse(SearchOptions, wanted, "The options"))
        found = tqdm(
            translate_distributed(translated, lines, ranks),
            total=len(lines),
            disable=hide_progress() or not ranks.leads,
        )
        texts = ([one.text for one in best] for _, best in found)
        if interpolated:
            chosen: Iterator[str] = map(nearest, texts, (pair.target for pair in pairs))
        else:
            chosen = (best[0] for best in texts)
        made = synthetic_pairs(lines, chosen, back=back, held_out=held_out)
        if ranks.leads:
            _write(out, made)
        else:
            deque(texts, maxlen=0)  # it has nothing to write and only does its share


def _write(out: Path, pairs: Iterator[Pair]) -> None:
    """Write the whole file, or leave what was there."""
    draft = out.with_name(f"{out.name}.new")
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        write_pairs(draft, pairs)
        os.replace(draft, out)
    finally:
        draft.unlink(missing_ok=True)
