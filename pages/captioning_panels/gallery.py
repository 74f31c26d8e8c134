"""The sample photos as pictures to click: those of what the models have learnt, and some of what they can't do."""

from collections.abc import Callable

import streamlit as st

from pages.shared import photos
from pages.shared.components import component
from pages.shared.figures import is_dark
from seq2seq.viz import stage

_gallery = component("gallery")


def gallery(chosen: str, *, clicked: Callable[[str], None]) -> None:
    """Draw the samples. chosen: the name of the one that is looked at. clicked: called with the name of another."""

    def told() -> None:
        event = st.session_state["gallery"].get("chosen")
        if event and event["name"] in photos.SAMPLES:
            clicked(str(event["name"]))

    groups = (("Dogs, people, outdoors: what they learnt", photos.FITTING), ("What they can't do", photos.BEYOND))
    _gallery(
        key="gallery",
        data={
            "groups": [
                {
                    "title": title,
                    "photos": [
                        {"name": name, "says": photos.SAMPLES[name], "source": photos.small_sample(name)}
                        for name in names
                    ],
                }
                for title, names in groups
            ],
            "chosen": chosen,
            "colours": stage.variables(dark=is_dark()),
        },
        on_chosen_change=told,
    )
