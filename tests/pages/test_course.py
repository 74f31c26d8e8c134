"""The page Learn without a browser: its list, its lessons, a teacher's own, and what was predicted."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages import course as page
from pages.shared import predictions
from pages.shared.course import lessons
from pages.shared.predictions import Prediction
from seq2seq.course.files import shipped
from tests.course.lessons import LESSON
from tests.pages.opening import all_texts, open_page, texts


def test_the_list_is_there_without_a_model_being_loaded() -> None:
    app = open_page("course")
    assert not app.exception
    assert "Predict, then see." in texts(app)
    assert app.session_state["view"].lesson == ""


def test_a_lesson_opens_by_its_link() -> None:
    app = open_page("course", lesson="bleu", at="1", answers="bleu:0+2")
    assert not app.exception
    assert not app.error
    assert app.session_state["view"].lesson == "bleu"
    assert app.session_state["view"].at == 1


def test_a_link_to_a_lesson_that_is_gone_shows_the_list() -> None:
    app = open_page("course", lesson="alchemy")
    assert not app.exception
    assert "not here" in texts(app)
    assert app.session_state["view"].lesson == ""


def test_a_teachers_folder_stands_behind_the_shipped_and_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.toml").write_text(LESSON.replace('model = "tiny"', 'model = "fr-en"'), encoding="utf-8")
    (tmp_path / "broken.toml").write_text("title = [", encoding="utf-8")
    (tmp_path / "greedy.toml").write_text(LESSON, encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["app.py", "--lessons", str(tmp_path)])
    found = lessons()
    assert [file.name for file in found.files] == [*(file.name for file in shipped()), "mine"]
    assert len(found.problems) == 2
    app = open_page("course")
    assert not app.exception
    said = all_texts(app).replace("\\", "")
    assert "broken.toml, line 1" in said
    assert str(tmp_path) not in said
    own = open_page("course", lesson="mine")
    assert not own.exception
    assert not own.error


def test_a_lesson_whose_model_is_not_here_says_so_and_leads_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.toml").write_text(LESSON.replace('model = "tiny"', 'model = "elsewhere"'), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["app.py", "--lessons", str(tmp_path)])
    app = open_page("course", lesson="mine")
    assert not app.exception
    assert "mine.toml, line 8" in app.error[0].value.replace("\\", "")
    app.button[0].click().run()
    assert app.session_state["view"].lesson == ""


ANSWERS = st.dictionaries(
    st.text("abc-~:,%é", min_size=1, max_size=8),
    st.dictionaries(
        st.integers(0, 11), st.builds(Prediction, st.text(max_size=20), st.booleans()), min_size=1, max_size=4
    ),
    max_size=3,
)


@given(ANSWERS)
def test_predictions_come_back_from_a_link(found: predictions.Predictions) -> None:
    assert predictions.read(predictions.written(found)) == found


@given(st.text(max_size=200))
def test_any_link_is_read(text: str) -> None:
    found = predictions.read(text)
    assert predictions.read(predictions.written(found)) == found


def test_predictions_are_exported_as_rows() -> None:
    app = open_page("course", answers="bleu:0+2,1-1~greedy:2+1")
    assert not app.exception
    assert "2 of 3 predictions were right" in texts(app)
    rows = [{"lesson": "bleu", "step": 1, "answer": "a, b", "right": True}]
    assert page._csv(rows) == 'lesson,step,answer,right\r\nbleu,1,"a, b",True\r\n'


@pytest.mark.parametrize("kind", ["translate", "attention", "beam_tree", "captioning", "course"])
def test_a_link_hides_what_a_teacher_does_not_want(kind: str) -> None:
    app = open_page(kind, hide="settings.questions")
    assert not app.exception
    assert app.session_state["view"].hide == "settings.questions"


def test_own_sources_are_kept_for_their_lesson_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    state = {page._OWN: ("bleu", 0, "x")}
    monkeypatch.setattr(page.st, "session_state", state)
    (greedy,) = [file for file in shipped() if file.name == "greedy"]
    assert page._own(greedy) is None
    state[page._OWN] = ("greedy", 0, "")
    assert page._own(greedy) is not None
    assert "problem" in (page._own(greedy) or {})
