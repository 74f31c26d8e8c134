"""Cached model computations about a search, and which of them a visitor has requested."""

from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import heavy, models, records, sessions
from pages.shared.cache import Keyed, cached
from pages.shared.sessions import Source
from seq2seq import explain
from seq2seq.search import SearchOptions
from seq2seq.trace import Edit, Trace

if TYPE_CHECKING:
    from seq2seq.explain import (
        AlphaInterval,
        AlphaSearch,
        Arithmetic,
        Attributions,
        Autopsy,
        Duel,
        FreeRun,
        ModelsBest,
        Neighbour,
        Neighbours,
        PlantedError,
        StateMap,
        Surgery,
        Walk,
        Width,
    )
    from seq2seq.explain.states import StateKind
    from seq2seq.training.sampling import Flip


def request(question: str, trace: Trace, answer: int = 1) -> None:
    """Note that the visitor has requested `question` for this trace, with the parameter `answer`."""
    st.session_state[f"asked_{question}"] = (_digest(trace), answer)


def requested(question: str, trace: Trace) -> int | None:
    """Return the noted parameter, or None if it is of another trace or was never requested."""
    about, answer = st.session_state.get(f"asked_{question}", ("", 0))
    return answer if about == _digest(trace) else None


def _digest(trace: Trace) -> str:
    return sha256(trace.to_json().encode()).hexdigest()


# -- about a search ------------------------------------------------------------------------------------------------


def alpha_searches(model: str, trace: Trace, intervals: Sequence["AlphaInterval"]) -> tuple["AlphaSearch", ...]:
    """Return what a new search finds in the middle of each interval."""
    return _alpha_searches(sessions.about(model, trace), trace, tuple(intervals))


@cached("Searching again …")
def _alpha_searches(
    source: Source, trace: Trace, intervals: tuple["AlphaInterval", ...]
) -> tuple["AlphaSearch", ...]:
    return explain.search_intervals(source.value(), trace, intervals)


def sweep(model: str, trace: Trace) -> tuple["Width", ...]:
    """Return the winner of each width; times are those of the first, uncached call."""
    return heavy.ask("Searching with each width …", None, _sweep, sessions.about(model, trace), trace)


@cached()
def _sweep(source: Source, trace: Trace) -> tuple["Width", ...]:
    return explain.sweep(source.value(), trace, clock=heavy.step, progress=heavy.step)


def autopsy(model: str, trace: Trace, expected: str) -> "Autopsy":
    """Return why the search did or did not end with the expected output."""
    return _autopsy(sessions.about(model, trace), trace, expected)


@cached("Following the expected output …")
def _autopsy(source: Source, trace: Trace, expected: str) -> "Autopsy":
    return explain.autopsy(source.value(), trace, expected)


def models_best(model: str, trace: Trace, seconds: int) -> "ModelsBest":
    """Return the model's best output by exact search, within `seconds`."""
    source = sessions.about(model, trace)
    return heavy.ask("Looking for a better output …", seconds, _models_best, source, trace, seconds)


@cached()
def _models_best(source: Source, trace: Trace, seconds: int) -> "ModelsBest":
    return explain.models_best(source.value(), trace, clock=heavy.step, seconds=seconds)


# -- about its attention and states --------------------------------------------------------------------------------


def attributions(model: str, trace: Trace, prefix: Sequence[int], target: Sequence[int]) -> "Attributions":
    """Return the attribution of the target tokens `target`, given the prefix `prefix`, to each source word."""
    source = sessions.about(model, trace)
    return heavy.ask("Taking words away …", None, _attributions, source, tuple(prefix), tuple(target))


@cached()
def _attributions(source: Source, prefix: tuple[int, ...], target: tuple[int, ...]) -> "Attributions":
    return explain.attribute(source.value(), prefix, target)


def surgery(model: str, trace: Trace, edit: Edit, old: Sequence[int] | None) -> "Surgery":
    """Return what an edit's attention rows change; old: tokens of the output to compare with."""
    return _surgery(sessions.about(model, trace), trace.options, edit, None if old is None else tuple(old))


@cached()
def _surgery(source: Source, options: SearchOptions, edit: Edit, old: tuple[int, ...] | None) -> "Surgery":
    return explain.operate(source.value(), options, edit.prefix, edit.rows, old)


def arithmetic(model: str, trace: Trace, prefix: Sequence[int], token: int) -> "Arithmetic":
    """Return the step that writes `token` after `prefix`, down to single products."""
    return _arithmetic(sessions.about(model, trace), tuple(prefix), token)


@cached()
def _arithmetic(source: Source, prefix: tuple[int, ...], token: int) -> "Arithmetic":
    return explain.arithmetic(source.value(), prefix, token)


def duel(one: tuple[str, Trace, int], other: tuple[str, Trace, int]) -> "Duel":
    """Return two outputs side by side, each given by its model, its trace and its rank, counted from 0."""
    first, second = ((sessions.about(model, trace), trace, place) for model, trace, place in (one, other))
    return _duel(first, second)


@cached()
def _duel(one: tuple[Source, Trace, int], other: tuple[Source, Trace, int]) -> "Duel":
    return explain.duel(*(explain.DuelSide(source.value(), trace, place) for source, trace, place in (one, other)))


def _index(model: str) -> Keyed["Neighbours"] | None:
    """Return the model's index of training states, None without it."""
    found = records.neighbours(model)
    place = explain.index_folder(models.folder(model))
    return None if found is None else Keyed(found, f"{place} {models.latest_mtime(place)}")


def nearest(model: str, trace: Trace, leaf: int, kind: "StateKind", place: int) -> list["Neighbour"]:
    """Return the ten training states nearest to state number `place`, from 0, on the path to `leaf`."""
    index = _index(model)
    return [] if index is None else _nearest(sessions.about(model, trace), index, trace, leaf, kind, place)


@cached()
def _nearest(
    source: Source, index: Keyed["Neighbours"], trace: Trace, leaf: int, kind: "StateKind", place: int
) -> list["Neighbour"]:
    vectors = explain.trace_states(source.value(), trace, leaf).of(kind)
    if vectors is None:
        return []
    return explain.nearest_neighbors(index.value, kind, vectors[place : place + 1])[0]


def state_map(model: str, trace: Trace, leaf: int, kind: "StateKind") -> "StateMap | None":
    """Return the map of all states on the path to `leaf` among training states; None without the file."""
    index = _index(model)
    return None if index is None else _state_map(sessions.about(model, trace), index, trace, leaf, kind)


@cached()
def _state_map(
    source: Source, index: Keyed["Neighbours"], trace: Trace, leaf: int, kind: "StateKind"
) -> "StateMap | None":
    vectors = explain.trace_states(source.value(), trace, leaf).of(kind)
    return None if vectors is None else explain.state_map(index.value, kind, vectors)


# -- about teacher forcing -----------------------------------------------------------------------------------------


def walked(model: str, source: str, reference: str, ratio: float, seed: int, flip: "Flip") -> "Walk":
    """Return the decoder's steps over a reference with teacher-forcing ratio `ratio`."""
    return _walked(sessions.of_text(model, source), reference, ratio, seed, flip)


@cached()
def _walked(source: Source, reference: str, ratio: float, seed: int, flip: "Flip") -> "Walk":
    return explain.walk(source.value(), reference, ratio, seed=seed, flip=flip)


def free_run_of(model: str, source: str, reference: str) -> "FreeRun":
    """Return a model's own translation, compared with the reference."""
    return _free_run(sessions.of_text(model, source), reference)


@cached()
def _free_run(source: Source, reference: str) -> "FreeRun":
    return explain.free_run(source.value(), reference)


def planted(model: str, source: str, step: int, wrong: str) -> "PlantedError":
    """Return how a model continues after a planted error."""
    return _planted(sessions.of_text(model, source), step, wrong)


@cached()
def _planted(source: Source, step: int, wrong: str) -> "PlantedError":
    return explain.plant(source.value(), step, wrong)
