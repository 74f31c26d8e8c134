"""The page's results to copy and download."""

import streamlit as st

from pages.captioning_panels.looked import CaptionSubject
from pages.shared import searches
from seq2seq.viz.replay import replay_html


def panel(looked: CaptionSubject) -> None:
    """Draw the captions to copy, and what can be downloaded."""
    with st.expander("Copy and download"):
        searches.downloads((looked.greedy, looked.beam), looked.photo.name, "caption")
        st.download_button(
            "Replay page (HTML)", lambda: replay_html(looked.trace), "caption-replay.html", "text/html",
            on_click="ignore", key="save_replay",
        )  # fmt: skip
        st.caption("Pictures with their overlay are saved above them: “Save”, or the camera in the corner.")
