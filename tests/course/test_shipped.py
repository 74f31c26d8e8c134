"""Every shipped lesson holds for the shipped models, and its page and handout can be made."""

import html
from html.parser import HTMLParser
from pathlib import Path

import pytest

from seq2seq.course.checking import check
from seq2seq.course.files import LessonFile, read_lesson, shipped
from seq2seq.course.glossary import terms
from seq2seq.course.handout import handout_html
from seq2seq.course.library import Folders
from seq2seq.course.play import play
from seq2seq.course.reference import reference
from seq2seq.course.wording import truth_of
from seq2seq.viz.replay import lesson_html

ROOT = Path(__file__).parents[2]
SUBJECTS = {
    "pieces", "padding", "greedy", "beam-by-hand", "length-penalty", "empty", "coin", "not-explanation", "captions",
}  # fmt: skip


@pytest.fixture(scope="module")
def library() -> Folders:
    return Folders(ROOT / "checkpoints", [ROOT / "pages" / "samples"])


def test_the_subjects_that_a_course_needs_are_there() -> None:
    assert {file.name for file in shipped()} >= SUBJECTS


@pytest.mark.parametrize("file", shipped(), ids=lambda file: file.name)
def test_a_lesson_holds_for_the_shipped_models(file: LessonFile, library: Folders) -> None:
    assert [finding.said for finding in check(file, library)] == []


@pytest.mark.parametrize("name", ["beam-by-hand", "heatmap", "captions", "numbers"])
def test_a_page_and_a_handout_can_be_made(name: str, library: Folders) -> None:
    file = next(file for file in shipped() if file.name == name)
    played = play(file, library)
    page = lesson_html(played)
    assert file.lesson.title in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    handout = handout_html(file, played)
    HTMLParser().feed(handout)
    questions, _, answers = handout.partition('<section class="answers">')
    assert answers
    for step in played["steps"]:
        if step["predict"]:
            assert html.escape(truth_of(step)) in answers
        if step["predict"] and step["predict"]["kind"] == "bar":
            assert truth_of(step) not in questions


def test_the_glossary_has_sixty_terms_of_a_sentence_each() -> None:
    found = terms()
    assert len(found) >= 60
    forms = [form.casefold() for term in found for form in (term.name, *term.also)]
    assert len(set(forms)) == len(forms)
    assert all(term.says.endswith(".") and term.says[0].isupper() for term in found)
    assert sum(bool(term.paper) for term in found) > len(found) / 2


def test_the_documented_names_are_those_that_there_are() -> None:
    document = (ROOT / "docs" / "lessons.md").read_text(encoding="utf-8")
    assert document.partition("<!-- reference -->")[2].strip() == reference().strip()


def test_the_lesson_in_the_document_holds(tmp_path: Path, library: Folders) -> None:
    document = (ROOT / "docs" / "lessons.md").read_text(encoding="utf-8")
    text = document.partition("```toml\n")[2].partition("```")[0]
    (tmp_path / "short.toml").write_text(text, encoding="utf-8")
    assert [finding.said for finding in check(read_lesson(tmp_path / "short.toml"), library)] == []
