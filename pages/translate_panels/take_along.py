"""The model as one HTML file that translates without this app."""

import streamlit as st

from pages.shared import models
from pages.shared.heavy import TURNS


def button(name: str) -> None:
    """Draw the download of a model, which is loaded, as a page; nothing for one that a page can't read."""
    # It imports torch, which the first screen does without.
    from seq2seq.exported.page import Exported, exported_page, fits

    translator, folder = models.load(name), models.folder(name)
    if not fits(translator.checkpoint):
        return
    megabytes = sum(p.numel() for p in translator.model.parameters()) * 4 / 3 / 1e6

    def made() -> bytes:
        with TURNS.first():
            return exported_page([Exported(translator, folder)])

    st.download_button(
        "This model as a page",
        made,
        f"{name}.html",
        "text/html",
        on_click="ignore",
        icon=":material/flight_takeoff:",
        key="take_along",
        help=f"{name} in one HTML file of about {megabytes:.0f} MB, which translates by itself and shows this "
        "picture: without a network, without anything installed, on a phone as well.",
    )
