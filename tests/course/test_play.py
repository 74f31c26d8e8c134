"""Lessons computed: answers come from the models, and what does not fit is named with its line."""

from pathlib import Path

import pytest

from seq2seq.course.checking import check, fitting
from seq2seq.course.files import LessonError, LessonFile
from seq2seq.course.library import Folders
from seq2seq.course.play import play, run_step
from seq2seq.errors import Seq2SeqError
from tests.course.lessons import LESSON, lesson


@pytest.fixture
def library(tiny_checkpoint: Path) -> Folders:
    return Folders(tiny_checkpoint.parent)


def test_texts_and_answers_are_computed(tmp_path: Path, library: Folders) -> None:
    played = play(lesson(tmp_path), library)
    first, second = played["steps"]
    assert first["predict"] == {
        "kind": "choose",
        "options": [["⟨start⟩", "⟨start⟩"], ["nothing", "nothing"]],
        "answer": "⟨start⟩",
    }
    assert first["figure"]["kind"] == "strip"
    assert ["much", "strong"] in [list(run) for run in first["read"][0][1]]
    assert second["predict"] is None
    assert second["figure"]["kind"] == "chips"


def test_what_a_model_writes_is_no_markdown(tmp_path: Path, library: Folders) -> None:
    played = play(changed(tmp_path, "It takes {steps} steps.", "{steps}. *Steps*"), library)
    ((kind, runs),) = played["steps"][0]["why"]
    assert kind == "p"
    assert [style for _, style in runs] == ["", "em"]


def changed(tmp_path: Path, old: str, new: str) -> LessonFile:
    assert old in LESSON
    return lesson(tmp_path, LESSON.replace(old, new))


CHOOSE = 'predict = { kind = "choose", options = ["{reads.1}", "nothing"], answer = "{reads.1}" }'


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("{steps} steps", "{stops} steps", 11, "no fact 'stops'"),
        ("of {text}", "of {texts}", 7, "no fact 'texts'"),
        ("What does it read first?", "What is {this}?", 9, "no fact 'this'"),
        ('answer = "{reads.1}"', 'answer = "{reads.2}"', 10, "none of the options"),
        ('"nothing"]', '"⟨start⟩"]', 10, "more than one"),
        (CHOOSE, 'predict = { kind = "pick", answer = "steps" }', 10, "lists nothing to pick"),
        (CHOOSE, 'predict = { kind = "bar", answer = "text", within = 1 }', 10, "is no number"),
        (CHOOSE, 'predict = { kind = "bar", answer = "steps", within = 0, least = 90, most = 91 }', 10, "outside"),
        (CHOOSE, 'predict = { kind = "order", items = { steps = "a", text = "b" } }', 10, "no numbers"),
        ('source = "Je suis froid." }', 'source = "" }', 8, "nothing to translate"),
        ('model = "tiny"', 'model = "big"', 8, "no model big"),
    ],
)
def test_what_does_not_fit_is_named_with_its_line(
    tmp_path: Path, library: Folders, old: str, new: str, line: int, says: str
) -> None:
    with pytest.raises(LessonError) as failure:
        play(changed(tmp_path, old, new), library)
    said = str(failure.value)
    assert f"lesson.toml, line {line}: " in said, said
    assert says in said, said
    assert "\n" not in said


def test_a_bar_is_of_the_fact_times_its_factor(tmp_path: Path, library: Folders) -> None:
    bar = 'predict = { kind = "bar", answer = "steps", times = 100, most = 9000, step = 9, within = 1 }'
    file = changed(tmp_path, CHOOSE, bar)
    steps = run_step(file, 0, library).facts["steps"]
    assert isinstance(steps, int)
    predict = play(file, library)["steps"][0]["predict"]
    assert predict["answer"] == 100 * steps
    assert "times" not in predict


def test_an_order_is_that_of_the_facts(tmp_path: Path, library: Folders) -> None:
    show = 'show = { kind = "widths", source = "Je suis froid.", beams = [1, 4] }'
    text = LESSON.replace('show = { kind = "inputs", source = "Je suis froid." }', show)
    order = 'predict = { kind = "order", items = { "calls.1" = "narrow", "calls.4" = "wide" } }'
    text = text.replace(CHOOSE, order).replace("{text}", "it").replace("{steps}", "some")
    file = lesson(tmp_path, text.replace('holds = ["steps >= 1"]', ""))
    assert play(file, library)["steps"][0]["predict"]["answer"] == ["calls.4", "calls.1"]


def test_a_source_of_ones_own_gives_another_figure_and_its_own_error(tmp_path: Path, library: Folders) -> None:
    file = lesson(tmp_path)
    own = run_step(file, 1, library, "Où est le chien ?")
    assert own.figure != run_step(file, 1, library).figure
    with pytest.raises(Seq2SeqError) as failure:
        run_step(file, 1, library, "")
    assert "lesson.toml" not in str(failure.value)


def test_a_point_that_does_not_hold_is_found_and_so_are_sources_for_which_it_would(
    tmp_path: Path, library: Folders
) -> None:
    assert check(lesson(tmp_path), library) == []
    file = changed(tmp_path, '"steps >= 1"', '"steps >= 1", "steps > 9999", "stops > 1"')
    found = check(file, library)
    assert [finding.step for finding in found] == [0, 0]
    assert "line 12: steps > 9999 does not hold." in found[0].said
    assert "no fact 'stops'" in found[1].said
    assert not any(finding.missing for finding in found)
    longer = changed(tmp_path, '"steps >= 1"', '"text != \\"nothing like it\\""')
    sources = ["", "Où est le chien ?", "x" * 2000]
    assert list(fitting(longer, 0, library, sources)) == ["Où est le chien ?"]


def test_a_model_that_is_not_there_is_missing_not_wrong(tmp_path: Path, library: Folders) -> None:
    (finding, _) = check(changed(tmp_path, 'model = "tiny"', 'model = "big"'), library)
    assert finding.missing
