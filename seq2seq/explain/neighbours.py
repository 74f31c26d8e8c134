"""Nearest training states: where the model has been in a similar state before (Strobelt et al. 2018, Seq2Seq-Vis).

A training state belongs to a position in a sentence that was run with forced decoding: on the target side it is
the decoder state or context after that many pieces, on the source side the encoder state of a piece. `build.py`
makes the index; here it is queried, written and read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from seq2seq.checkpoint_config import SOURCE, TARGET
from seq2seq.errors import ConfigError, ShapeError
from seq2seq.explain.index_files import NEIGHBOURS_FILE, index_folder
from seq2seq.explain.pca import PcaProjection, squared_distances
from seq2seq.explain.states import STATE_KINDS, StateKind
from seq2seq.explain.storage import FileMetadata, Shape, check_tensors, damaged, read_file, write_file
from seq2seq.explain.words import split_at_source, split_at_target
from seq2seq.text import Tokenizer

Side = Literal["source", "target"]
SIDES: tuple[Side, ...] = ("source", "target")
SIDE_OF: Mapping[StateKind, Side] = {"decoder": "target", "context": "target", "encoder": "source"}


class NeighboursRecord(FileMetadata):
    """Metadata of an index, with its recall."""

    format: Literal[1] = 1
    kinds: tuple[StateKind, ...]
    recall: dict[StateKind, float]
    """Recall at 10: share of the ten nearest by full vectors that are among the ten nearest by stored ones, over
    queries from training sentences held out of the index."""
    queries: int = Field(ge=1)
    """Queries of each kind that recall was measured on."""


class Sentences(NamedTuple):
    """Token ids of many sentences, concatenated; sentence i has ids[starts[i] : starts[i + 1]]."""

    ids: Tensor  # (tokens,)
    starts: Tensor  # (sentences + 1,)

    def sentence(self, number: int) -> list[int]:
        """Return the ids of a sentence."""
        start, end = self.starts[number : number + 2].tolist()
        ids: list[int] = self.ids[start:end].tolist()
        return ids


class Space(NamedTuple):
    """The stored vectors of one kind, a row for each state of its side."""

    projection: PcaProjection
    codes: Tensor  # (states, dimensions / 2), bytes

    def vectors(self) -> Tensor:
        """Return the reduced vectors, (states, dimensions)."""
        return self.projection.decode(self.codes)


@dataclass(frozen=True)
class Neighbours:
    """An index of training states.

    positions: for each side (states, 2), sentence and position. On the target side the position is the number of
    pieces read, on the source side the index of the piece.
    """

    record: NeighboursRecord
    spaces: Mapping[StateKind, Space]
    positions: Mapping[Side, Tensor]
    sentences: Mapping[Side, Sentences]
    tokenizers: Mapping[Side, Tokenizer]


class Neighbour(NamedTuple):
    """A training position as text. before + word + after is the sentence of its side."""

    sentence: int
    position: int
    before: str
    word: str  # the last word read; on the target side empty before the first word
    after: str
    next: str  # the next word ("·ing" for the rest of a partly read word), "</s>" at the end
    source: str
    target: str
    distance: float  # Euclidean, in the reduced space


def nearest_neighbors(index: Neighbours, kind: StateKind, vectors: Tensor, k: int = 10) -> list[list[Neighbour]]:
    """Return the k nearest neighbours of each of vectors (rows, width), nearest first; ties: the first stored.

    Exact among the stored vectors. Raises ConfigError if the index has no such kind, ShapeError for another width.
    """
    rows, distances = find(index, kind, vectors, k)
    return [
        [describe(index, kind, row, distance) for row, distance in zip(near, away, strict=True)]
        for near, away in zip(rows.tolist(), distances.tolist(), strict=True)
    ]


def find(index: Neighbours, kind: StateKind, vectors: Tensor, k: int = 10) -> tuple[Tensor, Tensor]:
    """Return the rows of the k nearest neighbours of each vector, and their distances; both (rows, k)."""
    space = space_of(index, kind, vectors)
    distances = squared_distances(space.projection.reduce(vectors.float()), space.vectors())
    values, rows = distances.sort(dim=1, stable=True)
    return rows[:, :k], values[:, :k].sqrt()


def space_of(index: Neighbours, kind: StateKind, vectors: Tensor) -> Space:
    """Return the space of a kind. Raises ConfigError if there is none, ShapeError if the vectors don't fit."""
    if kind not in index.spaces:
        has = ", ".join(index.spaces)
        raise ConfigError(f"This model's index has no states of the kind {kind}; it has {has}.")
    space = index.spaces[kind]
    width = len(space.projection.mean)
    if vectors.dim() != 2 or vectors.shape[1] != width:
        raise ShapeError(f"The {kind} vectors are {tuple(vectors.shape)}, the index expects (rows, {width}).")
    return space


def describe(index: Neighbours, kind: StateKind, row: int, distance: float) -> Neighbour:
    """Return the training position in a row of a kind, as text."""
    side = SIDE_OF[kind]
    sentence, position = index.positions[side][row].tolist()
    ids = {each: index.sentences[each].sentence(sentence) for each in SIDES}
    pieces = index.tokenizers[side].pieces(ids[side])
    before, word, after, following = (split_at_target if side == "target" else split_at_source)(pieces, position)
    source, target = (index.tokenizers[each].decode(ids[each]) for each in SIDES)
    return Neighbour(sentence, position, before, word, after, following, source, target, distance)


def save_neighbours(folder: Path, index: Neighbours) -> None:
    """Write an index next to the checkpoint folder that it was made for."""
    tensors = {}
    for kind, space in index.spaces.items():
        tensors[f"{kind}.codes"] = space.codes
        tensors[f"{kind}.mean"] = space.projection.mean
        tensors[f"{kind}.components"] = space.projection.components.half()
        tensors[f"{kind}.spread"] = space.projection.spread
    for side in SIDES:
        tensors[f"{side}.moments"] = index.positions[side].int()
        tensors[f"{side}.ids"], tensors[f"{side}.starts"] = (part.int() for part in index.sentences[side])
    write_file(index_folder(folder) / NEIGHBOURS_FILE, tensors, index.record)


def load_neighbours(folder: str | Path) -> Neighbours | None:
    """Return the index next to a checkpoint folder, None if there is none (see `how_to_make`).

    Raises CheckpointError if it is damaged, or was made for other weights.
    """
    path = index_folder(folder) / NEIGHBOURS_FILE
    if not path.is_file():
        return None
    tensors, record = read_file(path, NeighboursRecord)
    _check_shapes(path, tensors, record.kinds)
    tokenizers: dict[Side, Tokenizer] = {
        "source": Tokenizer.load(Path(folder) / SOURCE),
        "target": Tokenizer.load(Path(folder) / TARGET),
    }
    sentences = {side: Sentences(tensors[f"{side}.ids"], tensors[f"{side}.starts"]) for side in SIDES}
    positions = {side: tensors[f"{side}.moments"] for side in SIDES}
    for side in SIDES:
        _check_sentences(path, side, sentences[side], positions[side], len(tokenizers[side]))
    if len(sentences["source"].starts) != len(sentences["target"].starts):
        raise damaged(path, "its two sides differ in sentences")
    spaces = {}
    for kind in record.kinds:
        mean, components, spread, codes = (
            tensors[f"{kind}.{name}"] for name in ("mean", "components", "spread", "codes")
        )
        spaces[kind] = Space(PcaProjection(mean, components.float(), spread), codes)
    return Neighbours(record, spaces, positions, sentences, tokenizers)


def _check_shapes(path: Path, tensors: Mapping[str, Tensor], kinds: Sequence[StateKind]) -> None:
    if (
        not {"decoder", "encoder"} <= set(kinds)
        or len(set(kinds)) != len(kinds)
        or not set(kinds) <= set(STATE_KINDS)
    ):
        raise damaged(path, f"its kinds are {', '.join(kinds) or 'none'}")
    shapes = {}
    for side in SIDES:
        shapes[f"{side}.moments"] = Shape(torch.int32, (-1, 2))
        shapes[f"{side}.ids"] = Shape(torch.int32, (-1,))
        shapes[f"{side}.starts"] = Shape(torch.int32, (-1,))
    for kind in kinds:
        components = tensors.get(f"{kind}.components")
        if components is None or components.dim() != 2 or components.shape[0] % 2:
            raise damaged(path, f"{kind}.components are missing or misshapen")
        dimensions, width = components.shape
        positions = tensors.get(f"{SIDE_OF[kind]}.moments")
        shapes[f"{kind}.components"] = Shape(torch.float16, (dimensions, width))
        shapes[f"{kind}.mean"] = Shape(torch.float32, (width,))
        shapes[f"{kind}.spread"] = Shape(torch.float32, (dimensions,))
        shapes[f"{kind}.codes"] = Shape(torch.uint8, (0 if positions is None else len(positions), dimensions // 2))
    check_tensors(path, tensors, shapes)


def _check_sentences(path: Path, side: Side, sentences: Sentences, positions: Tensor, vocabulary: int) -> None:
    """Raise CheckpointError if ids, sentences or positions are out of range."""
    ids, starts = sentences
    lengths = starts.diff()
    if len(starts) < 2 or int(starts[0]) != 0 or int(starts[-1]) != len(ids) or bool((lengths < 0).any()):
        raise damaged(path, f"the {side} sentences do not fit their tokens")
    if bool(((ids < 0) | (ids >= vocabulary)).any()):
        raise damaged(path, f"a {side} token is outside of the vocabulary")
    number, position = positions.long().unbind(1)
    if len(positions) == 0 or bool(((number < 0) | (number >= len(lengths)) | (position < 0)).any()):
        raise damaged(path, f"a {side} state belongs to no sentence")
    if bool((position > lengths[number]).any()):
        raise damaged(path, f"a {side} state is beyond the end of its sentence")
