"""Reading lessons: what is wrong is said in one sentence, with file and line."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.course.files import LessonError, line_of, read_lesson, read_lessons, readable, shipped
from tests.course.lessons import LESSON, lesson


def test_a_lesson_is_read_with_its_steps(tmp_path: Path) -> None:
    file = lesson(tmp_path)
    assert (file.name, file.lesson.title, len(file.lesson.step)) == ("lesson", "A lesson", 2)
    assert file.lesson.step[1].predict is None


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ('title = "A lesson"', 'titel = "A lesson"', 1, "unknown key 'titel'"),
        ('title = "Second"', 'title = "Second"\ncolour = "red"', 16, "unknown key 'step 2, colour'"),
        ('kind = "pieces"', 'kind = "tarot"', 20, "there is no kind 'tarot'"),
        ('kind = "pieces"', 'kind = "piece"', 20, "did you mean 'pieces'?"),
        ('kind = "inputs", source', 'kind = "inputs", sauce', 8, "show.inputs.sauce'; take it out"),
        ('options = ["{reads.1}", "nothing"]', "options = []", 10, "options"),
        ('ask = "What does it read first?"\n', "", 5, "belong together"),
        ('read = "Read on."', 'read = "Read on', 16, "not TOML"),
        ('title = "Second"', "title = 3", 15, "title"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    assert old in LESSON
    with pytest.raises(LessonError) as failure:
        lesson(tmp_path, LESSON.replace(old, new))
    said = str(failure.value)
    assert re.search(rf"lesson\.toml, line {line}: ", said), said
    assert says in said
    assert "\n" not in said


def test_a_place_in_the_text_is_found_as_far_as_it_is_written() -> None:
    assert line_of(LESSON, ("summary",)) == 2
    assert line_of(LESSON, ("step", 0)) == 5
    assert line_of(LESSON, ("step", 0, "predict", "answer")) == 10
    assert line_of(LESSON, ("step", 1, "show", "source")) == 21
    assert line_of(LESSON, ("step", 1, "nothing")) == 14
    assert line_of(LESSON, ("step", 9, "read")) == 1
    assert line_of("", ("title",)) == 1


@given(st.text(max_size=300))
def test_rubbish_is_one_sentence(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("lessons") / "rubbish.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(LessonError) as failure:
        read_lesson(path)
    assert "\n" not in str(failure.value)


@given(st.data())
def test_a_damaged_lesson_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(LESSON)))
    end = data.draw(st.integers(start, min(len(LESSON), start + 40)))
    text = LESSON[:start] + data.draw(st.text(alphabet='[]{}="\n9e', max_size=5)) + LESSON[end:]
    path = tmp_path_factory.mktemp("lessons") / "damaged.toml"
    path.write_text(text, encoding="utf-8")
    said = ""
    try:
        read_lesson(path)
    except LessonError as problem:
        said = str(problem)
    assert not said or re.match(r".*damaged\.toml, line \d+: ", said)


def test_a_folder_gives_its_lessons_in_order_and_says_what_is_wrong_with_others(tmp_path: Path) -> None:
    lesson(tmp_path, LESSON.replace('model = "tiny"', 'model = "tiny"\nplace = 9'), "a.toml")
    lesson(tmp_path, LESSON.replace('model = "tiny"', 'model = "tiny"\nplace = 3'), "b.toml")
    assert [file.name for file in read_lessons(tmp_path)] == ["b", "a"]
    (tmp_path / "c.toml").write_text("title =", encoding="utf-8")
    files, problems = readable(tmp_path)
    assert [file.name for file in files] == ["b", "a"]
    assert len(problems) == 1
    assert "c.toml, line 1" in str(problems[0])


@pytest.mark.parametrize("folder", ["missing", "empty", "a\0b"])
def test_a_folder_without_lessons_is_said(tmp_path: Path, folder: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(LessonError, match="no lesson"):
        read_lessons(tmp_path / folder)
    assert len(readable(tmp_path / folder)[1]) == 1


def test_fourteen_lessons_and_more_are_shipped_each_a_few_steps_long() -> None:
    files = shipped()
    assert len(files) >= 14
    assert len({file.name for file in files}) == len(files)
    assert all(2 <= len(file.lesson.step) <= 5 for file in files)
    assert all(5 <= file.lesson.minutes <= 10 for file in files)
    for file in files:
        asked = [step for step in file.lesson.step if step.predict]
        assert len(asked) >= 2, file.name
