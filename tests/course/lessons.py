"""A small lesson to change, and the tiny models for it."""

from pathlib import Path

from seq2seq.course.files import LessonFile, read_lesson

LESSON = """title = "A lesson"
summary = "What one knows."
model = "tiny"

[[step]]
title = "First"
read = "It reads **much** of {text}."
show = { kind = "inputs", source = "Je suis froid." }
ask = "What does it read first?"
predict = { kind = "choose", options = ["{reads.1}", "nothing"], answer = "{reads.1}" }
why = "It takes {steps} steps."
holds = ["steps >= 1"]

[[step]]
title = "Second"
read = "Read on."
why = "That is why."

[step.show]
kind = "pieces"
source = "Je suis froid."
"""


def lesson(folder: Path, text: str = LESSON, name: str = "lesson.toml") -> LessonFile:
    """Write a lesson, and return it as it is read."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_lesson(path)
