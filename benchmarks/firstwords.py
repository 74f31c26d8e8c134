"""Quality on the first sentences that people type: their name, town and age, prices, addresses, capitals.

python -m benchmarks.firstwords checkpoints/fr-en [--beam-size 5] [--examples 2]

Prints a table by kind: how many sentences keep their key words (names, places, digits and the like, in the form of
the target language), and how many have a chrF of 60 or more against a reference. The sentences are
in benchmarks/firstwords.tsv, written by hand before any training that targets them. They are for evaluation only:
no recipe reads them, and no template or list is derived from them.
"""

import argparse
import csv
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from sacrebleu.metrics.chrf import CHRF

from seq2seq.search import Beam
from seq2seq.translator import Translator

FILE = Path(__file__).with_suffix(".tsv")
GOOD = 60.0  # chrF of a sentence
_SEPARATOR = re.compile(r"(?<=\d)[\s.,\u00a0\u202f](?=\d)")


class First(NamedTuple):
    """A sentence that somebody types first, its translation, and its key words."""

    kind: str
    french: str
    english: str
    keys: tuple[tuple[str, tuple[str, ...]], ...]  # French, and the accepted English forms

    def side(self, language: str) -> str:
        """Return the sentence in a language."""
        return self.french if language == "fr" else self.english

    def wanted(self, language: str) -> list[tuple[str, ...]]:
        """Return for each key word its accepted forms in a translation into a language."""
        return [(french,) if language == "fr" else english for french, english in self.keys]


def read(file: Path = FILE) -> list[First]:
    """Return the sentences of a file of kind, French, English and key words (`fr=en;other en`, separated by |)."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [First(row["kind"], row["french"], row["english"], _keys(row["keys"] or "")) for row in rows]


def _keys(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = []
    for key in filter(None, text.split("|")):
        french, _, english = key.partition("=")
        found.append((french, tuple((english or french).split(";"))))
    return tuple(found)


def keeps(output: str, forms: Sequence[str], *, capitals: bool = False) -> bool:
    """Return whether an output contains one of some forms, as whole words; digit grouping is ignored."""
    return any(_holds(output, form, capitals) for form in forms)


def _holds(output: str, form: str, capitals: bool) -> bool:
    if not any(map(str.isalnum, form)):  # emoji and dots
        return form in output
    output, form = (_plain(text) if capitals else _plain(text).casefold() for text in (output, form))
    if any(map(str.isdigit, form)):
        output, form = (_SEPARATOR.sub("", text) for text in (output, form))
    return re.search(rf"(?<!\w){re.escape(form)}(?!\w)", output) is not None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


class Judged(NamedTuple):
    """The evaluation of one sentence."""

    first: First
    output: str
    kept: bool
    chrf: float


def judge(firsts: Sequence[First], outputs: Sequence[str], language: str) -> list[Judged]:
    """Return how good each output is; language: of the outputs."""
    chrf = CHRF()
    return [
        Judged(
            first,
            output,
            all(keeps(output, forms, capitals=first.kind == "capitals") for forms in first.wanted(language)),
            chrf.sentence_score(output, [first.side(language)]).score,
        )
        for first, output in zip(firsts, outputs, strict=True)
    ]


def table(judged: Sequence[Judged]) -> str:
    """Return a Markdown table by kind, with a last row for all."""
    kinds = dict.fromkeys(one.first.kind for one in judged)
    lines = ["| kind | sentences | keep their key words | chrF of 60 or more |", "| --- | --- | --- | --- |"]
    for kind in (*kinds, "all"):
        rows = [one for one in judged if kind in (one.first.kind, "all")]
        keyed = [one for one in rows if one.first.keys]
        kept = f"{sum(one.kept for one in keyed) / len(keyed):.0%}" if keyed else "–"
        good = sum(one.chrf >= GOOD for one in rows) / len(rows)
        lines.append(f"| {kind} | {len(rows)} | {kept} | {good:.0%} |")
    return "\n".join(lines)


def main() -> None:
    """Measure a model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--beam-size", type=int, default=5)
    parser.add_argument("--examples", type=int, default=0, help="failures to show of each kind")
    asked = parser.parse_args()
    model = Translator.load(asked.model)
    source, target = model.config.source, model.config.target
    if {source, target} != {"fr", "en"}:
        parser.error(f"{asked.model} translates {source} to {target}; the sentences are French and English")
    firsts = read()
    options = model.options(Beam(size=asked.beam_size, alpha=model.config.alpha))
    outputs = [one.text for one in model.translate([first.side(source) for first in firsts], options)]
    judged = judge(firsts, outputs, target)
    print(table(judged))
    for kind in dict.fromkeys(first.kind for first in firsts):
        failed = [one for one in judged if one.first.kind == kind and not (one.kept and one.chrf >= GOOD)]
        for one in failed[: asked.examples]:
            print(f"\n{kind}: {one.first.side(source)}")
            print(f"  output     {one.output}\n  reference  {one.first.side(target)}")


if __name__ == "__main__":
    main()
