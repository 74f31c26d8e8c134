"""Whether the points of lessons hold for the models at hand, and for which sentences they would."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from seq2seq.course.experiments.base import Models
from seq2seq.course.files import LessonError, LessonFile
from seq2seq.course.markup import UnknownFact, holds
from seq2seq.course.play import played_step, run_step
from seq2seq.errors import CheckpointError, Seq2SeqError


class Finding(NamedTuple):
    """What is wrong with a step: a point that does not hold, or an error."""

    file: LessonFile
    step: int  # from 0
    said: str  # one sentence, with file and line
    missing: bool = False  # a model is not there, so nothing could be checked


def check(file: LessonFile, models: Models) -> list[Finding]:
    """Return what is wrong with a lesson; nothing if every point of it holds."""
    return [found for number in range(len(file.lesson.step)) for found in check_step(file, number, models)]


def check_step(file: LessonFile, number: int, models: Models) -> Iterator[Finding]:
    """Yield what is wrong with a step: its experiment, its texts and its answer, then each point."""
    try:
        found = run_step(file, number, models)
        played_step(file, number, found)
    except LessonError as problem:
        missing = isinstance(problem.__context__, CheckpointError)
        yield Finding(file, number, str(problem), missing)
        return
    for point in file.lesson.step[number].holds:
        try:
            if not holds(point, found.facts):
                yield Finding(file, number, str(file.error(("step", number, "holds"), f"{point} does not hold.")))
        except UnknownFact as problem:
            yield Finding(file, number, str(file.error(("step", number, "holds"), str(problem))))


def fitting(file: LessonFile, number: int, models: Models, sources: Iterable[str]) -> Iterator[str]:
    """Yield those of some sources for which all points of a step would hold."""
    step = file.lesson.step[number]
    if step.show.OWN != "source":
        return
    for source in sources:
        try:
            facts = run_step(file, number, models, source, of_lesson=True).facts
            if all(holds(point, facts) for point in step.holds):
                yield source
        except (Seq2SeqError, UnknownFact):
            continue  # this source does not fit the experiment
