"""Reading lessons: TOML, with errors that name file and line."""

import re
import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from seq2seq.config import problem_in_words, read_text
from seq2seq.course.lesson import Lesson
from seq2seq.errors import ConfigError, reason

SHIPPED = Path(__file__).resolve().parents[1] / "lessons"
_LARGEST = 200_000  # characters of a lesson

KeyPath = Sequence[int | str]
"""Where something stands in a lesson: ("step", 1, "predict", "answer")."""


class LessonError(ConfigError):
    """A lesson can't be read, or names something that is not there; it says in which file and line."""


class LessonFile(NamedTuple):
    """A lesson and where it was read."""

    path: Path
    text: str
    lesson: Lesson

    @property
    def name(self) -> str:
        """What the lesson is called in links: its file's name."""
        return self.path.stem

    def error(self, keys: KeyPath, said: str) -> LessonError:
        """Return an error about what stands at `keys`."""
        return LessonError(f"{self.path}, line {line_of(self.text, keys)}: {said}")


def read_lesson(path: Path) -> LessonFile:
    """Return the lesson of a file. Raises LessonError, with file and line, if it is none."""
    text = read_text(path, LessonError)
    if len(text) > _LARGEST:
        raise LessonError(f"{path} has {len(text):,} characters, and a lesson at most {_LARGEST:,}; split it.")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as failure:
        said = reason(failure)
        found = re.search(r"\(at line (\d+), column \d+\)", said)
        line = int(found[1]) if found else text.count("\n") + 1
        hint = " A quotation mark may be missing." if "\\n" in said else ""
        raise LessonError(f"{path}, line {line}: this is not TOML: {said}.{hint}") from None
    except (ValueError, RecursionError) as failure:
        raise LessonError(f"{path}, line 1: this is not TOML: {reason(failure)}.") from None
    try:
        return LessonFile(path, text, Lesson.model_validate(values))
    except ValidationError as failure:
        raise LessonError(f"{path}, {_problem(text, failure)}") from None


def _problem(text: str, failure: ValidationError) -> str:
    """Return the line of what is wrong and what it is, in a teacher's words: steps are counted from 1."""
    found = failure.errors(include_url=False)
    # A misspelt key is missing under its right name, too; its own name says more.
    problem = next((each for each in found if each["type"] == "extra_forbidden"), found[0])
    keys: KeyPath = problem["loc"]
    context = problem.get("ctx", {})
    if problem["type"] == "union_tag_invalid":
        expected = context["expected_tags"].replace("'", "").split(", ")
        near = get_close_matches(str(context["tag"]), expected, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(expected)}."
        return f"line {line_of(text, [*keys, 'kind'])}: there is no kind {context['tag']!r}; {hint}"
    said = problem_in_words(problem)
    if not keys and (named := re.match(r"(\w+) ", said)):
        keys = (named[1],)  # a record is refused as a whole, and the message names the key
    said = re.sub(r"\bstep\.(\d+)(\.?)", lambda at: f"step {int(at[1]) + 1}{', ' if at[2] else ''}", said)
    return f"line {line_of(text, keys)}: {said}"


def read_lessons(folder: Path) -> list[LessonFile]:
    """Return the lessons of a folder, in order. Raises LessonError if it has none, or one can't be read."""
    found, problems = readable(folder)
    if problems:
        raise problems[0]
    return found


def readable(folder: Path) -> tuple[list[LessonFile], list[LessonError]]:
    """Return the lessons of a folder that can be read, in order, and what is wrong with the others."""
    try:
        paths = sorted(folder.glob("*.toml"))
    except (OSError, ValueError):
        paths = []
    if not paths:
        return [], [LessonError(f"{folder} has no lesson (*.toml); name a folder with one.")]
    found: list[LessonFile] = []
    problems: list[LessonError] = []
    for path in paths:
        try:
            found.append(read_lesson(path))
        except LessonError as problem:
            problems.append(problem)
    return sorted(found, key=lambda each: (each.lesson.place, each.name)), problems


def shipped() -> list[LessonFile]:
    """Return the lessons of the package, in order."""
    return read_lessons(SHIPPED)


def line_of(text: str, keys: KeyPath) -> int:
    """Return the line, from 1, of what stands at `keys` in a lesson's TOML, or of the table around it."""
    lines = text.split("\n")
    names = [each for each in keys if isinstance(each, str)]
    number = next((each for each in keys if isinstance(each, int)), None)
    start, end = 0, len(lines)
    if number is not None and names[:1] == ["step"]:
        heads = [i for i, line in enumerate(lines) if re.match(r"\s*\[\[\s*step\s*\]\]", line)]
        if number >= len(heads):
            return 1
        start, end = [*heads, len(lines)][number : number + 2]
        names = names[1:]
    else:
        end = next((i for i, line in enumerate(lines) if line.lstrip().startswith("[[")), end)
    for name in names:
        own = re.escape(name)
        key = re.compile(rf'\s*(\[\s*step\.{own}\s*\]|"?{own}"?\s*=|.*[{{,]\s*"?{own}"?\s*=)')
        start = next((i for i in range(start, end) if key.match(lines[i])), start)
    return start + 1
