"""The queue of heavy questions: one at a time, each visitor in turn, translations first."""

import threading
from collections.abc import Callable

import pytest

from pages.shared.turns import Job, StoppedError, Turns


class Gate:
    """Work that begins, and ends when it is let go."""

    def __init__(self, turns: Turns, said: list[str]) -> None:
        self._turns, self._said = turns, said
        self.begun, self.go = threading.Event(), threading.Event()

    def named(self, name: str) -> Callable[[], bytes]:
        def work() -> bytes:
            self.begun.set()
            assert self.go.wait(20)
            self._turns.step()
            self._said.append(name)
            return name.encode()

        return work


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def turns() -> Turns:
    return Turns()


@pytest.fixture
def gate(turns: Turns, said: list[str]) -> Gate:
    return Gate(turns, said)


def ended(*jobs: Job) -> bool:
    return all(job.wait(20) for job in jobs)


def test_visitors_take_turns_however_many_questions_one_has(turns: Turns, gate: Gate, said: list[str]) -> None:
    first = [turns.ask(f"a{n}", "anne", gate.named(f"a{n}")) for n in range(3)]
    assert gate.begun.wait(20)
    second = [turns.ask(f"b{n}", "bob", gate.named(f"b{n}")) for n in range(2)]
    third = turns.ask("c0", "cleo", gate.named("c0"))
    assert [turns.before(job, "bob") for job in second] == [1, 4]  # behind a0; and behind a0, b0, c0 and a1
    gate.go.set()
    assert ended(*first, *second, third)
    assert said == ["a0", "b0", "c0", "a1", "b1", "a2"]
    assert turns.take(third) == b"c0"


def test_the_same_question_is_computed_once(turns: Turns, gate: Gate, said: list[str]) -> None:
    one, other = turns.ask("same", "anne", gate.named("x")), turns.ask("same", "bob", gate.named("y"))
    assert one is other
    gate.go.set()
    assert ended(one)
    assert said == ["x"]


def test_a_question_that_is_taken_back_is_not_computed(turns: Turns, gate: Gate, said: list[str]) -> None:
    running = turns.ask("running", "anne", gate.named("running"))
    assert gate.begun.wait(20)
    waiting = turns.ask("waiting", "bob", gate.named("waiting"))
    turns.leave(waiting, "bob")
    turns.leave(running, "anne")
    gate.go.set()
    assert ended(running, waiting)
    assert said == []
    assert running.state == waiting.state == "stopped"
    with pytest.raises(StoppedError):
        turns.take(running)
    again = turns.ask("running", "anne", gate.named("again"))
    assert ended(again)
    assert said == ["again"]


def test_what_one_visitor_takes_back_another_still_gets(turns: Turns, gate: Gate) -> None:
    job = turns.ask("same", "anne", gate.named("x"))
    turns.ask("same", "bob", gate.named("x"))
    turns.leave(job, "anne")
    gate.go.set()
    assert ended(job)
    assert turns.take(job) == b"x"


def test_a_problem_reaches_who_asked_and_the_next_question_is_answered(turns: Turns, gate: Gate) -> None:
    def fails() -> bytes:
        raise ValueError("no")

    job = turns.ask("bad", "anne", fails)
    assert ended(job)
    with pytest.raises(ValueError, match="no"):
        turns.take(job)
    gate.go.set()
    assert ended(turns.ask("good", "anne", gate.named("x")))


def test_a_step_waits_while_a_translation_is_computed(turns: Turns) -> None:
    order: list[str] = []
    inside, done = threading.Event(), threading.Event()

    def work() -> bytes:
        inside.set()
        assert done.wait(20)
        turns.step()
        order.append("heavy")
        return b""

    job = turns.ask("heavy", "anne", work)
    assert inside.wait(20)
    with turns.first():
        done.set()
        order.append("translation")
    assert ended(job)
    assert order == ["translation", "heavy"]


def test_outside_of_a_question_a_step_is_the_clock() -> None:
    times = iter([3.0, 4.0])
    turns = Turns(clock=lambda: next(times))
    assert [turns.step(), turns.step()] == [3.0, 4.0]


def test_what_no_page_shows_any_more_is_dropped() -> None:
    now = [0.0]
    turns = Turns(clock=lambda: now[0])
    begun, go = threading.Event(), threading.Event()

    def work() -> bytes:
        begun.set()
        assert go.wait(20)
        return b""

    running = turns.ask("running", "anne", work)
    assert begun.wait(20)
    gone, shown = turns.ask("gone", "bob", work), turns.ask("shown", "cleo", work)
    now[0] = 20.0
    turns.seen(shown, "cleo")
    turns.ask("new", "dora", work)
    assert gone.state == "stopped"
    go.set()
    assert ended(running, shown)
    assert shown.state == "done"
