"""Forced decoding scores of whole lines: source sentences aligned with the target parts that translate them."""

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple, Protocol

from seq2seq.errors import EmptySourceError, SourceTooLongError
from seq2seq.search import LONGEST_OUTPUT
from seq2seq.text import Prepared, Tokenizer, split_sentences

_MAX_WORDS = 40  # longest target that is split at words; the number of candidate spans grows with its square


class Scorer(Protocol):
    """The methods of `Translator` that scoring needs."""

    def segments(self, text: str) -> list[str]:
        """Return the segments of a source as they are translated."""

    def prepared(self, sentence: str) -> Prepared:
        """Return a sentence as the model is given it."""

    def forced(self, sources: Sequence[list[int]], targets: Sequence[list[int]]) -> list[list[float]]:
        """Return the natural log-probability of each target token, </s> included."""

    @property
    def vocabularies(self) -> tuple[Tokenizer, Tokenizer]:
        """The tokenizers of source and target."""


class _Part(NamedTuple):
    source: str
    target: str


def score_pairs(scorer: Scorer, pairs: Sequence[tuple[str, str]]) -> list[list[float]]:
    """Return the natural log-probability of each target token, every </s> included, for each pair.

    Raises EmptySourceError and SourceTooLongError as `Translator.score`.
    """
    source, target = scorer.vocabularies
    parts = [given_parts(scorer, *pair) for pair in pairs]
    flat = [part for each in parts for part in each]
    sources = source.encode_all([part.source for part in flat])
    targets = target.encode_all([part.target for part in flat])
    for ids, part in zip(targets, flat, strict=True):
        if len(ids) >= LONGEST_OUTPUT:
            raise SourceTooLongError(
                f"The target “{part.target[:30]}…” has {len(ids):,} pieces and no translation has "
                f"{LONGEST_OUTPUT:,}; put stops into it, or take the line out."
            )
    found = iter(scorer.forced(sources, targets))
    return [[value for _ in each for value in next(found)] for each in parts]


def given_parts(scorer: Scorer, source: str, target: str) -> list[_Part]:
    """Return `aligned_parts` as the model is given them, with placeholders for what a target has in common."""
    found = []
    for part in aligned_parts(scorer, source, target):
        prepared = scorer.prepared(part.source)
        found.append(_Part(prepared.masked.text, prepared.reference(part.target)))
    return found


def aligned_parts(scorer: Scorer, source: str, target: str) -> list[_Part]:
    """Return the sentences of a source, as they are translated, each with its part of the target.

    With equally many sentences on both sides they are paired in order. Otherwise the target is split (at sentence
    ends, or at words where it has fewer sentences) so that the total log-probability is highest.
    Raises EmptySourceError if the source is empty, SourceTooLongError as `segments`.
    """
    sources = scorer.segments(source)
    if not sources:
        raise EmptySourceError("A pair has an empty source, which can't be scored; take it out.")
    if len(sources) == 1:
        return [_Part(sources[0], target)]
    pieces = split_sentences(target)
    if len(pieces) == len(sources):
        return [_Part(one, other) for one, other in zip(sources, pieces, strict=True)]
    if len(pieces) < len(sources):
        pieces = target.split()
    searched = len(pieces) <= _MAX_WORDS
    cuts = _most_probable_cuts(scorer, sources, pieces) if searched else _proportional(sources, len(pieces))
    return [_Part(one, " ".join(pieces[a:b])) for one, a, b in zip(sources, cuts, cuts[1:], strict=False)]


def _proportional(sources: Sequence[str], count: int) -> list[int]:
    """Return cut positions among `count` pieces, proportional to the lengths of the sources."""
    ends = list(accumulate(map(len, sources)))
    return [0, *(round(count * end / ends[-1]) for end in ends)]


def _most_probable_cuts(scorer: Scorer, sources: Sequence[str], pieces: Sequence[str]) -> list[int]:
    """Return the most probable cut positions of the sources' parts among `pieces`, by dynamic programming."""
    count = len(pieces)
    spans = [(a, b) for a in range(count + 1) for b in range(a, count + 1)]
    texts = [" ".join(pieces[a:b]) for a, b in spans]
    source, target = scorer.vocabularies
    best: dict[int, tuple[float, list[int]]] = {0: (0.0, [0])}
    for sentence in sources:
        prepared = scorer.prepared(sentence)
        ids = source.encode(prepared.masked.text)
        targets = target.encode_all([prepared.reference(text) for text in texts])
        totals = [sum(row) for row in scorer.forced([ids] * len(targets), targets)]
        following: dict[int, tuple[float, list[int]]] = {}
        for (a, b), total in zip(spans, totals, strict=True):
            if a in best:
                whole = best[a][0] + total
                if b not in following or whole > following[b][0]:
                    following[b] = (whole, [*best[a][1], b])
        best = following
    return best[count][1]
