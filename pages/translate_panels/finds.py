"""Sentences worth looking at, found for this model by `python -m seq2seq finds`."""

import streamlit as st

from pages.shared import models, records, stage
from pages.shared.cards import Card, cards
from pages.shared.html import plain
from pages.shared.view import change, current
from pages.shared.views import TranslateView

_NOTE = "find_note"


def panel(name: str) -> None:
    """Draw a card for each sentence; a click plays its search. name: the model."""
    found = records.finds(name)
    if found is None:
        st.caption("This model's folder keeps none; `python -m seq2seq finds --save` looks for them in a test set.")
        return
    shown = [Card(one.title, one.source, one.look, [node.model_dump() for node in one.tree]) for one in found.finds]
    cards(shown, key="finds", language=models.config(name).source, chosen=_play)


def note(sentence: str) -> None:
    """Draw what to look at in a sentence that was chosen from a card."""
    kept: tuple[str, str] = st.session_state.get(_NOTE, ("", ""))
    if kept[0] == sentence:
        st.caption(f":material/lightbulb: {plain(kept[1])}")


def _play(card: Card) -> None:
    st.session_state[_NOTE] = (card.text, card.look)
    change(current(TranslateView).for_other_sentence(text=card.text))
    stage.play_next()
