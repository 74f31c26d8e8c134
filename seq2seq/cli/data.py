"""The verbs about data."""

from pathlib import Path

import click

from seq2seq.cli.lines import warn
from seq2seq.cli.options import PATH
from seq2seq.data import DataCard, Languages, Rules
from seq2seq.data import prepare as prepare_data
from seq2seq.data.table import SKIPPED
from seq2seq.errors import ConfigError


@click.command(short_help="Clean and split pairs of sentences, ready to train from.")
@click.argument("out", type=PATH)
@click.argument("corpora", metavar="[CORPUS]...", nargs=-1)
@click.option("--source", required=True, metavar="CODE", help="Language to translate from, as in fr.")
@click.option("--target", required=True, metavar="CODE", help="Language to translate into, as in en.")
@click.option(
    "--columns", metavar="CODE,CODE", help="Languages of a table's columns, as in en,fr; - for one to leave out."
)
@click.option(
    "--moses",
    type=(PATH, PATH),
    multiple=True,
    metavar="SOURCE_FILE TARGET_FILE",
    help="Two files, parallel line by line; may be repeated.",
)
@click.option(
    "--multi30k",
    type=PATH,
    metavar="FOLDER",
    help="Folder of train, val and test_* files (.fr, .en, .gz or not); their split is kept.",
)
@click.option("--match-source", metavar="REGEX", help="Keep pairs whose source has a match.")
@click.option("--match-target", metavar="REGEX", help="Keep pairs whose target has a match.")
@click.option("--autoencode", is_flag=True, help="Write each source as its own target.")
@click.option(
    "--longest-words", type=click.IntRange(1), default=100, help="Leave longer pairs out.  [default: 100]"
)
def prepare(
    out: Path,
    corpora: tuple[str, ...],
    source: str,
    target: str,
    columns: str | None,
    moses: tuple[tuple[Path, Path], ...],
    multi30k: Path | None,
    match_source: str | None,
    match_target: str | None,
    autoencode: bool,
    longest_words: int,
) -> None:
    """Clean pairs of sentences and split them into OUT/train.tsv, valid.tsv and test.tsv.

    CORPUS is a manythings.org zip or a table (.gz too), as a path or a URL: columns split by tabs, semicolons or
    commas, cells in quotes as spreadsheets write them, UTF-8 or UTF-16. Pairs that share a sentence stay together,
    so that nothing in valid or test, in either language, is in train. The same pairs are split the same way
    everywhere: 5 % of the groups each for valid and test. OUT/data.json records what was done.

    \b
    Examples:
      python -m seq2seq prepare data/fr-en fra-eng.zip --source fr --target en
      python -m seq2seq prepare data/fr-en pairs.tsv.gz --columns en,fr \\
          --source fr --target en --multi30k multi30k
      python -m seq2seq prepare data/fr-en sentences.tsv --columns -,en,-,fr --source fr --target en
      python -m seq2seq prepare data/de-en --moses news.de news.en --source de --target en
      python -m seq2seq prepare data/small fra-eng.zip --source fr --target en \\
          --match-target "^(I am|You are|I'm|You're) "
    """
    card = prepare_data(
        out,
        Languages(source, target),
        corpora,
        columns=_parse_columns(columns),
        moses=moses,
        multi30k=multi30k,
        rules=Rules(max_words=longest_words, match_source=match_source, match_target=match_target),
        autoencode=autoencode,
        warn=warn,
    )
    click.echo(report(card))


def _parse_columns(columns: str | None) -> list[str] | None:
    if columns is None:
        return None
    codes = [code.strip() for code in columns.split(",")]
    if len([code for code in codes if code != SKIPPED]) != 2:
        raise ConfigError(f"--columns {columns!r} does not name two languages; write, for example, en,fr.")
    return codes


def report(card: DataCard) -> str:
    """Return a table of the files, followed by what was left out and why."""
    width = max(map(len, card.files))
    words = [f"{code} words" for code in (card.source, card.target)]
    lines = [f"{'file':{width}}  {'pairs':>9}  {words[0]:>12}  {words[1]:>12}"]
    for name, part in card.files.items():
        counts = f"{part.sentences:>9,}  {part.source_words:>12,}  {part.target_words:>12,}"
        lines.append(f"{name:{width}}  {counts}")
    read = sum(corpus.pairs for corpus in card.corpora)
    notes = [f"{reason} {number:,}" for reason, number in card.dropped.items() if number]
    lines.append(f"\nread: {read:,} pairs from {', '.join(corpus.name for corpus in card.corpora)}")
    lines.append(f"dropped: {'; '.join(notes) or 'none'}")
    lines.append(f"second references left out of valid and test: {card.other_references:,}")
    lines.append(f"left out of train for sharing a sentence with valid or test: {card.shared_with_held_out:,}")
    if card.moved:
        steps = "; ".join(f"{step} {number:,}" for step, number in card.moved.items())
        lines.append(f"moved since the earlier split in this folder: {steps}")
    return "\n".join(lines)
