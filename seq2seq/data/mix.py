"""A training file mixed from many sets of pairs, by weight, without the sentences to be tested on."""

import random
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from seq2seq.config import Paths, Settings
from seq2seq.data.clean import Rules, clean
from seq2seq.data.exchange import Exchange, read_entries
from seq2seq.data.frames import framed
from seq2seq.data.languages import Languages
from seq2seq.data.pairs import Pair
from seq2seq.data.readers import read_table
from seq2seq.data.split import sentence_key
from seq2seq.data.synthetic import sentences
from seq2seq.text import mask_pair


class PairSet(Settings):
    """[[set]]: pairs to take from."""

    file: Path
    """A table of pairs, .gz too."""
    columns: tuple[str, ...] | None = None
    """The languages of its columns, as in ["en", "fr"]; without them they are source and target."""
    weight: float = Field(1.0, gt=0, le=100)
    """How often each pair is taken: 2 twice, 0.3 three in ten."""


class Mix(Settings):
    """The sets of pairs that make up a training file."""

    source: str
    """Language code of the source."""
    target: str
    """Language code of the target."""
    set: tuple[PairSet, ...] = Field(min_length=1)
    """The sets of pairs."""
    without: Paths = ()
    """Files of pairs to be tested on: a pair that has a sentence of theirs, on either side, is left out."""
    entries: Paths = ()
    """Tables of english, french and kind (female, male, family, city, country, language ...): names to exchange."""
    exchanged: float = Field(1.0, ge=0, le=20)
    """How many copies with other names are made of each pair with a name that can be exchanged."""
    most_exchanged: int = Field(60_000, ge=0)
    """The most pairs that are made so."""
    framed: int = Field(0, ge=0)
    """How many pairs are made of sentence frames with the entries, with months, weekdays and amounts."""
    figures: float = Field(1.0, gt=0, le=100)
    """How many times as often a pair is taken that has a figure, address or emoji on both sides: few have."""
    seed: int = 1
    """Seed of the draws."""


class SetCount(NamedTuple):
    """How many pairs a set had, after cleaning and without those to be tested on, and how many lines it became."""

    name: str
    pairs: int
    held_out: int
    taken: int


class Mixed(NamedTuple):
    """Mixed pairs in a random order, and their origins."""

    pairs: list[Pair]
    counts: list[SetCount]


def mix(recipe: Mix) -> Mixed:
    """Return the pairs of a mix. Raises DataError if a file can't be read."""
    languages = Languages(recipe.source, recipe.target)
    held_out = sentences(recipe.without)
    generator = random.Random(recipe.seed)
    counts: list[SetCount] = []
    taken: list[Pair] = []
    seen: dict[Pair, None] = {}
    for each in recipe.set:
        rows = read_table(str(each.file), languages, each.columns or languages).rows
        pairs = clean(rows, Rules()).pairs
        fresh = _fresh(pairs, held_out)
        before = len(taken)
        for pair in fresh:
            weight = each.weight * (recipe.figures if _has_figures(pair, languages) else 1)
            taken += [pair] * _times(weight, generator)
        seen |= dict.fromkeys(fresh)
        counts.append(SetCount(each.file.name, len(fresh), len(pairs) - len(fresh), len(taken) - before))
    entries = read_entries(recipe.entries)
    if entries:
        made = _fresh(_exchanged(list(seen), Exchange(entries, languages), recipe, generator), held_out)
        generator.shuffle(made)
        made = made[: recipe.most_exchanged]
        counts.append(SetCount("with other names", len(made), 0, len(made)))
        taken += made
    if recipe.framed:
        made = _fresh(framed(entries, recipe.framed, generator, languages), held_out)
        counts.append(SetCount("sentence frames", len(made), 0, len(made)))
        taken += made
    generator.shuffle(taken)
    return Mixed(taken, counts)


def _fresh(pairs: Iterable[Pair], held_out: Container[str]) -> list[Pair]:
    """Return the pairs without a sentence that is to be tested on."""
    return [pair for pair in pairs if not any(sentence_key(text) in held_out for text in pair)]


def _has_figures(pair: Pair, languages: Languages) -> bool:
    return mask_pair(*pair, languages) != pair


def _times(weight: float, generator: random.Random) -> int:
    return int(weight) + (generator.random() < weight % 1)


def _exchanged(pairs: Sequence[Pair], exchange: Exchange, recipe: Mix, generator: random.Random) -> Iterator[Pair]:
    kinds: Counter[str] = Counter()
    for pair in pairs:
        for _ in range(_times(recipe.exchanged, generator)):
            changed = exchange.exchanged(pair, generator)
            if changed is not None:
                kinds["pairs"] += 1
                yield changed
