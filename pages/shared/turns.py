"""Heavy questions wait in a fair queue: one is computed at a time, each visitor in turn, and translations go first.

Python's threads share one interpreter, so two heavy questions at once take as long as one after the other, and slow
down everybody's translations meanwhile. Here they are computed by one thread in the background. At every step it
lets a translation pass that is being computed for somebody else.
"""

import contextvars
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Literal

State = Literal["waiting", "running", "done", "stopped"]
_FORGOTTEN = 15.0  # seconds after which a question is dropped that no open page asks about
_KEPT = 60.0  # seconds for which an answer waits to be taken
_LONGEST_PAUSE = 1.0  # seconds that a heavy question lets others pass before it takes a step of its own
_AT_ONCE = 1  # translations
_is_first: contextvars.ContextVar[bool] = contextvars.ContextVar("is_first", default=False)
_job: contextvars.ContextVar["Job | None"] = contextvars.ContextVar("job", default=None)


class StoppedError(Exception):
    """Nobody waits any more for what is being computed."""


class Job:
    """A heavy question. Its fields belong to the queue; a page may read them."""

    def __init__(self, key: object, work: Callable[[], bytes]) -> None:
        self.key = key
        self.work = work
        self.state: State = "waiting"
        self.answer: bytes | None = None
        self.problem: Exception | None = None
        self.seconds = 0.0
        """How long it has computed, without what it let pass."""
        self.share: float | None = None
        """How much of it is done, if it says so."""
        self.asking: dict[str, float] = {}
        """The visitors that wait for it, and when each was last seen to."""
        self.ended = 0.0
        self._finished = threading.Event()

    def wait(self, seconds: float) -> bool:
        """Wait so long at most; return whether it has ended."""
        return self._finished.wait(seconds)

    def end(self, state: State, now: float) -> None:
        """Note that it has ended, and wake who waits for it."""
        self.state, self.ended = state, now
        self._finished.set()


class Turns:
    """The queue. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Condition()
        self._jobs: dict[object, Job] = {}
        self._served: dict[str, int] = {}  # visitor -> number of the turn that was last theirs
        self._turn = 0
        self._first: deque[object] = deque()  # translations in the order in which they came; the first ones run
        self._since = 0.0  # when the running question was last counted
        self._thread: threading.Thread | None = None

    def ask(self, key: object, visitor: str, work: Callable[[], bytes]) -> Job:
        """Return the question with this key; it is put into the queue unless it is there already."""
        with self._lock:
            self._drop_forgotten()
            job = self._jobs.get(key)
            if job is None or job.state == "stopped":
                job = self._jobs[key] = Job(key, work)
            job.asking[visitor] = self._clock()
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, daemon=True, name="turns")
                self._thread.start()
            self._lock.notify_all()
            return job

    def seen(self, job: Job, visitor: str) -> None:
        """Note that a visitor's page still shows the question."""
        with self._lock:
            if visitor in job.asking:
                job.asking[visitor] = self._clock()

    def leave(self, job: Job, visitor: str) -> None:
        """Take a visitor's question back; it stops if nobody else has asked the same."""
        with self._lock:
            job.asking.pop(visitor, None)
            self._drop_forgotten()
            self._lock.notify_all()

    def take(self, job: Job) -> bytes:
        """Return the answer of a question that is done; raises its problem, or StoppedError."""
        if job.problem is not None:
            with self._lock:
                self._jobs.pop(job.key, None)
            raise job.problem
        if job.answer is None:
            raise StoppedError
        return job.answer

    def before(self, job: Job, visitor: str) -> int:
        """Return how many questions are answered before this one of a visitor, the running one included."""
        with self._lock:
            if job.state != "waiting":
                return 0
            running = sum(one.state == "running" for one in self._jobs.values())
            return running + self._order().index(job)

    @contextmanager
    def first(self) -> Iterator[None]:
        """Compute something that goes before heavy questions, unless it is a part of one.

        A few at a time, in the order in which they came: twenty threads that compute at once spend most of their
        time with handing the interpreter to each other. What is inside of another is a part of it.
        """
        if _job.get() is not None or _is_first.get():
            yield
            return
        own, inside = object(), _is_first.set(True)
        with self._lock:
            self._first.append(own)
            self._lock.wait_for(lambda: own in islice(self._first, _AT_ONCE))
        try:
            yield
        finally:
            _is_first.reset(inside)
            with self._lock:
                self._first.remove(own)
                self._lock.notify_all()

    def step(self, share: float | None = None) -> float:
        """Return the seconds that the question has computed. It calls this again and again, in its own thread.

        share: how much of it is done. Waits while a translation is computed. Raises StoppedError if nobody waits
        for the answer. Outside of a question it is the clock.
        """
        job = _job.get()
        now = self._clock()
        if job is None:
            return now
        with self._lock:
            job.seconds += now - self._since
            self._lock.wait_for(lambda: not self._first, _LONGEST_PAUSE)
            self._since = self._clock()
            job.share = share if share is not None else job.share
            self._drop_forgotten()
            if not job.asking:
                raise StoppedError
            return job.seconds

    def _serve(self) -> None:
        while True:
            with self._lock:
                self._lock.wait_for(self._order)
                job = self._order()[0]
                self._turn += 1
                self._served.update(dict.fromkeys(job.asking, self._turn))
                job.state = "running"
                self._since = self._clock()
            context = contextvars.copy_context()
            context.run(_job.set, job)
            try:
                answer, problem = context.run(job.work), None
            except StoppedError:
                answer, problem = None, None
            except Exception as failure:  # the page that asked says it, or logs it
                answer, problem = None, failure
            with self._lock:
                job.answer, job.problem = answer, problem
                stopped = answer is None and problem is None
                job.end("stopped" if stopped else "done", self._clock())
                self._drop_forgotten()

    def _order(self) -> list[Job]:
        """Return the waiting questions in the order of their turns: who was served longest ago comes first.

        Of one visitor's, the earlier comes first; the second stands behind the first ones of the others.
        """
        asked: dict[str, int] = {}
        places = []
        for number, job in enumerate(one for one in self._jobs.values() if one.state == "waiting" and one.asking):
            turns = []
            for visitor in job.asking:
                turns.append((asked.get(visitor, 0), self._served.get(visitor, 0)))
                asked[visitor] = asked.get(visitor, 0) + 1
            places.append((min(turns), number, job))
        return [job for _, _, job in sorted(places, key=lambda place: place[:2])]

    def _drop_forgotten(self) -> None:
        now = self._clock()
        for key, job in list(self._jobs.items()):
            for visitor, last in list(job.asking.items()):
                if job.state in ("waiting", "running") and now - last > _FORGOTTEN:
                    del job.asking[visitor]
            if job.state == "waiting" and not job.asking:
                job.end("stopped", now)
            if job.state == "stopped" or (job.state == "done" and now - job.ended > _KEPT):
                del self._jobs[key]
