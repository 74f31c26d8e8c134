"""Kinds of mistakes in outputs, by human-readable rules: a first sorting before manual analysis."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sacrebleu.metrics.chrf import CHRF

from seq2seq.text import normalise

_FAR = 40.0  # sentence chrF2 under which an output that no rule matches shares little with its reference
_NEGATIONS = {
    "en": re.compile(r"\b(?:not|never|no|none|nobody|nothing|nowhere|neither|nor|cannot|without)\b|n't\b", re.I),
    "fr": re.compile(r"\b(?:ne|pas|jamais|rien|personne|aucune?|non|ni|sans)\b|\bn'", re.I),
}
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


class Mistake(NamedTuple):
    """One output that differs from its reference."""

    source: str
    output: str
    reference: str


class MistakeKind(NamedTuple):
    """Outputs of one kind, those with the lowest sentence chrF2 first. An output may be of several kinds."""

    name: str
    mistakes: list[Mistake]


def by_kind(
    sources: Sequence[str], outputs: Sequence[str], references: Sequence[str], target: str
) -> list[MistakeKind]:
    """Return the outputs that differ from their references, by what is wrong with them.

    target: language code; negation is checked in English and French only. The last two kinds take what no rule
    matches: outputs that share little with the reference, and those that may be as good as it.
    """
    found: dict[str, list[tuple[float, Mistake]]] = {name: [] for name in [*_RULES, "negation", *_REST]}
    metric = CHRF()
    for mistake in map(Mistake, sources, outputs, references):
        if normalise(mistake.output) == normalise(mistake.reference):  # French output has its spaces restored
            continue
        nearness = metric.sentence_score(mistake.output, [mistake.reference]).score
        names = [name for name, wrong in _RULES.items() if wrong(mistake)]
        names += ["negation"] if _negation(mistake, target) else []
        for name in names or [_REST[nearness >= _FAR]]:
            found[name].append((nearness, mistake))
    return [
        MistakeKind(name, [mistake for _, mistake in sorted(ones, key=lambda one: one[0])])
        for name, ones in found.items()
    ]


def _numbers(one: Mistake) -> bool:
    """Return whether the output's numbers differ from the source's, while the reference has the same ones."""
    source, output, reference = (Counter(re.findall(r"\d+", text)) for text in one)
    return source == reference and output != reference


def _names(one: Mistake) -> bool:
    """Return whether a capitalised word that source and reference share is missing."""
    source, output, reference = (set(_WORD.findall(text)) for text in one)
    return any(word[0].isupper() and len(word) > 1 and word not in output for word in source & reference)


def _question(one: Mistake) -> bool:
    """Return whether source and reference agree on whether this is a question, and the output does not."""
    source, output, reference = (text.rstrip().endswith("?") for text in one)
    return source == reference != output


def _repeats(one: Mistake) -> bool:
    return _stutters(one.output) and not _stutters(one.reference)


def _stutters(text: str) -> bool:
    """Return whether one to three words come twice in a row."""
    words = [word.lower() for word in _WORD.findall(text)]
    return any(
        words[place : place + size] == words[place + size : place + 2 * size]
        for size in (1, 2, 3)
        for place in range(len(words) - 2 * size + 1)
    )


def _too_short(one: Mistake) -> bool:
    return _shorter(one.output, one.reference)


def _too_long(one: Mistake) -> bool:
    return _shorter(one.reference, one.output)


def _shorter(one: str, other: str) -> bool:
    """Return whether `one` has less than six tenths of the other's words, and at least three fewer."""
    few, many = (len(_WORD.findall(text)) for text in (one, other))
    return few < 0.6 * many and many - few >= 3


def _negation(one: Mistake, target: str) -> bool:
    """Return whether exactly one of output and reference has a negation."""
    pattern = _NEGATIONS.get(target)
    return pattern is not None and bool(pattern.search(one.output)) != bool(pattern.search(one.reference))


_RULES: dict[str, Callable[[Mistake], bool]] = {
    "number": _numbers,
    "name": _names,
    "question or statement": _question,
    "repeated words": _repeats,
    "words missing": _too_short,
    "words added": _too_long,
}
_REST = ("far from the reference", "other wording")
