"""Splitting into train, valid and test without a sentence in common, in either language.

Pairs that share a sentence, directly or through a chain of pairs, form a group, which goes to one file as a
whole. Nothing is drawn at random: a group's file follows from the smallest hash among its sentences, so a
corpus splits the same way on every machine, in both directions, and when it grows, except for groups that gain
a sentence with a smaller hash.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Literal, NamedTuple

from seq2seq.data.languages import Languages
from seq2seq.data.pairs import Pair
from seq2seq.text import normalise

Side = Literal["train", "valid", "test"]

HELD_OUT_SHARE = 0.05  # of the groups, for each of valid and test
# One chain of "Yes." and "OK." can join a large part of a subtitle corpus; held out, it would not be a sample.
LARGEST_HELD_OUT = 1000  # pairs

_HASH_BYTES = 16  # the first half orders, the second picks the side: a minimum is not uniformly distributed


class _Fold(dict[int, str]):
    """Maps punctuation, symbols, spaces and control characters to a space, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = " " if unicodedata.category(character)[0] in "PSZC" else character
        return self[code]


_FOLD = _Fold()


def sentence_key(text: str) -> str:
    """Return a key that is equal for sentences that differ only in case, punctuation and spaces."""
    normal = normalise(text)
    return " ".join(normal.casefold().translate(_FOLD).split()) or normal


def sentence_hash(language: str, text: str) -> bytes:
    """Return a hash of the sentence's key; the same text in two languages is two sentences."""
    return blake2b(f"{language}\t{sentence_key(text)}".encode(), digest_size=_HASH_BYTES).digest()


class Hashed(NamedTuple):
    """A pair with the hashes of its sentences."""

    pair: Pair
    source: bytes
    target: bytes


def hashed(pairs: Iterable[Pair], languages: Languages) -> Iterator[Hashed]:
    """Return each pair with its hashes."""
    for pair in pairs:
        yield Hashed(
            pair, sentence_hash(languages.source, pair.source), sentence_hash(languages.target, pair.target)
        )


class Split(NamedTuple):
    """The side of each pair, in order, and the number of groups per side."""

    sides: list[Side]
    groups: dict[Side, int]


def split(pairs: Sequence[Hashed]) -> Split:
    """Return the side of each pair, such that pairs on different sides share no sentence."""
    number: dict[bytes, int] = {}
    for pair in pairs:
        number.setdefault(pair.source, len(number))
        number.setdefault(pair.target, len(number))
    roots = _roots(len(number), ((number[pair.source], number[pair.target]) for pair in pairs))
    smallest: dict[int, bytes] = {}
    for digest, index in number.items():
        root = roots[index]
        smallest[root] = min(smallest.get(root, digest), digest)
    sizes = dict.fromkeys(smallest, 0)
    for pair in pairs:
        sizes[roots[number[pair.source]]] += 1
    side_of = {
        root: _side(digest) if sizes[root] <= LARGEST_HELD_OUT else "train" for root, digest in smallest.items()
    }
    groups: dict[Side, int] = {"train": 0, "valid": 0, "test": 0}
    for side in side_of.values():
        groups[side] += 1
    return Split([side_of[roots[number[pair.source]]] for pair in pairs], groups)


def _roots(count: int, edges: Iterable[tuple[int, int]]) -> list[int]:
    """Return for each of `count` nodes the smallest node that edges join it to (union-find, path halving)."""
    parent = list(range(count))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in edges:
        low, high = sorted((root(a), root(b)))
        parent[high] = low
    return [root(node) for node in range(count)]


def _side(digest: bytes) -> Side:
    draw = int.from_bytes(digest[_HASH_BYTES // 2 :]) / 256 ** (_HASH_BYTES // 2)
    if draw < HELD_OUT_SHARE:
        return "valid"
    return "test" if draw < 2 * HELD_OUT_SHARE else "train"


def one_reference(pairs: Iterable[Hashed]) -> list[Hashed]:
    """Return one pair for each source sentence, in order of first occurrence: the one with the smallest hash.

    So nothing is scored twice. Which translation is kept does not depend on the order or on other pairs.
    """
    best: dict[bytes, Hashed] = {}
    for pair in pairs:
        rival = best.get(pair.source)
        if rival is None or _order(pair) < _order(rival):
            best[pair.source] = pair
    return list(best.values())


def _order(pair: Hashed) -> bytes:
    # Hashes the text, not the key: two references may differ only in punctuation.
    return blake2b("\t".join(pair.pair).encode(), digest_size=_HASH_BYTES).digest()


def without_shared(pairs: Iterable[Hashed], held_out: Iterable[Hashed]) -> list[Hashed]:
    """Return the pairs that share no sentence with `held_out`."""
    taken = {digest for pair in held_out for digest in (pair.source, pair.target)}
    return [pair for pair in pairs if pair.source not in taken and pair.target not in taken]
