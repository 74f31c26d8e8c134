"""What the panels ask of a model, remembered for a while, and what a visitor has asked for."""

import time
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple, TypeAlias

import streamlit as st

from pages.shared import captioners, models
from seq2seq import explain
from seq2seq.explain import AlphaInterval, AlphaSearch, Autopsy, ModelsBest, Width
from seq2seq.trace import Trace
from seq2seq.translator import Translator

_Model: TypeAlias = Translator | captioners.Behind


class _Asked(NamedTuple):
    """Model and trace by their digests, which is what an answer is remembered by."""

    model: str
    trace: str


def remember(question: str, trace: Trace, answer: int = 1) -> None:
    """Note that the visitor has asked `question` about this trace; `answer` says how."""
    st.session_state[f"asked_{question}"] = (_digest(trace), answer)


def remembered(question: str, trace: Trace) -> int | None:
    """Return what was noted, or None if it was about another trace or never asked."""
    about, answer = st.session_state.get(f"asked_{question}", ("", 0))
    return answer if about == _digest(trace) else None


def alpha_searches(name: str, trace: Trace, intervals: Sequence[AlphaInterval]) -> tuple[AlphaSearch, ...]:
    """Return what a new search finds in the middle of each interval."""
    translator, key = _about(name, trace)
    return _alpha_searches(translator, trace, key, tuple(intervals))


def sweep(name: str, trace: Trace) -> tuple[Width, ...]:
    """Return the winner of each width; times are those of the first asking."""
    translator, key = _about(name, trace)
    return _sweep(translator, trace, key)


def autopsy(name: str, trace: Trace, expected: str) -> Autopsy:
    """Return why the search did or did not end with the expected translation."""
    translator, key = _about(name, trace)
    return _autopsy(translator, trace, key, expected)


def models_best(name: str, trace: Trace, seconds: int) -> ModelsBest:
    """Return the model's best translation, as far as `seconds` reach."""
    translator, key = _about(name, trace)
    return _models_best(translator, trace, key, seconds)


def _about(name: str, trace: Trace) -> tuple[_Model, _Asked]:
    translator = captioners.behind(name) if trace.source.kind == "photo" else models.load(name)
    return translator, _Asked(translator.checkpoint.digest, _digest(trace))


def _digest(trace: Trace) -> str:
    return sha256(trace.to_json().encode()).hexdigest()


@st.cache_data(max_entries=100, show_spinner="Searching again …")
def _alpha_searches(
    _translator: _Model, _trace: Trace, key: _Asked, intervals: tuple[AlphaInterval, ...]
) -> tuple[AlphaSearch, ...]:
    return explain.search_intervals(_translator, _trace, intervals)


@st.cache_data(max_entries=100, show_spinner="Searching with each width, which takes some seconds …")
def _sweep(_translator: _Model, _trace: Trace, key: _Asked) -> tuple[Width, ...]:
    return explain.sweep(_translator, _trace, clock=time.perf_counter)


@st.cache_data(max_entries=100, show_spinner="Following the expected translation …")
def _autopsy(_translator: _Model, _trace: Trace, key: _Asked, expected: str) -> Autopsy:
    return explain.autopsy(_translator, _trace, expected)


@st.cache_data(max_entries=100, show_spinner="Looking for a better translation …")
def _models_best(_translator: _Model, _trace: Trace, key: _Asked, seconds: int) -> ModelsBest:
    return explain.models_best(_translator, _trace, clock=time.perf_counter, seconds=seconds)
