"""Ask a heavy question from a page: its answer, or how far it is and a button that stops it."""

import pickle
import time
from collections.abc import Sequence
from functools import partial
from typing import Any, Generic, ParamSpec, TypeVar

import streamlit as st

from pages.shared import uploads
from pages.shared.cache import Cached, CacheKey
from pages.shared.turns import Job, StoppedError, Turns
from seq2seq.errors import Seq2SeqError

P = ParamSpec("P")
R = TypeVar("R")
AT_ONCE = 0.4  # seconds in which an answer is waited for without saying so
EVERY = 0.5  # seconds between two looks
_STOPPED = "stopped_questions"
TURNS = Turns()
"""The queue that the whole server shares."""


class PendingError(Exception):
    """There is no answer yet, and the page says so."""


def ask(title: str, seconds: float | None, question: Cached[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Return the answer of a cached question that takes long.

    title: what is being done, for who waits. seconds: how long it may compute, if it is limited.
    Raises PendingError, after drawing how far it is, until the answer is there; then the page runs again.
    """
    if question.known(*args, **kwargs):
        return question(*args, **kwargs)
    key = question.key(*args, **kwargs)
    if key in st.session_state.get(_STOPPED, set()):
        _stopped(key)
        raise PendingError
    visitor = uploads.owner()
    job = TURNS.ask(key, visitor, lambda: pickle.dumps(question(*args, **kwargs)))
    if not job.wait(AT_ONCE):
        st.fragment(_watch, run_every=EVERY)(job, visitor, title, seconds)
        raise PendingError
    try:
        answer: R = pickle.loads(TURNS.take(job))
    except StoppedError:
        _stopped(key)
        raise PendingError from None
    return answer


class Several(Generic[R]):
    """Many heavy questions at once, each a job of its own, so that other visitors' come in between."""

    def __init__(self, question: Cached[..., R], asked: Sequence[tuple[Any, ...]]) -> None:
        """asked: the arguments of each question."""
        self._question, self._asked = question, list(asked)
        self._jobs: dict[int, Job] = {}
        self._visitor = uploads.owner()
        until = time.monotonic() + AT_ONCE
        for number, arguments in enumerate(self._asked):
            if not question.known(*arguments) and self._key(number) not in st.session_state.get(_STOPPED, set()):
                work = partial(_pickled, question, arguments)
                self._jobs[number] = TURNS.ask(question.key(*arguments), self._visitor, work)
        for job in self._jobs.values():
            job.wait(max(0.0, until - time.monotonic()))

    def waiting(self) -> bool:
        """Return whether some of them have no answer yet."""
        return not all(job.wait(0) for job in self._jobs.values())

    def look(self, title: str) -> list[R | Exception | None]:
        """Return the answers that are there, what went wrong, or None; while some are not, draw how far it is.

        In a fragment that runs again and again while `waiting`; with the last answer the page runs again.
        """
        total = len(self._asked)
        ended = [number for number in range(total) if number not in self._jobs or self._jobs[number].wait(0)]
        for job in self._jobs.values():
            TURNS.seen(job, self._visitor)
        if len(ended) < total:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.progress(len(ended) / total, f"{title} {len(ended) + 1} of {total} …")
                if st.button("Stop", icon=":material/stop_circle:", type="tertiary", key=f"stop_{title}"):
                    self._stop()
        elif st.session_state.pop(f"waited_{title}", False):
            st.rerun()
        st.session_state[f"waited_{title}"] = len(ended) < total
        return [self._answer(number) if number in ended else None for number in range(total)]

    def _stop(self) -> None:
        for number, job in self._jobs.items():
            if not job.wait(0):
                TURNS.leave(job, self._visitor)
                st.session_state.setdefault(_STOPPED, set()).add(self._key(number))
        st.rerun()

    def _key(self, number: int) -> CacheKey:
        return self._question.key(*self._asked[number])

    def _answer(self, number: int) -> R | Exception | None:
        try:
            if number in self._jobs:
                answer: R = pickle.loads(TURNS.take(self._jobs[number]))
                return answer
            if self._question.known(*self._asked[number]):
                return self._question(*self._asked[number])
        except StoppedError:
            return None
        except Seq2SeqError as problem:
            return problem
        return None


def _pickled(question: Cached[..., R], arguments: tuple[Any, ...]) -> bytes:
    return pickle.dumps(question(*arguments))


def step(share: float | None = None) -> float:
    """Return the seconds that the question has computed; it calls this at each of its steps (`Turns.step`)."""
    return TURNS.step(share)


def _watch(job: Job, visitor: str, title: str, seconds: float | None) -> None:
    """Draw how far a question is, again and again."""
    if job.wait(0):
        st.rerun()
    TURNS.seen(job, visitor)
    before = TURNS.before(job, visitor)
    share = job.share if job.share is not None else job.seconds / seconds if seconds else 0.0
    if before:
        says = f"Waiting for {before} {'question' if before == 1 else 'questions'} of others …"
    else:
        says = title + (f" {job.seconds:.0f} s of {seconds:.0f} at most" if seconds else "")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(max(share, 0.0), 1.0), says)
        if st.button("Stop", icon=":material/stop_circle:", type="tertiary", key=f"stop_{job.key}"):
            TURNS.leave(job, visitor)
            st.session_state.setdefault(_STOPPED, set()).add(job.key)
            st.rerun()


def _stopped(key: object) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Stopped before there was an answer.", width="content")
        st.button(
            "Ask again",
            type="tertiary",
            key=f"again_{key}",
            on_click=lambda: st.session_state.get(_STOPPED, set()).discard(key),
        )
