"""Building an index of training states: sample pairs, run forced decoding, reduce by PCA, measure recall."""

import hashlib
import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from seq2seq.data import Pair
from seq2seq.errors import DataError
from seq2seq.explain.neighbours import SIDE_OF, SIDES, Neighbours, NeighboursRecord, Sentences, Side, Space
from seq2seq.explain.pca import fit, recall, squared_distances
from seq2seq.explain.states import STATE_KINDS, StateKind, decoding_states
from seq2seq.segments import LONGEST_SOURCE
from seq2seq.text import normalise
from seq2seq.translator import Translator

MOMENTS = 10_000  # per side; with two states per sentence and 288 components of four bits that is 5.8 MB
PAIRS = MOMENTS // 2
HELD_OUT = 500  # held-out pairs, whose states measure recall
DIMENSIONS = 288
_QUERIES = 1_000
_BATCH = 64  # pairs per batch


class Ids(NamedTuple):
    """Pairs as token ids, without start and end."""

    source: list[list[int]]
    target: list[list[int]]

    def part(self, start: int, end: int) -> "Ids":
        """Return the pairs from `start` to `end`."""
        return Ids(self.source[start:end], self.target[start:end])


def sample_pairs(pairs: Iterable[Pair], count: int, seed: int = 0) -> list[Pair]:
    """Return `count` pairs with different sources (all, if there are fewer), sampled by a hash of source and seed.

    Reads `pairs` once and holds `count` of them; the result does not depend on their order.
    """
    kept: dict[int, Pair] = {}
    worst: list[int] = []  # a heap of negated keys, the largest key on top
    for pair in pairs:
        source = f"{seed}\t{normalise(pair.source)}".encode("utf-8", "ignore")
        key = int.from_bytes(hashlib.blake2b(source, digest_size=8).digest(), "big")
        if key in kept:
            kept[key] = min(kept[key], pair)
        elif len(kept) < count:
            kept[key] = pair
            heapq.heappush(worst, -key)
        elif key < -worst[0]:
            del kept[-heapq.heapreplace(worst, -key)]
            kept[key] = pair
    return [kept[key] for key in sorted(kept)]


def build_neighbours(
    translator: Translator,
    pairs: Sequence[Pair],
    *,
    count: int = MOMENTS,
    watch: Callable[[int], object] | None = None,
) -> Neighbours:
    """Return an index of `count` states of each side (fewer, if there are fewer) of these pairs.

    The last eleventh of the pairs is held out: its states query their ten nearest neighbours, once among full
    vectors and once among the stored ones; the overlap is recorded as recall. watch: gets the number of pairs done.
    Raises DataError if fewer than two pairs are short enough to run.
    """
    ids = _encoded(translator, pairs)
    inside = len(ids.source) - max(1, len(ids.source) // 11)
    kept, held = ids.part(0, inside), ids.part(inside, len(ids.source))
    generator = torch.Generator().manual_seed(0)
    chosen = {side: sample_positions(getattr(kept, side), count, generator) for side in SIDES}
    query_positions = {side: sample_positions(getattr(held, side), _QUERIES, generator) for side in SIDES}
    full = collect(translator, kept, chosen, watch)
    queries = collect(translator, held, query_positions, watch)
    spaces, recalls = {}, {}
    for kind, vectors in full.items():
        spaces[kind] = _space(vectors)
        recalls[kind] = round(_recall(spaces[kind], vectors, queries[kind]), 3)
    return Neighbours(
        record=NeighboursRecord(
            weights=translator.checkpoint.digest,
            kinds=tuple(full),
            recall=recalls,
            queries=min(len(places) for places in query_positions.values()),
        ),
        spaces=spaces,
        positions=chosen,
        sentences={side: _joined(getattr(kept, side)) for side in SIDES},
        tokenizers={"source": translator.checkpoint.source, "target": translator.checkpoint.target},
    )


def _encoded(translator: Translator, pairs: Sequence[Pair]) -> Ids:
    """Return the pairs that are short enough to run. Raises DataError if there are fewer than two.

    Pairs with placeholders are left out: their sentences could not be shown.
    """
    pair_of = translator.checkpoint.preparation.pair
    pairs = [pair for pair in pairs if pair_of(*pair) == pair]
    sources = translator.checkpoint.source.encode_all([pair.source for pair in pairs])
    targets = translator.checkpoint.target.encode_all([pair.target for pair in pairs])
    short = [
        (source, target)
        for source, target in zip(sources, targets, strict=True)
        if source and target and max(len(source), len(target)) <= LONGEST_SOURCE
    ]
    if len(short) < 2:
        raise DataError(
            f"Of {len(pairs)} training pairs {len(short)} can be indexed, and two is the least (a pair needs words "
            f"on both sides, at most {LONGEST_SOURCE} pieces each); name a file with more."
        )
    return Ids([source for source, _ in short], [target for _, target in short])


def sample_positions(sentences: Sequence[Sequence[int]], count: int, generator: torch.Generator) -> Tensor:
    """Return `count` positions (count, 2), sampled uniformly without replacement, sorted; all, if there are fewer.

    A sentence of n pieces has n + 1 positions.
    """
    lengths = torch.tensor([len(ids) + 1 for ids in sentences])
    places = torch.randperm(int(lengths.sum()), generator=generator)[:count].sort().values
    ends = lengths.cumsum(0)
    sentence = torch.searchsorted(ends, places, right=True)
    return torch.stack([sentence, places - (ends - lengths)[sentence]], 1)


def collect(
    translator: Translator, ids: Ids, chosen: Mapping[Side, Tensor], watch: Callable[[int], object] | None = None
) -> dict[StateKind, Tensor]:
    """Return the vectors (positions, width) at the chosen positions, by kind, without holding any others."""
    rows = {side: _by_sentence(chosen[side]) for side in SIDES}
    found: dict[StateKind, Tensor] = {}
    order = sorted(range(len(ids.source)), key=lambda i: (len(ids.target[i]), len(ids.source[i])))
    for first in range(0, len(order), _BATCH):
        part = order[first : first + _BATCH]
        memory = translator.encode([ids.source[i] for i in part])
        results = decoding_states(translator.model.decoder, memory, [ids.target[i] for i in part])
        for number, result in zip(part, results, strict=True):
            for kind in STATE_KINDS:
                vectors = result.of(kind)
                side = SIDE_OF[kind]
                own = rows[side].get(number)
                if vectors is None or own is None:
                    continue
                if kind not in found:
                    found[kind] = torch.empty(len(chosen[side]), vectors.shape[1])
                found[kind][own] = vectors[chosen[side][own, 1]].float()
        if watch is not None:
            watch(len(part))
    return {kind: found[kind] for kind in STATE_KINDS if kind in found}


def _by_sentence(chosen: Tensor) -> dict[int, list[int]]:
    """Return the rows of `chosen` that belong to each sentence."""
    rows: dict[int, list[int]] = {}
    for row, number in enumerate(chosen[:, 0].tolist()):
        rows.setdefault(number, []).append(row)
    return rows


def _space(vectors: Tensor) -> Space:
    projection = fit(vectors, DIMENSIONS)
    return Space(projection, projection.encode(projection.reduce(vectors)))


def _recall(space: Space, vectors: Tensor, queries: Tensor) -> float:
    k = min(10, len(vectors))
    wanted = squared_distances(queries, vectors).topk(k, largest=False).indices
    reduced = space.projection.reduce(queries)
    return recall(squared_distances(reduced, space.vectors()).topk(k, largest=False).indices, wanted)


def _joined(sentences: Sequence[Sequence[int]]) -> Sentences:
    lengths = torch.tensor([0, *map(len, sentences)])
    return Sentences(torch.tensor([token for ids in sentences for token in ids]), lengths.cumsum(0))
