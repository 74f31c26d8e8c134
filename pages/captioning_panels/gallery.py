"""The sample photos as pictures to click: those of what the models have learnt, and some of what they can't do."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from pages.shared import photos
from pages.shared.figures import is_dark
from seq2seq.viz import stage

_FOLDER = Path(__file__).resolve().parent.parent / "shared" / "browser"
_gallery = st.components.v2.component(
    "gallery",
    html='<div class="gallery"></div>',
    css=(_FOLDER / "gallery.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "gallery.js").read_text(encoding="utf-8"),
)


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
