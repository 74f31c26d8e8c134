"""A cache for models' results: one way to make a key, and one LRU store that is bounded by bytes.

A function whose results are worth caching is decorated with `cached`. Its key is made here from every argument,
so that none is forgotten; an argument without a key is refused. A model's key is the fingerprint of its config,
vocabularies and weights, a trace's is its whole content, a photo's is the bytes of its file. What depends on a
visitor's upload is cached for that visitor's session only, and deleted with it.
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
MAX_BYTES = 60 * 2**20  # bytes of all cached results
MAX_SESSION_BYTES = 20 * 2**20  # bytes of the results that depend on one session's uploads
EVERYBODY = ""


@dataclass(frozen=True)
class Keyed(Generic[M]):
    """A value together with its cache key."""

    value: M
    key: str
    """Identifies everything in the value that a result can depend on."""
    owner: str = EVERYBODY
    """The session that uploaded it."""


class CacheKey(NamedTuple):
    """The key of a cached result, and the session that owns it."""

    owner: str
    name: str


class Store:
    """Pickled results by key, evicted least recently used first. Thread-safe."""

    def __init__(self, max_bytes: int = MAX_BYTES, max_session_bytes: int = MAX_SESSION_BYTES) -> None:
        """max_bytes: bytes of all results. max_session_bytes: bytes of one session's own results."""
        self._max_bytes, self._max_session_bytes = max_bytes, max_session_bytes
        self._kept: OrderedDict[CacheKey, bytes] = OrderedDict()
        self._sizes: dict[str, int] = {}
        self._lock = threading.Lock()
        self._working: dict[CacheKey, threading.Lock] = {}

    @property
    def size(self) -> int:
        """Bytes of all results."""
        with self._lock:
            return sum(self._sizes.values())

    def get(self, key: CacheKey) -> bytes | None:
        """Return a cached result, None if there is none."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: CacheKey, answer: bytes) -> None:
        """Store a result, and evict old ones until all bounds hold."""
        bound = self._max_bytes if key.owner == EVERYBODY else self._max_session_bytes
        with self._lock:
            self._remove(key)
            if len(answer) > bound // 2:
                return
            self._kept[key] = answer
            self._sizes[key.owner] = self._sizes.get(key.owner, 0) + len(answer)
            if key.owner != EVERYBODY:
                while self._sizes[key.owner] > bound:
                    self._remove(next(each for each in self._kept if each.owner == key.owner))
            while sum(self._sizes.values()) > self._max_bytes:
                self._remove(next(iter(self._kept)))

    def evict_owner(self, owner: str) -> None:
        """Delete all results of a session."""
        with self._lock:
            for key in [each for each in self._kept if each.owner == owner]:
                self._remove(key)

    def lock_for(self, key: CacheKey) -> threading.Lock:
        """Return the lock for computing a result, so that concurrent requests compute it only once."""
        with self._lock:
            return self._working.setdefault(key, threading.Lock())

    def release_lock(self, key: CacheKey) -> None:
        """Note that a result is no longer being computed."""
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
    """Return the store that the whole server shares."""
    return Store()


class Cached(Generic[P, R]):
    """A function whose results are cached by all of its arguments.

    Every caller gets a copy of its own, so nobody can change another one's. Exceptions are not cached.
    """

    def __init__(self, compute: Callable[P, R], spinner: str = "") -> None:
        """spinner: the text shown while the function runs."""
        functools.update_wrapper(self, compute)
        self._compute, self._spinner = compute, spinner
        self._name = f"{compute.__module__}.{compute.__qualname__}"
        self._parameters = inspect.signature(compute)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return the result."""
        key = self.key(*args, **kwargs)
        kept = store()
        found = kept.get(key)
        if found is None:
            try:
                with kept.lock_for(key):
                    found = kept.get(key)
                    if found is None:
                        found = pickle.dumps(_shown(self._spinner, self._compute, *args, **kwargs))
                        kept.put(key, found)
            finally:
                kept.release_lock(key)
        answer: R = pickle.loads(found)
        return answer

    def key(self, *args: P.args, **kwargs: P.kwargs) -> CacheKey:
        """Return the key of a result."""
        bound = self._parameters.bind(*args, **kwargs)
        bound.apply_defaults()
        return key_of(self._name, bound.arguments)

    def known(self, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Return whether the result is in the cache."""
        return store().get(self.key(*args, **kwargs)) is not None


def cached(spinner: str = "") -> Callable[[Callable[P, R]], Cached[P, R]]:
    """Return a decorator that makes a function `Cached`. spinner: the text shown while it runs."""
    return lambda compute: Cached(compute, spinner)


def _shown(spinner: str, compute: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    if not spinner:
        return compute(*args, **kwargs)
    with st.spinner(spinner):
        return compute(*args, **kwargs)


def key_of(question: str, arguments: dict[str, Any]) -> CacheKey:
    """Return the cache key of a question and its arguments. Raises TypeError for an unsupported argument."""
    owners: set[str] = set()
    parts = [part for name, value in arguments.items() for part in (name, _part(value, owners))]
    return CacheKey(":".join(sorted(owners - {EVERYBODY})), fingerprint(question, *parts))


def _part(value: Any, owners: set[str]) -> str:
    """Return a text that identifies a value; sessions whose uploads it depends on are added to `owners`."""
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
    raise TypeError(f"A result can't be cached by a {type(value).__name__}; wrap it in Keyed.")
