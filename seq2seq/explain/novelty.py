"""Test scores split by the leak lamp: sources seen in training, one word away from one that was, and new."""

from collections.abc import Sequence
from typing import NamedTuple

from seq2seq.evaluation import Scores, corpus_scores
from seq2seq.explain.leaks import NOVELTIES, Novelty, SeenSet


class NoveltyGroup(NamedTuple):
    """The scores of the test sentences of one kind."""

    novelty: Novelty
    pairs: int
    scores: Scores | None  # with signatures; None: there is no such sentence


def by_novelty(
    seen: SeenSet, sources: Sequence[str], hypotheses: Sequence[str], references: Sequence[str]
) -> list[NoveltyGroup]:
    """Return BLEU and chrF of the seen, near and new sources, always in this order."""
    novelties = [seen.classify(source).novelty for source in sources]
    groups = []
    for novelty in NOVELTIES:
        chosen = [i for i, one in enumerate(novelties) if one == novelty]
        scores = corpus_scores([hypotheses[i] for i in chosen], [references[i] for i in chosen]) if chosen else None
        groups.append(NoveltyGroup(novelty, len(chosen), scores))
    return groups
