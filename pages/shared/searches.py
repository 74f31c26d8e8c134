"""Searches of one source: the table of a beam's outputs, and what can be copied and downloaded."""

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from pages.shared import sessions
from seq2seq.trace import Trace


class Searched(NamedTuple):
    """One search of the sentence."""

    name: str
    colour: str
    found: sessions.TimedTrace

    @property
    def trace(self) -> Trace:
        """The trace of the search."""
        return self.found.trace


def ranked(trace: Trace, noun: str, *, expanded: bool = False) -> None:
    """Draw the table of a beam's n best, and the stop rule. noun: what they are."""
    with st.expander(f"The {len(trace.hypotheses)} best of the beam", expanded=expanded):
        st.dataframe(
            {
                "rank": list(range(1, len(trace.hypotheses) + 1)),
                noun: [one.text for one in trace.hypotheses],
                "score by length": [round(one.normalised, 3) for one in trace.hypotheses],
                "log-probability": [round(one.log_prob, 3) for one in trace.hypotheses],
                "pieces": [one.length for one in trace.hypotheses],
                "finished": [one.finished for one in trace.hypotheses],
            },
            hide_index=True,
            width="stretch",
        )
        st.caption(f"Stop rule: {trace.stop.rule}. Bound: {trace.stop.bound}.")


def downloads(panels: Sequence[Searched], source: str, noun: str) -> None:
    """Draw each result to copy, and the downloads. source: the first line of the text file."""
    for panel in panels:
        st.caption(panel.name)
        st.code(panel.trace.best.text, language=None, wrap_lines=True)
    with st.container(horizontal=True):
        text = "".join(f"{panel.name}\t{panel.trace.best.text}\n" for panel in panels)
        st.download_button("Text", f"{source}\n{text}", f"{noun}.txt", on_click="ignore")
        for panel in panels:
            name = panel.name.split()[0].lower()
            st.download_button(
                f"{panel.name} trace (JSON)", panel.trace.to_json(), f"{name}-{noun}.json", "application/json",
                on_click="ignore", key=f"save_{name}",
            )  # fmt: skip
