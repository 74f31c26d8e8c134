"""What models are asked about a translation, remembered for a while; see `models` for the searches themselves."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from pages.shared import models
from pages.shared.answers import Named, remembered
from seq2seq import explain
from seq2seq.checkpoint import CheckpointConfig
from seq2seq.errors import Seq2SeqError
from seq2seq.evaluation.atlas import Atlas, read_atlas
from seq2seq.evaluation.searches import SearchComparison, read_searches
from seq2seq.evaluation.stored import LengthScores, read_lengths
from seq2seq.explain import Attributions, Duel, Neighbour, Neighbours, Side, StateMap, Surgery, index_folder
from seq2seq.explain.moments import Kind
from seq2seq.explain.neighbours import FILE
from seq2seq.search import SearchOptions
from seq2seq.trace import Edit, Trace
from seq2seq.translator import Translator


def attributions(name: str, text: str, before: Sequence[int], asked: Sequence[int]) -> Attributions:
    """Return what each source word was worth to the target tokens `asked` that follow `before`."""
    return _attributions(models.named(name), text, tuple(before), tuple(asked))


@remembered()
def _attributions(
    model: Named[Translator], text: str, before: tuple[int, ...], asked: tuple[int, ...]
) -> Attributions:
    return explain.attribute(model.value, text, before, asked)


def operated(name: str, text: str, options: SearchOptions, edit: Edit, old: Sequence[int] | None) -> Surgery:
    """Return what an edit's attention rows change; old: tokens of the translation to compare with."""
    return _operated(models.named(name), text, options, edit, None if old is None else tuple(old))


@remembered()
def _operated(
    model: Named[Translator], text: str, options: SearchOptions, edit: Edit, old: tuple[int, ...] | None
) -> Surgery:
    return explain.operate(model.value, text, options, edit.prefix, edit.rows, old)


def how_to_make_neighbours(name: str) -> str:
    """Return the sentence that says how the file of training moments is made."""
    folder = models.folder(name)
    shown = Path("checkpoints", folder.name) if folder.parent == models.SHIPPED else folder
    return explain.how_to_make(shown, FILE)


def _index(name: str) -> Named[Neighbours] | None:
    """Return the model's index of training moments, None without it."""
    found = models.neighbours(name)
    place = index_folder(models.folder(name))
    return None if found is None else Named(found, f"{place} {models.newest(place)}")


def nearest(name: str, trace: Trace, leaf: int, kind: Kind, place: int) -> list[Neighbour]:
    """Return the ten training moments nearest to one of the moments on the way to `leaf`, counted from 0."""
    index = _index(name)
    return [] if index is None else _nearest(models.named(name), index, trace, leaf, kind, place)


@remembered()
def _nearest(
    model: Named[Translator], index: Named[Neighbours], trace: Trace, leaf: int, kind: Kind, place: int
) -> list[Neighbour]:
    vectors = explain.trace_moments(model.value, trace, leaf).of(kind)
    if vectors is None:
        return []
    return explain.nearest(index.value, kind, vectors[place : place + 1])[0]


def state_map(name: str, trace: Trace, leaf: int, kind: Kind) -> StateMap | None:
    """Return the map of all moments on the way to `leaf` among training moments; None without the file."""
    index = _index(name)
    return None if index is None else _state_map(models.named(name), index, trace, leaf, kind)


@remembered()
def _state_map(
    model: Named[Translator], index: Named[Neighbours], trace: Trace, leaf: int, kind: Kind
) -> StateMap | None:
    vectors = explain.trace_moments(model.value, trace, leaf).of(kind)
    return None if vectors is None else explain.state_map(index.value, kind, vectors)


def duel(one: tuple[str, Trace, int], other: tuple[str, Trace, int]) -> Duel:
    """Return two outputs side by side, each given by its model, its search and its place among the outputs."""
    first, second = ((models.named(name), trace, place) for name, trace, place in (one, other))
    return _duel(first, second)


@remembered()
def _duel(one: tuple[Named[Translator], Trace, int], other: tuple[Named[Translator], Trace, int]) -> Duel:
    return explain.duel(*(Side(model.value, trace, place) for model, trace, place in (one, other)))


def alike(name: str) -> dict[str, CheckpointConfig]:
    """Return the models, `name` among them and no damaged ones, that translate between its languages."""
    found = {}
    for other in models.available():
        try:
            found[other] = models.config(other)
        except Seq2SeqError:
            continue  # the list of models says that it is damaged
    own = found.get(name)
    return {
        other: config
        for other, config in found.items()
        if own is not None and (config.source, config.target) == (own.source, own.target)
    }


def lengths(name: str) -> LengthScores | None:
    """Return the test scores of a model by length of the source, or None if they were not kept."""
    return read_lengths(models.folder(name))


def searches(name: str) -> SearchComparison | None:
    """Return what beam search changes on the model's test set, or None if its folder does not keep that.

    Raises CheckpointError if the file is damaged, or made for other weights.
    """
    folder = models.folder(name)
    return _searches(str(folder), models.load(name).checkpoint.digest, models.newest(folder))


@st.cache_resource(max_entries=4, show_spinner=False)
def _searches(folder: str, digest: str, made: int) -> SearchComparison | None:
    return read_searches(Path(folder))


def atlas(name: str) -> Atlas | None:
    """Return what beam sizes and length penalties are worth to the model, or None if its folder does not say.

    Raises CheckpointError if the file is damaged, or made for other weights.
    """
    return read_atlas(models.folder(name))
