"""Prepares pairs and vocabularies for training."""

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeVar

import torch

from seq2seq.checkpoint import read_checkpoint
from seq2seq.data.batches import Batch, batches
from seq2seq.data.grammar import generate
from seq2seq.data.languages import Languages
from seq2seq.data.lint import Lint, valid_warnings
from seq2seq.data.noise import as_typed
from seq2seq.data.pairs import Pair
from seq2seq.data.readers import read_pairs, read_whole_rows
from seq2seq.data.unknowns import RareWordMasker
from seq2seq.errors import ConfigError
from seq2seq.text import KnownWords, Masking, Tokenizer, normalise, with_ligatures
from seq2seq.training.recipe import Recipe

T = TypeVar("T")


class Vocabularies(NamedTuple):
    """The tokenizers of both sides."""

    source: Tokenizer
    target: Tokenizer


class Corpus(NamedTuple):
    """Normalised pairs for training and for validation."""

    train: list[Pair]
    valid: list[Pair]


def read_corpus(recipe: Recipe) -> Corpus:
    """Return the recipe's pairs. Raises DataError for a bad file, ConfigError if nothing is left."""
    if recipe.data.grammar:
        count = recipe.data.grammar
        pairs = generate(count + recipe.data.valid_pairs, recipe.training.seed)
        return Corpus(pairs[:count], pairs[count:])
    languages = Languages(recipe.data.source, recipe.data.target)
    train, valid = _read(recipe.data.train, languages), _read(recipe.data.valid, languages)
    for side in ("source", "target"):
        texts = {getattr(pair, side) for pair in train}
        if len(texts) == 1 and len(set(train)) > 1:
            raise ConfigError(
                f"All {len(train):,} training pairs have the {side} {texts.pop()[:40]!r}, so there is nothing to "
                "learn; check the columns of data.train."
            )
    return Corpus(train, evenly(valid, recipe.data.valid_pairs))


def corpus_warnings(recipe: Recipe) -> list[str]:
    """Return warnings about the recipe's files; none stops a training. Raises DataError if one can't be read."""
    if recipe.data.grammar:
        return []
    languages = Languages(recipe.data.source, recipe.data.target)
    found: list[str] = []
    parts: list[list[Pair]] = []
    for paths in (recipe.data.train, recipe.data.valid):
        parts.append([])
        for path in paths:
            table, lint = read_whole_rows(path, languages), Lint(str(path), languages)
            parts[-1] += [Pair(row.source, row.target) for row in lint.watch(table.rows)]
            found += [*table.notes, *lint.warnings()]
    return [*found, *valid_warnings(*parts)]


def _read(paths: Sequence[Path], languages: Languages) -> list[Pair]:
    pairs = [
        Pair(*(with_ligatures(normalise(side), code) for side, code in zip(pair, languages, strict=True)))
        for path in paths
        for pair in read_pairs(path, languages)
    ]
    pairs = [pair for pair in pairs if pair.source and pair.target]
    if not pairs:
        names = ", ".join(str(path) for path in paths)
        raise ConfigError(f"{names} has no pairs; name files with source<TAB>target lines.")
    return pairs


def evenly(pairs: Sequence[T], count: int) -> list[T]:
    """Return at most `count` of the pairs (or other items), evenly spaced."""
    if len(pairs) <= count:
        return list(pairs)
    return [pairs[i * len(pairs) // count] for i in range(count)]


def make_vocabularies(recipe: Recipe, train: Sequence[Pair], masking: Masking | None = None) -> Vocabularies:
    """Return tokenizers learnt from the pairs, or those of the checkpoint that training starts from.

    train: with placeholders, if the recipe has them. masking: for the pairs of `text.pairs`.
    Raises DataError if a file of pairs can't be read.
    """
    start = recipe.initialise_from
    kept = read_checkpoint(start.checkpoint) if start and start.vocabularies == "kept" else None
    text = recipe.text
    if text.pairs:
        train = masked_pairs(_read(text.pairs, Languages(recipe.data.source, recipe.data.target)), masking)

    def learnt(texts: Iterator[str], size: int, key: str) -> Tokenizer:
        return Tokenizer.train(texts, text.kind, size, key, placeholders=masking is not None)

    sources, targets = (pair.source for pair in train), (pair.target for pair in train)
    if text.joint and not kept:
        both = learnt(chain(sources, targets), text.source_size, "text.source_size")
        return Vocabularies(both, both)
    if kept and start and "encoder" in start.parts:
        source = kept.source
    else:
        source = learnt(sources, text.source_size, "text.source_size")
    if kept and start and "decoder" in start.parts:
        target = kept.target
    else:
        target = learnt(targets, text.target_size, "text.target_size")
    return Vocabularies(source, target)


def make_masking(recipe: Recipe, train: Sequence[Pair]) -> Masking | None:
    """Return what puts placeholders into the recipe's pairs; None if it has none.

    The known words are those of the training sources, or of the checkpoint whose vocabularies are kept; that one
    also decides whether there are placeholders. Raises ConfigError if the recipe asks for them and it has none.
    """
    start = recipe.initialise_from
    kept = read_checkpoint(start.checkpoint) if start and start.vocabularies == "kept" else None
    if start and kept and recipe.text.placeholders and not kept.known:
        raise ConfigError(
            f"The vocabularies of {start.checkpoint} have no placeholders; "
            'leave text.placeholders out, or learn new ones (initialise_from.vocabularies = "learnt").'
        )
    if kept and kept.known:
        known = kept.known
    elif recipe.text.placeholders:
        known = KnownWords.of(train, recipe.text.rare_name)
    else:
        return None
    return Masking(recipe.data.source, recipe.data.target, known)


def masked_pairs(pairs: Sequence[Pair], masking: Masking | None) -> list[Pair]:
    """Return pairs with placeholders; as they are without `masking`."""
    return [Pair(*masking.pair(*pair)) for pair in pairs] if masking else list(pairs)


class EpochBatches:
    """The batches of any epoch, the same on each call."""

    def __init__(
        self,
        recipe: Recipe,
        train: Sequence[Pair],
        vocabularies: Vocabularies,
        processes: int = 1,
        masking: Masking | None = None,
        unmasked: Sequence[Pair] | None = None,
    ) -> None:
        """processes: how many share a batch, which is that many times the recipe's size.
        masking: with placeholders in `train`, what puts more of them into `unmasked`, the same pairs without.

        Raises ConfigError if every pair is longer than the recipe allows, or BPE-dropout is set for a vocabulary
        without merges.
        """
        self._tokens = recipe.training.batch_tokens * processes
        self._recipe = recipe
        self._vocabularies = vocabularies
        self._masking = masking
        sources = vocabularies.source.encode_all([pair.source for pair in train])
        targets = vocabularies.target.encode_all([pair.target for pair in train])
        longest = recipe.data.longest
        fits = [i for i, (s, t) in enumerate(zip(sources, targets, strict=True)) if max(len(s), len(t)) <= longest]
        if not fits:
            raise ConfigError(f"No training pair has at most {longest} pieces a side; raise data.longest.")
        dropouts = {"source": recipe.text.source_dropout, "target": recipe.text.target_dropout}
        for (side, dropout), vocabulary in zip(dropouts.items(), vocabularies, strict=True):
            if dropout and not vocabulary.has_merges:
                raise ConfigError(f"text.{side}_dropout needs a vocabulary of the kind bpe; leave it out.")
        self._pairs = [train[i] for i in fits]
        self._unmasked = [unmasked[i] for i in fits] if unmasked else self._pairs
        self._sources = [sources[i] for i in fits]
        self._targets = [targets[i] for i in fits]
        asked = recipe.text.unknown and not vocabularies.source.has_bytes and not vocabularies.target.has_bytes
        words = recipe.text.kind == "word" and asked
        self._rare = RareWordMasker(self._sources, self._targets, vocabularies) if words else None

    def epoch(self, number: int) -> Iterator[Batch]:
        """Yield the batches of epoch `number`, counted from 0; its noise and order follow from the seed."""
        seed = (self._recipe.training.seed * 100_003 + number) % 2**31
        generator = torch.Generator().manual_seed(seed)
        yield from batches(*self._ids(number, seed), self._tokens, generator)

    def _ids(self, number: int, seed: int) -> tuple[list[list[int]], list[list[int]]]:
        """Return the ids of this epoch's sources and targets."""
        source, target = self._vocabularies
        text = self._recipe.text
        sources, targets = list(self._sources), list(self._targets)
        masked = self._often_masked(f"{self._recipe.training.seed}-{number}-masked")
        for index, pair in masked.items():
            sources[index], targets[index] = source.encode(pair.source), target.encode(pair.target)
        noisy = self._noisy_sources(f"{self._recipe.training.seed}-{number}", masked)
        if text.source_dropout:
            shown = [noisy.get(i, masked.get(i, pair).source) for i, pair in enumerate(self._pairs)]
            sources = source.encode_dropped(shown, text.source_dropout, seed)
        else:
            for index, ids in zip(noisy, source.encode_all(list(noisy.values())), strict=True):
                sources[index] = ids
        if text.target_dropout:
            shown = [masked.get(i, pair).target for i, pair in enumerate(self._pairs)]
            targets = target.encode_dropped(shown, text.target_dropout, seed + 1)
        if self._rare is not None:
            name = f"{self._recipe.training.seed}-{number}-unknown"
            return self._rare.mask_rare(sources, targets, text.unknown, name)
        return sources, targets

    def _often_masked(self, seed: str) -> dict[int, Pair]:
        """Return the pairs that have more placeholders in this epoch, by index."""
        share = self._recipe.text.masked
        if self._masking is None or share == 0:
            return {}
        generator = random.Random(seed)
        places = {i: generator.getrandbits(8) for i in range(len(self._pairs)) if generator.random() < share}
        return {i: Pair(*self._masking.pair(*self._unmasked[i], often)) for i, often in places.items()}

    def _noisy_sources(self, seed: str, masked: Mapping[int, Pair]) -> dict[int, str]:
        """Return the sources that have typing noise in this epoch, by index."""
        share = self._recipe.data.noise
        if share == 0:
            return {}
        generator = random.Random(seed)
        places = [i for i in range(len(self._pairs)) if generator.random() < share]
        sources = {i: masked.get(i, self._pairs[i]).source for i in places}
        return {i: as_typed(source, generator) or source for i, source in sources.items()}
