"""Sentences to start from, as cards with a sketch of their tree: a component, so that a card is one button."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import streamlit as st

from pages.shared.components import component
from pages.shared.figures import is_dark
from seq2seq.viz import stage

_cards = component("cards")


class Card(NamedTuple):
    """What a card shows."""

    title: str
    text: str
    """The sentence."""
    look: str
    """What to look at."""
    tree: list[dict[str, Any]]
    """The nodes of its sketch, as `seq2seq.evaluation.finds.Branch`."""


def cards(shown: Sequence[Card], *, key: str, language: str, chosen: Callable[[Card], None]) -> None:
    """Draw cards. language: of the sentences. chosen: called with the card that is clicked."""

    def clicked() -> None:
        event = st.session_state[key].get("chosen")
        if event and 0 <= int(event["place"]) < len(shown):
            chosen(shown[int(event["place"])])

    _cards(
        key=key,
        data={
            "cards": [card._asdict() for card in shown],
            "colours": stage.variables(dark=is_dark()),
            "language": language,
        },
        on_chosen_change=clicked,
    )
