"""Answers of models, remembered for a while: one way to make a key, and one store that is bounded by bytes.

A function whose answers are worth keeping is decorated with `remembered`. Its key is made here, of every argument:
so none can be forgotten, and what this module can't name it refuses. A model counts by the fingerprint of config,
vocabularies and weights, a trace by all that it says, a photo by the bytes of its file. What depends on something
that a visitor has uploaded is kept for that visitor's session alone, and goes with it.
"""

import functools
import hashlib
import inspect
import pickle
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Generic, NamedTuple, ParamSpec, TypeVar

import streamlit as st
from pydantic import BaseModel

from seq2seq.digests import fingerprint

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M")
MOST = 150 * 2**20  # bytes of all answers together
MOST_OF_A_SESSION = 20 * 2**20  # of them, of what depends on one session's uploads
EVERYBODY = ""


@dataclass(frozen=True)
class Keyed(Generic[M]):
    """Something that answers are about, with the name by which they are remembered."""

    value: M
    key: str
    """Says all that an answer can depend on."""
    owner: str = EVERYBODY
    """The session that has uploaded it."""


class CacheKey(NamedTuple):
    """The name of an answer, and whose it is."""

    owner: str
    name: str


class Store:
    """Pickled answers by key; the ones that nobody has asked for longest go first. Threads may share it."""

    def __init__(self, most: int = MOST, most_of_a_session: int = MOST_OF_A_SESSION) -> None:
        """most: bytes of all answers. most_of_a_session: of those that are one session's own."""
        self._most, self._most_of_a_session = most, most_of_a_session
        self._kept: OrderedDict[CacheKey, bytes] = OrderedDict()
        self._sizes: dict[str, int] = {}
        self._lock = threading.Lock()
        self._working: dict[CacheKey, threading.Lock] = {}

    @property
    def size(self) -> int:
        """Bytes of all answers."""
        with self._lock:
            return sum(self._sizes.values())

    def get(self, key: CacheKey) -> bytes | None:
        """Return an answer, None if it is not kept."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: CacheKey, answer: bytes) -> None:
        """Keep an answer, and let old ones go until all bounds hold."""
        bound = self._most if key.owner == EVERYBODY else self._most_of_a_session
        with self._lock:
            self._remove(key)
            if len(answer) > bound // 2:
                return
            self._kept[key] = answer
            self._sizes[key.owner] = self._sizes.get(key.owner, 0) + len(answer)
            if key.owner != EVERYBODY:
                while self._sizes[key.owner] > bound:
                    self._remove(next(each for each in self._kept if each.owner == key.owner))
            while sum(self._sizes.values()) > self._most:
                self._remove(next(iter(self._kept)))

    def forget(self, owner: str) -> None:
        """Let all answers of a session go."""
        with self._lock:
            for key in [each for each in self._kept if each.owner == owner]:
                self._remove(key)

    def working(self, key: CacheKey) -> threading.Lock:
        """Return the lock of whoever works an answer out, so that two visitors who ask at once wait for one."""
        with self._lock:
            return self._working.setdefault(key, threading.Lock())

    def done(self, key: CacheKey) -> None:
        """Note that nobody works on an answer any more."""
        with self._lock:
            self._working.pop(key, None)

    def _remove(self, key: CacheKey) -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self._sizes[key.owner] -= len(gone)
            if not self._sizes[key.owner]:
                del self._sizes[key.owner]


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """Return the one store of this server."""
    return Store()


def remembered(spinner: str = "") -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that keeps what a function answers, by all of its arguments.

    Every caller gets an answer of its own, so nobody can change another one's. Errors are not kept.
    spinner: what is shown while the function works.
    """

    def decorate(compute: Callable[P, R]) -> Callable[P, R]:
        parameters = inspect.signature(compute)

        @functools.wraps(compute)
        def ask(*args: P.args, **kwargs: P.kwargs) -> R:
            bound = parameters.bind(*args, **kwargs)
            bound.apply_defaults()
            key = key_of(f"{compute.__module__}.{compute.__qualname__}", bound.arguments)
            kept = store()
            found = kept.get(key)
            if found is None:
                try:
                    with kept.working(key):
                        found = kept.get(key)
                        if found is None:
                            found = pickle.dumps(_shown(spinner, compute, *args, **kwargs))
                            kept.put(key, found)
                finally:
                    kept.done(key)
            answer: R = pickle.loads(found)
            return answer

        return ask

    return decorate


def _shown(spinner: str, compute: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    if not spinner:
        return compute(*args, **kwargs)
    with st.spinner(spinner):
        return compute(*args, **kwargs)


def key_of(question: str, arguments: dict[str, Any]) -> CacheKey:
    """Return the key of a question and its arguments. Raises TypeError for one that can't be named."""
    owners: set[str] = set()
    parts = [part for name, value in arguments.items() for part in (name, _part(value, owners))]
    return CacheKey(":".join(sorted(owners - {EVERYBODY})), fingerprint(question, *parts))


def _part(value: Any, owners: set[str]) -> str:
    """Return all that a value says, as text; whose uploads it depends on is added to `owners`."""
    if isinstance(value, Keyed):
        owners.add(value.owner)
        return f"{type(value.value).__name__} {value.key}"
    if isinstance(value, BaseModel):
        whole = hashlib.blake2b(value.model_dump_json().encode("utf-8", "surrogatepass"), digest_size=16)
        return f"{type(value).__name__} {whole.hexdigest()}"
    if isinstance(value, tuple | list):
        inside = [_part(each, owners) for each in value]
        return f"{type(value).__name__} {fingerprint(*inside)}"
    if value is None or isinstance(value, bool | int | float | str | Path | Enum):
        return f"{type(value).__name__} {value!r}"
    raise TypeError(f"An answer can't be remembered by a {type(value).__name__}; name it with Named.")
