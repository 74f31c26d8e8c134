"""Answers that are remembered: by everything they depend on, for whom they are, and within bounds of bytes."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.shared import cache
from pages.shared.cache import EVERYBODY, CacheKey, Keyed, Store, cached, key_of
from seq2seq.search import Beam, Greedy, SearchOptions

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(PLAIN, lambda inner: st.tuples(inner, inner) | st.lists(inner, max_size=3), max_leaves=5)


def test_an_answer_is_worked_out_once_and_everybody_gets_a_copy_of_their_own() -> None:
    asked: list[str] = []

    @cached()
    def ask(model: Keyed[str], text: str) -> list[str]:
        asked.append(text)
        return [model.value, text]

    first = ask(Keyed("m", "once"), "a")
    first.append("spoilt")
    assert ask(Keyed("m", "once"), text="a") == ["m", "a"]
    assert ask(Keyed("m", "once"), "b") == ["m", "b"]
    assert asked == ["a", "b"]


@given(VALUES, VALUES)
def test_different_arguments_have_different_keys(one: Any, other: Any) -> None:
    same = key_of("q", {"value": one}) == key_of("q", {"value": other})
    assert same == (repr(one) == repr(other))


def test_whatever_an_answer_depends_on_is_in_its_key() -> None:
    def key(**changes: Any) -> CacheKey:
        base = {"model": Keyed(1, "f1"), "text": "t", "options": SearchOptions(mode=Greedy()), "edits": ()}
        return key_of("q", base | changes)

    others = [
        key(model=Keyed(1, "f2")),
        key(text="u"),
        key(options=SearchOptions(mode=Beam(size=2))),
        key(edits=(1,)),
        key_of("r", {"model": Keyed(1, "f1"), "text": "t", "options": SearchOptions(mode=Greedy()), "edits": ()}),
    ]
    assert key() == key()
    assert len({key(), *others}) == 6


def test_what_can_not_be_named_is_refused_and_not_left_out() -> None:
    with pytest.raises(TypeError, match="can't be cached by a lock"):
        key_of("q", {"x": threading.Lock()})
    with pytest.raises(TypeError, match="can't be cached by a dict"):
        key_of("q", {"x": {}})
    assert key_of("q", {"x": Path("a")}) != key_of("q", {"x": "a"})


def test_answers_about_uploads_are_each_session_s_own() -> None:
    mine, theirs = (key_of("q", {"model": Keyed(1, "f", owner), "text": "t"}) for owner in ("me", "them"))
    everybody = key_of("q", {"model": Keyed(1, "f"), "text": "t"})
    assert (mine.owner, theirs.owner, everybody.owner) == ("me", "them", EVERYBODY)
    assert len({mine, theirs, everybody}) == 3
    # A photo of one's own before a shipped model is one's own, too.
    assert key_of("q", {"model": Keyed(1, "f"), "photo": Keyed(2, "p", "me")}).owner == "me"


def test_the_store_is_bounded_by_bytes_and_lets_the_oldest_go() -> None:
    store = Store(max_bytes=1000, max_session_bytes=300)
    for number in range(50):
        store.put(CacheKey(EVERYBODY, str(number)), b"x" * 100)
        store.get(CacheKey(EVERYBODY, "0"))  # asked again and again, so it stays
        assert store.size <= 1000
    assert store.get(CacheKey(EVERYBODY, "0")) is not None
    assert store.get(CacheKey(EVERYBODY, "1")) is None
    assert store.get(CacheKey(EVERYBODY, "49")) is not None
    for number in range(50):
        store.put(CacheKey("me", str(number)), b"y" * 100)
    assert sum(store.get(CacheKey("me", str(number))) is not None for number in range(50)) == 3
    assert store.get(CacheKey(EVERYBODY, "49")) is not None, "one session can't push out what all others have"
    store.put(CacheKey(EVERYBODY, "huge"), b"z" * 900)
    assert store.get(CacheKey(EVERYBODY, "huge")) is None
    store.evict_owner("me")
    assert not any(store.get(CacheKey("me", str(number))) for number in range(50))
    assert store.size <= 1000


def test_two_visitors_who_ask_at_once_wait_for_one_answer() -> None:
    asked: list[int] = []

    @cached()
    def ask(number: int) -> int:
        asked.append(number)
        time.sleep(0.1)
        return number

    threads = [threading.Thread(target=ask, args=(7,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked == [7]


def test_an_error_is_not_remembered() -> None:
    tries: list[int] = []

    @cached()
    def ask(number: int) -> int:
        tries.append(number)
        if len(tries) == 1:
            raise ValueError("not yet")
        return number

    with pytest.raises(ValueError, match="not yet"):
        ask(3)
    assert ask(3) == 3


def test_no_page_keeps_answers_by_a_key_of_its_own() -> None:
    """`cache_data` and `cache_resource` are for files and models; what a model says goes through `cached`."""
    root = Path(cache.__file__).parents[1]
    allowed = {"shared/cache.py", "shared/models.py", "shared/captioners.py", "shared/lab.py", "shared/photos.py",
               "shared/records.py", "shared/uploads.py"}  # fmt: skip
    found = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if "st.cache_" in path.read_text(encoding="utf-8")
    }
    assert found <= allowed
