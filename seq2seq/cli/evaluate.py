"""The verb evaluate: scores a model on test pairs."""

from collections.abc import Sequence
from pathlib import Path

import click
from tqdm import tqdm

from seq2seq.checkpoint_config import languages_of
from seq2seq.cli.lines import hide_progress, warn
from seq2seq.cli.options import PATH, BeamSize, evaluation_options, int8_option
from seq2seq.config import parse
from seq2seq.data.lint import Lint
from seq2seq.data.readers import read_whole_rows
from seq2seq.errors import ConfigError
from seq2seq.evaluation import (
    Comparison,
    Estimate,
    LengthBand,
    MistakeKind,
    by_kind,
    by_length,
    corpus_scores,
    output_statistics,
    paired_bootstrap,
)
from seq2seq.evaluation.searches import SearchComparison, compare_searches, save_searches
from seq2seq.evaluation.stored import length_scores, save_lengths
from seq2seq.explain.leaks import load_seen
from seq2seq.explain.novelty import NoveltyGroup, by_novelty
from seq2seq.search import SearchOptions
from seq2seq.translation import Translation
from seq2seq.translator import Translator


@click.command()
@evaluation_options
@click.option("--against", type=PATH, metavar="FOLDER", help="Compare with this checkpoint.")
@click.option("--against-beam", type=BeamSize, metavar="N", help="Beam of the other side.  [default: --beam-size]")
@click.option(
    "--mistakes", "examples", type=click.IntRange(0), metavar="N",
    help="Sort outputs that differ from their reference by kind of mistake; show N of each.",
)  # fmt: skip
@click.option("--save-lengths", "save", is_flag=True, help="Save the scores by length in the checkpoint folder.")
@click.option("--save-searches", "keep", is_flag=True, help="Save a comparison of beam and greedy search there.")
@int8_option
@click.argument("pairs", type=PATH, metavar="PAIRS.tsv")
def evaluate(
    folder: Path,
    beam_size: int,
    alpha: float | None,
    against: Path | None,
    against_beam: int | None,
    device: str,
    int8: bool,
    examples: int | None,
    save: bool,
    keep: bool,
    pairs: Path,
) -> None:
    """Translate the sources of PAIRS.tsv (source<TAB>target lines; .gz too) and measure against the targets.

    Prints the scores by length of the source, and how many outputs are empty or were cut off. The last line
    has BLEU and chrF by sacreBLEU, on the unchanged text of the file, with the signatures to cite them by.
    Where `index` was run, the scores are also split into sources that were seen in training, are near to a
    training source (one word inserted, deleted or substituted) and are new.

    --against compares with another checkpoint, --against-beam with another beam size (of the same checkpoint,
    without --against), by paired bootstrap resampling: p is how likely so large a difference is by chance.
    The other side never computes in int8, so --int8 with --against the same folder shows what int8 costs.

    --mistakes names kinds by simple rules (a number, a name, a negation, words missing or repeated, ...), which
    can be wrong, and shows the outputs of each kind that share the least with their reference.

    --save-lengths writes lengths.json into FOLDER, from which the app draws its comparison of attentions.
    --save-searches translates greedily too and writes searches.json: both searches' scores with a paired
    bootstrap, and the sentences that they translate differently, for the app to browse.

    \b
    Examples:
      python -m seq2seq evaluate --model checkpoints/fr-en --beam-size 5 data/fr-en/test.tsv
      python -m seq2seq evaluate --model models/new --against checkpoints/fr-en data/fr-en/valid.tsv
      python -m seq2seq evaluate --model checkpoints/fr-en --against-beam 1 data/fr-en/valid.tsv
      python -m seq2seq evaluate --model checkpoints/fr-en --save-searches data/fr-en/test.tsv
    """
    if keep and beam_size == 1:
        raise ConfigError("--save-searches compares greedy with a beam; give --beam-size 2 or more.")
    languages = languages_of(folder)
    table, lint = read_whole_rows(pairs, languages), Lint(str(pairs), languages)
    read = list(lint.watch(table.rows))
    for sentence in (*table.notes, *lint.warnings()):
        warn(sentence)
    sources, references = [pair.source for pair in read], [pair.target for pair in read]
    model = Translator.load(folder, device, int8=int8)
    model.require_translatable(sources)
    seen = load_seen(folder)
    # The other side is loaded first too: a wrong folder fails before any work.
    other = None if against is None and against_beam is None else Translator.load(against or folder, device)
    found = _translations(model, sources, beam_size, alpha)
    texts = [one.text for one in found]
    bands = by_length(sources, texts, references)
    click.echo(_length_table(bands))
    used = model.config.alpha if alpha is None else alpha
    if save:
        save_lengths(folder, length_scores(folder, bands, test=pairs.name, beam_size=beam_size, alpha=used))
    if keep:
        greedy = [one.text for one in _translations(model, sources, 1, alpha)]
        compared_searches = compare_searches(
            folder, sources, references, greedy, texts, test=pairs.name, beam_size=beam_size, alpha=used
        )
        save_searches(folder, compared_searches)
        click.echo("\n" + _searches_line(compared_searches))
    if seen is not None:
        click.echo("\n" + _novelty_table(by_novelty(seen, sources, texts, references)))
    if examples is not None:
        kinds = by_kind(sources, texts, references, model.config.target)
        click.echo("\n" + _mistakes_table(kinds, len(read)) + _examples(kinds, examples))
    outputs = output_statistics(texts, [one.finished for one in found], references)
    click.echo(
        f"\nempty outputs {outputs.empty:.2%}   cut off {outputs.cut_off:.2%}   "
        f"length ratio {outputs.length_ratio:.3f}"
    )
    if other is not None:
        baseline = _translations(other, sources, against_beam or beam_size, alpha)
        compared = paired_bootstrap(texts, [one.text for one in baseline], references)
        names = [f"{model.name}, beam {beam_size}", f"{other.name}, beam {against_beam or beam_size}"]
        click.echo("\n" + _comparison_table(compared, names))
    click.echo(f"\n{corpus_scores(texts, references)}")


def _translations(
    model: Translator, sources: Sequence[str], beam_size: int, alpha: float | None
) -> list[Translation]:
    chosen = {"kind": "beam", "size": beam_size, "alpha": model.config.alpha if alpha is None else alpha}
    options = parse(SearchOptions, {"mode": chosen}, "The options")
    results = model.stream(sources, options)
    bar = tqdm(results, total=len(sources), unit=" lines", desc=model.name, disable=hide_progress(), leave=False)
    return [best[0] for best in bar]


def _length_table(bands: Sequence[LengthBand]) -> str:
    lines = [f"{'source words':>12}  {'pairs':>7}  {'BLEU':>6}  {'chrF2':>6}"]
    for band in bands:
        words = f"{band.shortest}+" if band.longest is None else f"{band.shortest}-{band.longest}"
        scores = f"{band.scores.bleu:>6.2f}  {band.scores.chrf:>6.2f}" if band.scores else f"{'-':>6}  {'-':>6}"
        lines.append(f"{words:>12}  {band.pairs:>7,}  {scores}")
    return "\n".join(lines)


def _novelty_table(groups: Sequence[NoveltyGroup]) -> str:
    lines = [f"{'in training':>12}  {'pairs':>7}  {'BLEU':>6}  {'chrF2':>6}"]
    for group in groups:
        scores = f"{group.scores.bleu:>6.2f}  {group.scores.chrf:>6.2f}" if group.scores else f"{'-':>6}  {'-':>6}"
        lines.append(f"{group.novelty:>12}  {group.pairs:>7,}  {scores}")
    return "\n".join(lines)


def _mistakes_table(kinds: Sequence[MistakeKind], pairs: int) -> str:
    lines = [f"{'mistake':>22}  {'outputs':>7}  {'share':>6}"]
    lines += [f"{kind.name:>22}  {len(kind.mistakes):>7,}  {len(kind.mistakes) / pairs:>6.1%}" for kind in kinds]
    return "\n".join(lines)


def _examples(kinds: Sequence[MistakeKind], count: int) -> str:
    lines = []
    for kind in kinds:
        for mistake in kind.mistakes[:count]:
            sides = ("source", mistake.source), ("output", mistake.output), ("reference", mistake.reference)
            lines += ["", kind.name, *(f"  {name:9}  {text}" for name, text in sides)]
    return "\n".join(["", *lines]) if lines else ""


def _comparison_table(compared: Sequence[Comparison], names: Sequence[str]) -> str:
    width = max(map(len, names))
    lines = ["Paired bootstrap resampling; the interval holds 95 % of the resampled test sets."]
    for one in compared:
        lines.append(f"{one.metric}  ({one.signature})")
        for name, estimate in zip(names, (one.system, one.baseline), strict=True):
            lines.append(f"  {name:{width}}  {_shown(estimate)}")
        gain = one.system.score - one.baseline.score
        verdict = "hardly by chance" if one.p < 0.05 else "may well be chance"
        lines.append(f"  {'difference':{width}}  {gain:+6.2f}  p = {one.p:.4f}, {verdict}")
    return "\n".join(lines)


def _searches_line(compared: SearchComparison) -> str:
    gains = "; ".join(f"{m.metric} {m.greedy:.2f} to {m.beam:.2f}, p = {m.p:.4f}" for m in compared.metrics)
    return f"greedy to beam {compared.beam_size}: {gains}; {compared.share:.1%} of the sentences differ"


def _shown(estimate: Estimate) -> str:
    low, high = estimate.mean - estimate.half, estimate.mean + estimate.half
    return f"{estimate.score:6.2f}  mean {estimate.mean:.2f}, interval {low:.2f} to {high:.2f}"
