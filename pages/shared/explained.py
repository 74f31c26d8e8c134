"""What models are asked about a translation, remembered for a while; see `models` for the searches themselves."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from pages.shared import models
from seq2seq import explain
from seq2seq.checkpoint import CheckpointConfig, read_config
from seq2seq.errors import Seq2SeqError
from seq2seq.evaluation.atlas import Atlas, read_atlas
from seq2seq.evaluation.searches import SearchComparison, read_searches
from seq2seq.evaluation.stored import LengthScores, read_lengths
from seq2seq.explain import Attributions, Duel, Neighbour, Neighbours, Side, StateMap, Surgery
from seq2seq.explain.moments import Kind
from seq2seq.explain.neighbours import FILE
from seq2seq.search import SearchOptions
from seq2seq.trace import Edit, Trace
from seq2seq.translator import Translator


def attributions(name: str, text: str, before: Sequence[int], asked: Sequence[int]) -> Attributions:
    """Return what each source word was worth to the target tokens `asked` that follow `before`."""
    translator = models.load(name)
    return _attributions(translator, translator.checkpoint.digest, text, tuple(before), tuple(asked))


@st.cache_data(max_entries=300, show_spinner=False)
def _attributions(
    _translator: Translator, digest: str, text: str, before: tuple[int, ...], asked: tuple[int, ...]
) -> Attributions:
    return explain.attribute(_translator, text, before, asked)


def operated(name: str, text: str, options: SearchOptions, edit: Edit, old: Sequence[int] | None) -> Surgery:
    """Return what an edit's attention rows change; old: tokens of the translation to compare with."""
    translator = models.load(name)
    kept = None if old is None else tuple(old)
    asked = options.model_dump_json(), edit.model_dump_json()
    return _operated(translator, translator.checkpoint.digest, text, *asked, kept)


@st.cache_data(max_entries=200, show_spinner=False)
def _operated(
    _translator: Translator, digest: str, text: str, options: str, edit: str, old: tuple[int, ...] | None
) -> Surgery:
    made = Edit.model_validate_json(edit)
    asked = SearchOptions.model_validate_json(options)
    return explain.operate(_translator, text, asked, made.prefix, made.rows, old)


def how_to_make_neighbours(name: str) -> str:
    """Return the sentence that says how the file of training moments is made."""
    folder = models.available()[name]
    shown = Path("checkpoints", folder.name) if folder.parent == models.SHIPPED else folder
    return explain.how_to_make(shown, FILE)


def nearest(name: str, trace: Trace, leaf: int, kind: Kind, place: int) -> list[Neighbour]:
    """Return the ten training moments nearest to one of the moments on the way to `leaf`, counted from 0."""
    translator, index = models.load(name), models.neighbours(name)
    tokens = tuple(trace.nodes.token[node] for node in trace.path(leaf))
    key = (translator.checkpoint.digest, trace.source.text, tokens, kind, place)
    return [] if index is None else _nearest(translator, index, trace, leaf, key)


@st.cache_data(max_entries=500, show_spinner=False)
def _nearest(
    _translator: Translator,
    _index: Neighbours,
    _trace: Trace,
    _leaf: int,
    key: tuple[str, str, tuple[int, ...], Kind, int],
) -> list[Neighbour]:
    *_, kind, place = key
    vectors = explain.trace_moments(_translator, _trace, _leaf).of(kind)
    if vectors is None:
        return []
    return explain.nearest(_index, kind, vectors[place : place + 1])[0]


def state_map(name: str, trace: Trace, leaf: int, kind: Kind) -> StateMap | None:
    """Return the map of all moments on the way to `leaf` among training moments; None without the file."""
    translator, index = models.load(name), models.neighbours(name)
    tokens = tuple(trace.nodes.token[node] for node in trace.path(leaf))
    key = (translator.checkpoint.digest, trace.source.text, tokens, kind)
    return None if index is None else _state_map(translator, index, trace, leaf, key)


@st.cache_data(max_entries=100, show_spinner=False)
def _state_map(
    _translator: Translator,
    _index: Neighbours,
    _trace: Trace,
    _leaf: int,
    key: tuple[str, str, tuple[int, ...], Kind],
) -> StateMap | None:
    kind = key[-1]
    vectors = explain.trace_moments(_translator, _trace, _leaf).of(kind)
    return None if vectors is None else explain.state_map(_index, kind, vectors)


def duel(one: tuple[str, Trace, int], other: tuple[str, Trace, int]) -> Duel:
    """Return two outputs side by side, each given by its model, its search and its place among the outputs."""
    sides = [Side(models.load(name), trace, place) for name, trace, place in (one, other)]
    key = tuple(
        (side.translator.checkpoint.digest, side.trace.model_dump_json(exclude={"nodes"}), side.place)
        for side in sides
    )
    return _duel(sides[0], sides[1], key)


@st.cache_data(max_entries=100, show_spinner=False)
def _duel(_one: Side, _other: Side, key: tuple[tuple[str, str, int], ...]) -> Duel:
    return explain.duel(_one, _other)


def alike(name: str) -> dict[str, CheckpointConfig]:
    """Return the models, `name` among them and no damaged ones, that translate between its languages."""
    found = {}
    for other, folder in models.available().items():
        try:
            found[other] = read_config(folder)
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
    return read_lengths(models.available()[name])


def searches(name: str) -> SearchComparison | None:
    """Return what beam search changes on the model's test set, or None if its folder does not keep that.

    Raises CheckpointError if the file is damaged, or made for other weights.
    """
    folder = models.available()[name]
    return _searches(str(folder), models.load(name).checkpoint.digest, models.newest(folder))


@st.cache_resource(max_entries=4, show_spinner=False)
def _searches(folder: str, digest: str, made: int) -> SearchComparison | None:
    return read_searches(Path(folder))


def atlas(name: str) -> Atlas | None:
    """Return what beam sizes and length penalties are worth to the model, or None if its folder does not say.

    Raises CheckpointError if the file is damaged, or made for other weights.
    """
    return read_atlas(models.available()[name])
