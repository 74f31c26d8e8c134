"""Sentences worth looking at, found for this model by `python -m seq2seq finds`."""

import streamlit as st

from pages.shared import models, records, stage
from pages.shared.cards import Card, cards
from pages.shared.view import change, current


def panel(name: str) -> None:
    """Draw a card for each sentence; a click plays its search. name: the model."""
    found = records.finds(name)
    if found is None:
        st.caption("This model's folder keeps none; `python -m seq2seq finds --save` looks for them in a test set.")
        return
    shown = [Card(one.title, one.source, one.look, [node.model_dump() for node in one.tree]) for one in found.finds]
    cards(shown, key="finds", language=models.config(name).source, chosen=_play)


def _play(sentence: str) -> None:
    change(current().for_other_sentence(text=sentence))
    stage.play_next()
