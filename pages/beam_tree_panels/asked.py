"""What the panels ask of a model, remembered for a while, and what a visitor has asked for."""

import time
from collections.abc import Sequence
from hashlib import sha256

import streamlit as st

from pages.shared import answers, captioners, models
from pages.shared.answers import Named
from seq2seq import explain
from seq2seq.explain import AlphaInterval, AlphaSearch, Autopsy, ModelsBest, Searched, Width
from seq2seq.trace import Trace


def remember(question: str, trace: Trace, answer: int = 1) -> None:
    """Note that the visitor has asked `question` about this trace; `answer` says how."""
    st.session_state[f"asked_{question}"] = (_digest(trace), answer)


def remembered(question: str, trace: Trace) -> int | None:
    """Return what was noted, or None if it was about another trace or never asked."""
    about, answer = st.session_state.get(f"asked_{question}", ("", 0))
    return answer if about == _digest(trace) else None


def alpha_searches(name: str, trace: Trace, intervals: Sequence[AlphaInterval]) -> tuple[AlphaSearch, ...]:
    """Return what a new search finds in the middle of each interval."""
    return _alpha_searches(_about(name, trace), trace, tuple(intervals))


def sweep(name: str, trace: Trace) -> tuple[Width, ...]:
    """Return the winner of each width; times are those of the first asking."""
    return _sweep(_about(name, trace), trace)


def autopsy(name: str, trace: Trace, expected: str) -> Autopsy:
    """Return why the search did or did not end with the expected translation."""
    return _autopsy(_about(name, trace), trace, expected)


def models_best(name: str, trace: Trace, seconds: int) -> ModelsBest:
    """Return the model's best translation, as far as `seconds` reach."""
    return _models_best(_about(name, trace), trace, seconds)


def _about(name: str, trace: Trace) -> Named[Searched]:
    """Return the model in front of what the trace is about: a sentence, or the photo that is looked at."""
    if trace.source.kind == "photo":
        return captioners.named_behind(name)
    found = models.named(name)
    return Named(found.value, found.key, found.owner)


def _digest(trace: Trace) -> str:
    return sha256(trace.to_json().encode()).hexdigest()


@answers.remembered("Searching again …")
def _alpha_searches(
    model: Named[Searched], trace: Trace, intervals: tuple[AlphaInterval, ...]
) -> tuple[AlphaSearch, ...]:
    return explain.search_intervals(model.value, trace, intervals)


@answers.remembered("Searching with each width, which takes some seconds …")
def _sweep(model: Named[Searched], trace: Trace) -> tuple[Width, ...]:
    return explain.sweep(model.value, trace, clock=time.perf_counter)


@answers.remembered("Following the expected translation …")
def _autopsy(model: Named[Searched], trace: Trace, expected: str) -> Autopsy:
    return explain.autopsy(model.value, trace, expected)


@answers.remembered("Looking for a better translation …")
def _models_best(model: Named[Searched], trace: Trace, seconds: int) -> ModelsBest:
    return explain.models_best(model.value, trace, clock=time.perf_counter, seconds=seconds)
