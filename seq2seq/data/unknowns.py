"""Rare words sometimes replaced by the unknown token, so that a word-level model learns how to translate it.

A vocabulary with every training word leaves its unknown token without examples. So in some pairs the rarest word
and its translation are both replaced, as if the vocabulary had ended before them (the idea of Luong et al. 2015b,
section 3.1, with word pairs found by co-occurrence).
"""

import random
from collections import Counter
from collections.abc import Sequence

from seq2seq.text import UNKNOWN, Tokenizer

_SURE = 0.5  # Dice's coefficient from which two words count as each other's translation


class RareWordMasker:
    """A word dictionary from the source to the target vocabulary, and the masking of rare words by it."""

    def __init__(
        self,
        sources: Sequence[Sequence[int]],
        targets: Sequence[Sequence[int]],
        vocabularies: tuple[Tokenizer, Tokenizer],
    ) -> None:
        """sources, targets: the ids of training pairs, without start and end."""
        words = [
            {i for i, text in enumerate(each.vocabulary()) if i > UNKNOWN and any(map(str.isalpha, text))}
            for each in vocabularies
        ]
        self._counts: Counter[int] = Counter()
        target_counts: Counter[int] = Counter()
        together: Counter[tuple[int, int]] = Counter()
        for source, target in zip(sources, targets, strict=True):
            ours, theirs = words[0].intersection(source), words[1].intersection(target)
            self._counts.update(ours)
            target_counts.update(theirs)
            together.update((one, other) for one in ours for other in theirs)
        best: dict[int, tuple[float, int]] = {}
        for (one, other), count in together.items():
            dice = 2 * count / (self._counts[one] + target_counts[other])
            if dice >= _SURE:
                best[one] = max(best.get(one, (0.0, 0)), (dice, other))
        self.translations = {one: other for one, (_, other) in best.items()}

    def mask_rare(
        self, sources: list[list[int]], targets: list[list[int]], share: float, seed: str
    ) -> tuple[list[list[int]], list[list[int]]]:
        """Return the pairs of one epoch: in a share of them the rarest word is unknown on both sides."""
        generator = random.Random(seed)
        shown_sources, shown_targets = list(sources), list(targets)
        for row, (source, target) in enumerate(zip(sources, targets, strict=True)):
            if generator.random() >= share:
                continue
            known = [one for one in source if self.translations.get(one, -1) in target]
            if known:
                one = min(known, key=lambda word: (self._counts[word], word))
                shown_sources[row] = [UNKNOWN if word == one else word for word in source]
                other = self.translations[one]
                shown_targets[row] = [UNKNOWN if word == other else word for word in target]
        return shown_sources, shown_targets
