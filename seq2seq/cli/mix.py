"""The verb mix: one training file from many sets of pairs."""

from pathlib import Path

import click

from seq2seq.cli.options import PATH
from seq2seq.cli.train import keys_option, recipe_file, set_option
from seq2seq.data.mix import Mix, Mixed
from seq2seq.data.mix import mix as mix_pairs
from seq2seq.data.pairs import write_pairs
from seq2seq.training.recipe import read_changed


@click.command()
@click.argument("recipe")
@click.option("--out", required=True, type=PATH, metavar="PAIRS.tsv", help="What to write.")
@set_option
@keys_option(Mix)
def mix(recipe: str, out: Path, changes: tuple[str, ...]) -> None:
    """Mix sets of pairs into one training file as RECIPE says: a TOML file, or the name of a shipped mix.

    \b
    Every set has a weight: how often each of its pairs is taken. Pairs that share a sentence with the files to be
    tested on are left out, and names, towns, countries and nationalities that stand on both sides of a pair are
    exchanged for others of a table, so that a model learns to copy names that it has never seen.

    \b
    Examples:
      python -m seq2seq mix everyday --out data/mix/fr-en.tsv
      python -m seq2seq mix everyday --set source=en --set target=fr --out data/mix/en-fr.tsv
      python -m seq2seq mix my-mix.toml --set exchanged=0 --out data/mix.tsv
    """
    if out.is_dir():
        raise click.UsageError(f"{out} is a folder; give --out the name of a file.")
    found = mix_pairs(read_changed(Mix, recipe_file(recipe, Mix), changes))
    write_pairs(out, found.pairs)
    click.echo(report(found))


def report(found: Mixed) -> str:
    """Return a table of the sets: pairs, left out, lines taken."""
    width = max(len(each.name) for each in found.counts)
    lines = [f"{'set':{width}}  {'pairs':>9}  {'left out':>9}  {'taken':>9}"]
    lines += [f"{c.name:{width}}  {c.pairs:>9,}  {c.held_out:>9,}  {c.taken:>9,}" for c in found.counts]
    return "\n".join([*lines, f"\n{len(found.pairs):,} lines"])
