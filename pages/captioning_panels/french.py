"""The captions in French, translated by this project's English-French model."""

import streamlit as st

from pages.captioning_panels.subject import CaptionSubject
from pages.shared import models
from pages.shared.html import muted
from pages.shared.view import current
from pages.shared.views import CaptioningView

TRANSLATOR = "en-fr"


def panel(subject: CaptionSubject) -> None:
    """Draw both captions in French, or say what is missing."""
    if TRANSLATOR not in models.available():
        st.info(
            f"This needs the translator `checkpoints/{TRANSLATOR}`, which is not here; train it with "
            f"`python -m seq2seq train {TRANSLATOR} --out checkpoints/{TRANSLATOR}`.",
            icon=":material/translate:",
        )
        return
    said = list(dict.fromkeys(one.trace.best.text for one in (subject.greedy, subject.beam)))
    written = tuple(sentence(text) for text in said)
    alpha = models.load(TRANSLATOR).config.alpha
    options = current(CaptioningView).model_copy(update={"longest": 0}).beam_search(alpha)
    for text, found in zip(written, models.translations(TRANSLATOR, written, options), strict=True):
        st.code(found.text, language=None, wrap_lines=True)
        st.html(muted(text))
    st.caption("Two models in a row: what the caption gets wrong, the translation can't correct.")


def sentence(caption: str) -> str:
    """Return a caption as a sentence like those in the training data: with a capital letter and a full stop."""
    return f"{caption[:1].upper()}{caption[1:]}." if caption else ""
