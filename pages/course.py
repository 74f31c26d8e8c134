"""Learn: lessons in which one predicts what a model will do, and then sees it done."""

import csv
import io
import json
from typing import Any

import streamlit as st

from pages.shared import course, predictions, problems
from pages.shared.components import component
from pages.shared.course import Lessons
from pages.shared.figures import is_dark
from pages.shared.predictions import Prediction, Predictions
from pages.shared.stage import leave_place, place_in_address
from pages.shared.view import current, open_view, update, write_link
from pages.shared.views import CourseView
from seq2seq.course.files import LessonFile
from seq2seq.course.handout import handout_html
from seq2seq.course.wording import shown_answer, truth_of
from seq2seq.errors import Seq2SeqError
from seq2seq.viz import stage
from seq2seq.viz.replay import lesson_html

_OWN = "course_own"
_OPENED = "course_opened"
_list = component("lessons")
_runner = component("lesson", "<section></section>", script=stage.lesson_script(), style=stage.lesson_style())


def page() -> None:
    """Draw the page."""
    st.html('<h1 class="s2s-unseen">Learn</h1>')  # the navigation says it; a screen reader needs it said
    view = open_view(CourseView)
    st.session_state.pop(_OPENED, None)
    found = course.lessons()
    if view.lesson and found.named(view.lesson) is None:
        st.info("The link asks for a lesson that is not here; these are:", icon=":material/info:")
        update(lesson="", at=0)
    st.fragment(_course)(found)


def _course(found: Lessons) -> None:
    """Draw the list or a lesson; a fragment, so that an answer redraws only this."""
    view = current(CourseView)
    file = found.named(view.lesson)
    if file is None:
        _contents(found)
    else:
        update(at=place_in_address("at", view.at))
        try:
            _lesson(found, file)
        except Seq2SeqError as problem:
            problems.say(course.said(problem))
            if st.button("All lessons"):
                _open("")
                st.rerun()
    write_link(current(CourseView), tell=False)


def _contents(found: Lessons) -> None:
    st.caption(
        "**Predict, then see.** In each lesson you say what a model will do, and then it does it before your eyes."
    )
    answered = predictions.read(current(CourseView).answers)
    _list(
        key="lessons",
        data={
            "lessons": [
                {
                    "name": file.name,
                    "title": file.lesson.title,
                    "summary": file.lesson.summary,
                    "minutes": file.lesson.minutes,
                    "asked": [i for i, step in enumerate(file.lesson.step) if step.predict],
                    "answers": {i: one.right for i, one in answered.get(file.name, {}).items()},
                }
                for file in found.files
            ],
            "colours": stage.variables(dark=is_dark()),
        },
        on_open_change=lambda: _opened("lessons"),
    )
    for problem in found.problems:
        problems.say(course.said(problem))
    _answers(found)


def _lesson(found: Lessons, file: LessonFile) -> None:
    played = course.played(file)
    opened = _as_opened(file)
    place = found.files.index(file)
    after = found.files[place + 1] if place + 1 < len(found.files) else None
    _runner(
        key="lesson",
        data={
            "lesson": played,
            "at": opened["at"],
            "answers": opened["answers"],
            "own": _own(file),
            "next": {"name": after.name, "title": after.lesson.title} if after else None,
            "home": True,
            "remember": True,
            "colours": stage.variables(dark=is_dark()),
        },
        on_answer_change=lambda: _answered(file),
        on_open_change=lambda: _opened("lesson"),
        on_own_change=lambda: _asked(file),
    )
    with st.container(horizontal=True):
        st.download_button(
            "Handout to print", lambda: handout_html(file, played), f"{file.name}-handout.html", "text/html",
            on_click="ignore", icon=":material/print:", type="tertiary",
        )  # fmt: skip
        st.download_button(
            "This lesson as a page", lambda: lesson_html(played), f"{file.name}.html", "text/html",
            on_click="ignore", icon=":material/download:", type="tertiary",
        )  # fmt: skip


def _as_opened(file: LessonFile) -> dict[str, Any]:
    """Return place and answers as they were when the lesson was drawn first.

    The browser keeps what comes later itself: the same data again are not sent again.
    """
    held: dict[str, Any] = st.session_state.get(_OPENED, {})
    if held.get("name") != file.name:
        view = current(CourseView)
        own = predictions.read(view.answers).get(file.name, {})
        answers = {i: [one.given, one.right] for i, one in own.items()}
        held = st.session_state[_OPENED] = {"name": file.name, "at": view.at, "answers": answers}
    return held


def _answers(found: Lessons) -> None:
    """Offer what was predicted as files."""
    answered = predictions.read(current(CourseView).answers)
    here = {file.name: answered[file.name] for file in found.files if file.name in answered}
    right = [one.right for own in here.values() for one in own.values()]
    if not right:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"{sum(right)} of {len(right)} predictions were right. They are kept in the link.", width="content"
        )
        st.download_button(
            "CSV",
            lambda: _csv(_rows(found, here)),
            "predictions.csv",
            "text/csv",
            on_click="ignore",
            type="tertiary",
        )
        st.download_button(
            "JSON", lambda: json.dumps(_rows(found, here), ensure_ascii=False, indent=1), "predictions.json",
            "application/json", on_click="ignore", type="tertiary",
        )  # fmt: skip
        if st.button("Forget them", type="tertiary"):
            update(answers="")
            st.rerun()


def _rows(found: Lessons, answered: Predictions) -> list[dict[str, object]]:
    """Return each prediction with its question and what was right, as they were shown."""
    rows: list[dict[str, object]] = []
    for file in found.files:
        own = answered.get(file.name, {})
        steps = course.played(file)["steps"] if own else []
        rows += [
            {
                "lesson": file.name,
                "step": number + 1,
                "question": step["ask"],
                "answer": shown_answer(step, own[number].given),
                "truth": truth_of(step),
                "right": own[number].right,
            }
            for number, step in enumerate(steps)
            if number in own and step["predict"]
        ]
    return rows


def _csv(rows: list[dict[str, object]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _answered(file: LessonFile) -> None:
    event = st.session_state["lesson"].get("answer")
    if event:
        found = predictions.read(current(CourseView).answers)
        found[file.name] = {
            int(step): Prediction(str(given), bool(right))
            for step, (given, right) in event["answers"].items()
            if 0 <= int(step) < len(file.lesson.step)
        }
        update(answers=predictions.written(found))


def _opened(key: str) -> None:
    event = st.session_state[key].get("open")
    if event:
        _open(str(event["name"]))


def _open(name: str) -> None:
    leave_place()
    for key in (_OWN, _OPENED):
        st.session_state.pop(key, None)
    update(lesson=name, at=0)


def _asked(file: LessonFile) -> None:
    event = st.session_state["lesson"].get("own")
    if event:
        st.session_state[_OWN] = (file.name, int(event["step"]), str(event["source"])[:300])


def _own(file: LessonFile) -> dict[str, object] | None:
    """Return the figure for the visitor's own source, or what is wrong with it."""
    name, step, source = st.session_state.get(_OWN, ("", 0, ""))
    if name != file.name or not 0 <= step < len(file.lesson.step):
        return None
    found: dict[str, object] = {"step": step, "source": source}
    try:
        return found | {"figure": course.own_figure(file, step, source)}
    except Seq2SeqError as problem:
        return found | {"problem": str(problem)}


if __name__ == "__main__":
    import app

    app.main()
