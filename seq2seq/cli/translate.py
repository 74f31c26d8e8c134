"""The inference verbs: translate, score."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from seq2seq.checkpoint_config import languages_of
from seq2seq.cli.lines import hide_progress, input_lines, stdin_is_interactive, warn
from seq2seq.cli.options import (
    PATH,
    BeamSize,
    beam_mode,
    beam_options,
    device_option,
    int8_option,
    model_option,
    models_option,
    threads_option,
)
from seq2seq.cli.sharing import Answer, Translated, translate_distributed
from seq2seq.config import parse
from seq2seq.data.lint import Lint
from seq2seq.data.readers import read_whole_rows
from seq2seq.data.table import Row
from seq2seq.distributed import group
from seq2seq.errors import DataError, SourceTooLongError
from seq2seq.search import LONGEST_OUTPUT, SearchOptions
from seq2seq.text import normalise, typed_tokens
from seq2seq.translation import Translation
from seq2seq.translator import Translator

_READ_AHEAD = 1024  # pairs that are scored together


@click.command()
@models_option
@beam_options
@click.option("--n-best", type=BeamSize, default=1, metavar="N", help="Translations of each line.  [default: 1]")
@click.option("--sample", is_flag=True, help="Draw each token by its probability instead of searching the best.")
@click.option(
    "--temperature",
    type=click.FloatRange(0, 100, min_open=True),
    metavar="T",
    help="Sampling temperature; below 1 sharpens.",
)
@click.option("--top-k", type=click.IntRange(0, 10**6), metavar="K", help="Sample from the K most likely tokens.")
@click.option(
    "--top-p",
    type=click.FloatRange(0, 1, min_open=True),
    metavar="P",
    help="Sample from the fewest tokens with total probability P (nucleus).",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), metavar="N", help="Sampling seed; the same seed draws the same."
)
@click.option(
    "--min-length",
    type=click.IntRange(1, LONGEST_OUTPUT),
    metavar="N",
    help=f"Shortest output in tokens, with its end token; {LONGEST_OUTPUT:,} at most.",
)
@click.option(
    "--max-length",
    type=click.IntRange(1, LONGEST_OUTPUT),
    metavar="N",
    help=f"Longest output in tokens, {LONGEST_OUTPUT:,} at most.  [default: 2 x source + 10]",
)
@click.option("--prefix", metavar="TEXT", help="Text that each translated sentence must start with.")
@click.option(
    "--replace-unknown", is_flag=True, help="Replace each unknown word by the source word with the most attention."
)
@click.option(
    "--format", "style", type=click.Choice(["text", "tsv", "jsonl"]), help="[default: text, with --n-best tsv]"
)
@click.option("--text", "texts", multiple=True, metavar="TEXT", help="A line to translate; may be repeated.")
@threads_option
@device_option
@int8_option
@click.argument("file", required=False, type=PATH)
def translate(
    folders: tuple[Path, ...],
    beam_size: int | None,
    alpha: float | None,
    coverage: float | None,
    groups: int | None,
    diversity: float | None,
    no_repeat: int | None,
    n_best: int,
    sample: bool,
    temperature: float | None,
    top_k: int | None,
    top_p: float | None,
    seed: int | None,
    min_length: int | None,
    max_length: int | None,
    prefix: str | None,
    replace_unknown: bool,
    style: str | None,
    texts: tuple[str, ...],
    device: str,
    int8: bool,
    file: Path | None,
) -> None:
    """Translate lines from --text, from FILE (.gz too), or from stdin.

    One line comes out for each line that goes in, in the same order; an empty line stays empty. A line of
    several sentences is translated sentence by sentence. Files of any size work, as only a few thousand lines
    are held at a time.

    \b
    Formats:
      text   the best translation of each line
      tsv    line number, rank, score, log-probability, text: a row for each of the n best
      jsonl  an object for each line: its number, its source, its translations with their scores

    Scores are natural logarithms; a score is the log-probability divided by the length penalty, less what
    coverage takes off.

    \b
    Examples:
      python -m seq2seq translate --model checkpoints/fr-en --text "Il fait froid dehors."
      python -m seq2seq translate --model checkpoints/fr-en letter.fr > letter.en
      zcat big.fr.gz | python -m seq2seq translate --model checkpoints/fr-en --beam-size 1 > big.en
      torchrun --nproc-per-node 2 -m seq2seq translate --model checkpoints/fr-en --threads 1 big.fr > big.en
      python -m seq2seq translate --model checkpoints/fr-en --n-best 5 --text "J'ai froid."
      python -m seq2seq translate --model checkpoints/fr-en --beam-size 6 --groups 3 --n-best 3 \\
          --text "J'ai froid."
      python -m seq2seq translate --model checkpoints/fr-en --sample --temperature 0.8 --seed 3 \\
          --text "J'ai froid."
    """
    if texts and file is not None:
        raise click.UsageError("--text and FILE do not go together; use one.")
    style = style or ("tsv" if n_best > 1 else "text")
    if style == "text" and n_best > 1:
        raise click.UsageError("--format text has one line for each line in; with --n-best take tsv or jsonl.")
    draws = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "seed": seed}
    chosen = _mode(sample, draws, beam_mode(beam_size, alpha, coverage, groups, diversity), n_best)
    lines = _watched(input_lines(texts, file))
    with group(device) as ranks:  # which GPU is this process's own is known from here on
        model = Translator.load(folders[0], device, int8=int8, others=folders[1:])
        if chosen["kind"] == "beam":
            chosen.setdefault("alpha", model.config.alpha)
        options = parse(
            SearchOptions,
            {
                "mode": chosen,
                "n_best": n_best,
                "min_length": min_length or 1,
                "max_length": max_length,
                "prefix": typed_tokens(model.checkpoint.target, (), prefix) if prefix else (),
                "no_repeat": no_repeat or 0,
            },
            "The options",
        )
        translated = partial(model.stream, options=options, replace_unknown=replace_unknown)
        typed = stdin_is_interactive(texts, file)
        found = _answers(translated, lines) if typed else translate_distributed(translated, lines, ranks)
        check = _Check(model)
        for number, (source, best) in enumerate(tqdm(found, unit=" lines", disable=hide_progress()), 1):
            click.echo(_STYLES[style](number, source, best))
            check.look(number, source, best[0])
        check.report()


def _watched(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines, and warn once if they look like a table of pairs: both columns would be translated."""
    tabbed = False
    for number, line in enumerate(lines, 1):
        if "\t" in line and not tabbed:
            tabbed = True
            warn(
                f"Line {number} has a tab, as a file of pairs has; all of it is translated. Give one column alone."
            )
        yield line


class _Check:
    """Looks at what comes out: lines in another language, and figures or names that got lost."""

    def __init__(self, model: Translator) -> None:
        self._model = model
        self._foreign = False
        self._lost: dict[int, tuple[str, ...]] = {}

    def look(self, number: int, source: str, best: Translation) -> None:
        """Look at a line; warn once if it looks like another language."""
        if best.lost:
            self._lost[number] = best.lost
        if not self._foreign and (sentence := self._model.language_warning(source)):
            self._foreign = True
            warn(f"Line {number}: {sentence}")

    def report(self) -> None:
        """Warn of what got lost in all lines."""
        if self._lost:
            number, first = next(iter(self._lost.items()))
            lines = f"{len(self._lost):,} lines lack" if len(self._lost) > 1 else "1 line lacks"
            warn(
                f"{lines} a figure, name or address of the source, the first is line {number}: {', '.join(first)}."
            )


def _mode(sample: bool, draws: dict[str, Any], beam: dict[str, Any], n_best: int) -> dict[str, Any]:
    """Return the search mode that the given flags (those that are not None) describe.

    Raises UsageError if they contradict each other.
    """
    draws = {name: value for name, value in draws.items() if value is not None}
    if sample and beam:
        flag = {"size": "beam-size"}.get(next(iter(beam)), next(iter(beam)))
        raise click.UsageError(f"--sample draws and does not search; leave --{flag} out.")
    if draws and not sample:
        raise click.UsageError(f"--{next(iter(draws)).replace('_', '-')} belongs to --sample; add it.")
    if not sample and n_best > beam.get("size", 5):
        raise click.UsageError(
            f"--n-best {n_best} is more than the beam of {beam.get('size', 5)}; raise --beam-size."
        )
    return {"kind": "sample", **draws} if sample else {"kind": "beam", **beam}


def _answers(translated: Translated, lines: Iterable[str]) -> Iterator[Answer]:
    """Yield each line with its translations before the next one is read."""
    for number, line in enumerate(lines):
        yield from ((line, found) for found in translated([line], first_line=number))


def _text(_number: int, _source: str, found: list[Translation]) -> str:
    return found[0].text


def _tsv(number: int, _source: str, found: list[Translation]) -> str:
    return "\n".join(
        f"{number}\t{rank}\t{one.score:.6f}\t{one.log_prob:.6f}\t{one.text}" for rank, one in enumerate(found, 1)
    )


def _jsonl(number: int, source: str, found: list[Translation]) -> str:
    translations = [one._asdict() for one in found]
    for one in translations:
        if not one["lost"]:
            del one["lost"]
    return json.dumps({"line": number, "source": source, "translations": translations}, ensure_ascii=False)


_STYLES: dict[str, Callable[[int, str, list[Translation]], str]] = {"text": _text, "tsv": _tsv, "jsonl": _jsonl}


@click.command()
@model_option
@click.option(
    "--tokens", is_flag=True, help="Add two columns: the target's pieces, and the log-probability of each."
)
@threads_option
@device_option
@click.argument("pairs", type=PATH, metavar="PAIRS.tsv")
def score(folder: Path, tokens: bool, device: str, pairs: Path) -> None:
    """Print the log-probability of each translation of PAIRS.tsv (source<TAB>target lines; .gz too).

    One line comes out for each pair: the natural logarithm of the target's probability given the source, by
    forced decoding, its end token included. Closer to 0 is likelier.

    \b
    Examples:
      python -m seq2seq score --model checkpoints/fr-en test.tsv > test.log-probs
      printf "J'ai froid.\\tI am cold.\\n" > pair.tsv
      python -m seq2seq score --model checkpoints/fr-en --tokens pair.tsv
    """
    languages = languages_of(folder)
    table, lint = read_whole_rows(pairs, languages), Lint(str(pairs), languages)
    remaining = _checked(lint.watch(table.rows), pairs)
    model = Translator.load(folder, device)
    refused: list[str] = []
    with tqdm(unit=" pairs", disable=hide_progress()) as bar:
        while block := list(islice(remaining, _READ_AHEAD)):
            for row, log_probs in zip(block, _scored(model, block, refused), strict=True):
                details = f"\t{_pieces(model, row)}\t{_numbers(log_probs)}" if tokens and log_probs else ""
                click.echo(f"{sum(log_probs):.6f}{details}" if log_probs else "")
            bar.update(len(block))
    for sentence in (*table.notes, *lint.warnings()):
        warn(sentence)
    if refused:
        raise SourceTooLongError(f"{refused[0]} All other lines are scored.")


def _scored(model: Translator, rows: Sequence[Row], refused: list[str]) -> list[list[float]]:
    """Return the scores of each pair; none if it is too long, which is recorded in `refused`."""
    try:
        return model.score([(row.source, row.target) for row in rows])
    except SourceTooLongError as failure:
        if len(rows) == 1:
            refused.append(f"Line {rows[0].line}: {failure}")
            return [[]]
        middle = len(rows) // 2
        return [*_scored(model, rows[:middle], refused), *_scored(model, rows[middle:], refused)]


def _checked(rows: Iterable[Row], path: Path) -> Iterator[Row]:
    """Yield the pairs. Raises DataError if a source is empty."""
    for row in rows:
        if not normalise(row.source):
            raise DataError(f"{path}, line {row.line} has an empty source; fill it or take the line out.")
        yield row


def _pieces(model: Translator, row: Row) -> str:
    """Return the target's pieces, each part of it with its end token."""
    return " ".join(model.target_pieces(row.source, row.target))


def _numbers(values: Iterable[float]) -> str:
    return " ".join(f"{value:.4f}" for value in values)
