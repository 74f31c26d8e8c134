"""A search on the stage whose words can be forced: the beam before and after, and undo."""

from collections.abc import Callable

import streamlit as st

from pages.shared import models, problems, stage
from pages.shared.edits import history, keep
from pages.shared.html import clean
from pages.shared.panels import Questions
from pages.shared.versions import Versions, searched
from pages.shared.views import SentenceView
from seq2seq.errors import Seq2SeqError
from seq2seq.viz.stage import Search

Force = Callable[[tuple[int, ...], str], None]
_PROBLEM = "force_problem"


def force_in(view: SentenceView, model: str, sentence: str) -> Force:
    """Return what forces a beginning and a typed word behind it, to be called in a callback.

    What can't be forced is said by `say_problem` in the next run.
    """
    edits = history(view)

    def force(tokens: tuple[int, ...], word: str) -> None:
        try:
            typed = models.load(model).session(sentence).typed_tokens(tokens, clean(word)) if word else ()
            rows = edits.version(edits.current).rows  # replaced attention stays replaced
            made = edits.edit((*tokens, *typed), rows, whole_word=bool(word))
            searched(view, model, sentence, made, made.current)
        except Seq2SeqError as problem:
            st.session_state[_PROBLEM] = str(problem)
        else:
            keep(made)

    return force


def say_problem() -> None:
    """Say why the last word could not be forced, once."""
    if problem := st.session_state.pop(_PROBLEM, ""):
        problems.say(problem)


def play_versions(found: Versions, view: SentenceView, model: str, sentence: str, questions: Questions) -> None:
    """Draw a search after an edit and before it on one stage, which offers the questions."""
    assert found.before is not None
    edits, config = history(view), models.config(model)
    stage.play(
        [Search("Before", found.before, "before"), Search("With what is forced", found.now)],
        key="stage", step=None, language=config.source, target=config.target,
        force=force_in(view, model, sentence), undo=lambda: keep(edits.undo()),
        questions=questions,
    )  # fmt: skip
