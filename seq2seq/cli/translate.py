"""The verbs that ask a model: translate, score."""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from seq2seq.cli.lines import hide_progress, input_lines, somebody_types
from seq2seq.cli.options import (
    BeamSize,
    alpha_option,
    beam_mode,
    coverage_option,
    device_option,
    diversity_option,
    groups_option,
    int8_option,
    model_option,
    models_option,
    no_repeat_option,
    threads_option,
)
from seq2seq.cli.sharing import Answer, Translated, shared
from seq2seq.config import parse
from seq2seq.data import Pair, read_pairs
from seq2seq.distributed import group
from seq2seq.errors import DataError
from seq2seq.search import SearchOptions
from seq2seq.text import normalise
from seq2seq.translator import Translation, Translator

_READ_AHEAD = 1024  # pairs that are scored together


@click.command()
@models_option
@click.option(
    "--beam-size", type=BeamSize, metavar="N", help="Hypotheses kept at each step; 1 is greedy.  [default: 5]"
)
@alpha_option
@coverage_option
@groups_option
@diversity_option
@no_repeat_option
@click.option("--n-best", type=BeamSize, default=1, metavar="N", help="Translations of each line.  [default: 1]")
@click.option("--sample", is_flag=True, help="Draw each token by its probability instead of searching the best.")
@click.option(
    "--temperature",
    type=click.FloatRange(0, 100, min_open=True),
    metavar="T",
    help="Of a sample; below 1 sharpens.",
)
@click.option("--top-k", type=click.IntRange(0), metavar="K", help="Draw from the K likeliest tokens alone.")
@click.option(
    "--top-p",
    type=click.FloatRange(0, 1, min_open=True),
    metavar="P",
    help="Draw from the fewest tokens that reach P.",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), metavar="N", help="Of a sample; the same seed draws the same."
)
@click.option(
    "--min-length", type=click.IntRange(1), metavar="N", help="Shortest output in tokens, with its end token."
)
@click.option(
    "--max-length",
    type=click.IntRange(1),
    metavar="N",
    help="Longest output in tokens.  [default: 2 x source + 10]",
)
@click.option("--prefix", metavar="TEXT", help="What each translated sentence has to begin with.")
@click.option(
    "--replace-unknown",
    is_flag=True,
    help="Put the source word that got the most attention in the place of each unknown word.",
)
@click.option(
    "--format", "style", type=click.Choice(["text", "tsv", "jsonl"]), help="[default: text, with --n-best tsv]"
)
@click.option("--text", "texts", multiple=True, metavar="TEXT", help="A line to translate; may be repeated.")
@threads_option
@device_option
@int8_option
@click.argument("file", required=False, type=click.Path(path_type=Path))
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
    several sentences is translated sentence by sentence. Files of any size go through, as only some thousand
    lines are held at a time.

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
    lines = input_lines(texts, file)
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
                "prefix": model.checkpoint.target.encode(prefix or ""),
                "no_repeat": no_repeat or 0,
            },
            "The options",
        )
        translated = partial(model.stream, options=options, replace_unknown=replace_unknown)
        typed = somebody_types(texts, file)
        found = _answers(translated, lines) if typed else shared(translated, lines, ranks)
        for number, (source, best) in enumerate(tqdm(found, unit=" lines", disable=hide_progress()), 1):
            click.echo(_STYLES[style](number, source, best))


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
    record = {"line": number, "source": source, "translations": [one._asdict() for one in found]}
    return json.dumps(record, ensure_ascii=False)


_STYLES: dict[str, Callable[[int, str, list[Translation]], str]] = {"text": _text, "tsv": _tsv, "jsonl": _jsonl}


@click.command()
@model_option
@click.option(
    "--tokens", is_flag=True, help="Add two columns: the target's pieces, and the log-probability of each."
)
@threads_option
@device_option
@click.argument("pairs", type=click.Path(path_type=Path), metavar="PAIRS.tsv")
def score(folder: Path, tokens: bool, device: str, pairs: Path) -> None:
    """Say how likely the model finds each translation of PAIRS.tsv (source<TAB>target lines; .gz too).

    One line comes out for each pair: the natural logarithm of the target's probability given the source, by
    forced decoding, its end token included. Closer to 0 is likelier.

    \b
    Examples:
      python -m seq2seq score --model checkpoints/fr-en test.tsv > test.log-probs
      printf "J'ai froid.\\tI am cold.\\n" > pair.tsv
      python -m seq2seq score --model checkpoints/fr-en --tokens pair.tsv
    """
    remaining = _checked(read_pairs(pairs), pairs)
    model = Translator.load(folder, device)
    with tqdm(unit=" pairs", disable=hide_progress()) as bar:
        while block := list(islice(remaining, _READ_AHEAD)):
            for pair, log_probs in zip(block, model.score(block), strict=True):
                details = f"\t{_pieces(model, pair.target)}\t{_numbers(log_probs)}" if tokens else ""
                click.echo(f"{sum(log_probs):.6f}{details}")
            bar.update(len(block))


def _checked(pairs: Iterable[Pair], path: Path) -> Iterator[Pair]:
    """Yield the pairs. Raises DataError if there is none, or one's source has nothing to read in it."""
    number = 0
    for number, pair in enumerate(pairs, 1):
        if not normalise(pair.source):
            raise DataError(f"{path}, line {number} has an empty source; fill it or take the line out.")
        yield pair
    if not number:
        raise DataError(f"{path} is empty; name a file of source<TAB>target lines.")


def _pieces(model: Translator, target: str) -> str:
    tokenizer = model.checkpoint.target
    return " ".join([*tokenizer.pieces(tokenizer.encode(target)), "</s>"])


def _numbers(values: Iterable[float]) -> str:
    return " ".join(f"{value:.4f}" for value in values)
