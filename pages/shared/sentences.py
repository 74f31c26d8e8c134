"""The choice of one sentence of the typed text."""

import streamlit as st

from pages.shared import models
from pages.shared.inputs import LONGEST_TEXT, examples, model_upload
from pages.shared.view import change
from pages.shared.views import SentenceView
from seq2seq.errors import EmptySourceError, SourceTooLongError, shortened


def sentences(view: SentenceView) -> list[str]:
    """Return the sentences of the typed text; none, with a message, if nothing is typed.

    Raises Seq2SeqError if the text is too long, or has no readable character.
    """
    if not view.text.strip():
        st.info("Type a sentence above, or take one of the examples.", icon=":material/keyboard:")
        examples(view)
        model_upload()
        return []
    if len(view.text) > LONGEST_TEXT:
        raise SourceTooLongError(
            f"The text has {len(view.text):,} characters and this page takes {LONGEST_TEXT:,}; shorten it, or use "
            "python -m seq2seq translate, which takes any length."
        )
    model = models.load(view.model)
    found = model.segments(view.text)
    if not found:
        raise EmptySourceError("The text holds no character that can be read; type a sentence.")
    if warning := model.language_warning(view.text):
        st.info(warning, icon=":material/language:")
    spoken = [sentence for sentence in found if not model.prepared(sentence).is_copied]
    if not spoken:
        raise EmptySourceError(
            f"“{shortened(found[0], 40)}” has no words to translate, so it stays as it is; type a sentence."
        )
    return spoken


def choose_sentence(view: SentenceView, found: list[str]) -> str:
    """Draw the picker for several sentences and return the chosen one."""
    number = min(view.sentence, len(found) - 1)
    if len(found) > 1:
        st.session_state["in_sentence"] = number
        st.selectbox(
            "Watch",
            range(len(found)),
            key="in_sentence",
            label_visibility="collapsed",
            format_func=lambda i: f"{i + 1} of {len(found)}: {found[i]}",
            on_change=_watch_other,
            args=(view,),
        )
    return found[number]


def _watch_other(view: SentenceView) -> None:
    change(view.for_other_sentence(sentence=st.session_state["in_sentence"]))
