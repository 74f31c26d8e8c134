"""The subject of a page about one search: a typed sentence, or an opened trace."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from pages.shared import problems, records
from pages.shared.figures import watch_width
from pages.shared.inputs import examples, examples_menu, source_form
from pages.shared.lamp import leak_lamp
from pages.shared.opened import open_trace, opened
from pages.shared.sentences import choose_sentence, sentences
from pages.shared.view import current, write_link
from pages.shared.views import SentenceView
from seq2seq.errors import Seq2SeqError
from seq2seq.trace import Trace


class Query(NamedTuple):
    """The subject of the page."""

    sentence: str
    origin: str | Trace  # a model that searches, or a trace that was opened

    @property
    def model(self) -> str | None:
        """The model's name; None for a trace from a file."""
        return None if isinstance(self.origin, Trace) else self.origin


def draw_query(draw: Callable[[Query], None]) -> None:
    """Draw the inputs, then call `draw` in a fragment, so that a step or a click redraws only that.

    `draw` writes the page's link itself; if there is nothing to draw, this function does.
    """
    watch_width()
    try:
        asked = _read_query()
    except Seq2SeqError as problem:
        _say(problem)
        asked = None
    if asked is None:
        write_link(current(SentenceView))
        return

    @st.fragment
    def drawn(asked: Query) -> None:
        try:
            draw(asked)
        except Seq2SeqError as problem:
            _say(problem)
            write_link(current(SentenceView))

    drawn(asked)


def _read_query() -> Query | None:
    """Draw the inputs and return the query; None, with a message, while there is none."""
    file = opened()
    if file is not None:
        open_trace()
        return Query(file.source.text, file)
    view = source_form(SentenceView)
    if view is not None and not view.text.strip() and (example := records.opening(view.model)):
        st.caption("An example is shown; type your own sentence above, or take one of these:")
        with st.container(horizontal=True, vertical_alignment="center", key="begin"):
            examples(view)
            open_trace()
        return Query(example.beam.source.text, view.model)
    found = sentences(view) if view is not None else []
    if view is None or not found:
        open_trace()
        return None
    sentence = choose_sentence(view, found)
    with st.container(horizontal=True, vertical_alignment="center"):
        examples_menu(view)
        leak_lamp(view.model, sentence)
        open_trace()
    return Query(sentence, view.model)


def _say(problem: Seq2SeqError) -> None:
    problems.say(problem)
