"""What the page's results are taken away as."""

import streamlit as st

from pages.captioning_panels.looked import Looked
from seq2seq.viz.replay import replay_html


def panel(looked: Looked) -> None:
    """Draw the captions to copy, and what can be downloaded."""
    with st.expander("Copy and download"):
        both = (looked.greedy, looked.beam)
        for one in both:
            st.caption(one.name)
            st.code(one.trace.best.text, language=None, wrap_lines=True)
        with st.container(horizontal=True):
            text = "".join(f"{one.name}\t{one.trace.best.text}\n" for one in both)
            st.download_button("Text", f"{looked.photo.name}\n{text}", "captions.txt", on_click="ignore")
            for one in both:
                name = one.name.split()[0].lower()
                st.download_button(
                    f"{one.name} trace (JSON)", one.trace.to_json(), f"{name}-caption.json", "application/json",
                    on_click="ignore", key=f"save_{name}",
                )  # fmt: skip
            st.download_button(
                "Replay page (HTML)", lambda: replay_html(looked.trace), "caption-replay.html", "text/html",
                on_click="ignore", key="save_replay",
            )  # fmt: skip
        st.caption("Pictures with their overlay are saved above them: “Save”, or the camera in the corner.")
