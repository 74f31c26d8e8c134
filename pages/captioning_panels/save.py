"""The page's results to copy and download."""

import streamlit as st

from pages.captioning_panels.subject import CaptionSubject
from pages.shared import searches
from seq2seq.viz.replay import replay_html


def panel(subject: CaptionSubject) -> None:
    """Draw the captions to copy, and what can be downloaded."""
    with st.expander("Copy and download"):
        searches.downloads((subject.greedy, subject.beam), subject.photo.name, "caption")
        st.download_button(
            "Replay page (HTML)", lambda: replay_html(subject.trace), "caption-replay.html", "text/html",
            on_click="ignore", key="save_replay",
        )  # fmt: skip
        st.caption("Pictures with their overlay are saved above them: “Save”, or the camera in the corner.")
