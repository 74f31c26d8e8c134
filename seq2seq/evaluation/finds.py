"""Sentences worth looking at, found for a model and stored next to it: one kind of behaviour each."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from seq2seq.config import Settings
from seq2seq.evaluation.folder_records import TestRecord, read_record, save_record
from seq2seq.trace.schema import Trace

FILE = "finds.json"
Way = Literal["winner", "first", "kept"]


class Branch(Settings):
    """A node of a search's tree as it is sketched, without its word."""

    parent: Annotated[int, Field(ge=-1)]
    step: Annotated[int, Field(ge=0)]
    way: Way
    """On the winner's way, on the way of greedy search alone, or only kept for a while."""


class Find(Settings):
    """A sentence and what to look at in its searches."""

    kind: str
    title: str
    source: str
    look: str
    """What to look at, in one sentence."""
    tree: tuple[Branch, ...] = Field(min_length=1)
    """The nodes that greedy or beam search kept; the root first, and parents before their children."""

    @model_validator(mode="after")
    def _is_a_tree(self) -> Self:
        if any(not -1 < node.parent < place for place, node in enumerate(self.tree) if place):
            raise ValueError("a node of a sketch comes before its parent")
        return self


class Finds(TestRecord):
    """What finds.json holds."""

    format: Literal[1] = 1
    finds: tuple[Find, ...]


def sketch(greedy: Trace, beam: Trace) -> tuple[Branch, ...]:
    """Return the tree of what two searches of one source kept; equal beginnings are one branch."""
    found = [Branch(parent=-1, step=0, way="winner")]
    places: dict[tuple[int, ...], int] = {(): 0}
    for trace, own in ((beam, "winner"), (greedy, "first")):
        nodes = trace.nodes
        best = set(trace.path(trace.best.leaf))
        prefixes: dict[int, tuple[int, ...]] = {0: ()}
        for node in range(1, len(nodes)):
            if nodes.status[node] == "pruned" or nodes.parent[node] not in prefixes:
                continue
            prefixes[node] = (*prefixes[nodes.parent[node]], nodes.token[node])
            way: Way = "kept" if node not in best else "winner" if own == "winner" else "first"
            place = places.setdefault(prefixes[node], len(found))
            if place == len(found):
                found.append(Branch(parent=places[prefixes[node][:-1]], step=nodes.step[node], way=way))
            elif found[place].way == "kept" and way == "first":
                found[place] = found[place].model_copy(update={"way": way})
    return tuple(found)


def save_finds(folder: Path, finds: Finds) -> None:
    """Write the record into the checkpoint folder. Raises CheckpointError if the place can't be written."""
    save_record(folder, FILE, finds)


def read_finds(folder: Path) -> Finds | None:
    """Return the record of a checkpoint folder, None if it has none.

    Raises CheckpointError if it is damaged, or made for other weights than those of the folder.
    """
    return read_record(folder, FILE, Finds, "finds --save")
