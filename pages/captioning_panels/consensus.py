"""A third choice: the caption in a wide beam that has the most in common with all others there."""

import math

import streamlit as st

from pages.captioning_panels.subject import CaptionSubject
from pages.shared import captioners, sessions
from pages.shared.html import heading, plain, table
from pages.shared.view import current
from pages.shared.views import CaptioningView
from seq2seq import viz
from seq2seq.evaluation.captions import likeness
from seq2seq.viz.theme import number, percent

WIDE = 20
"""The beam whose captions are compared."""
_SHOWN = 8


def panel(subject: CaptionSubject) -> None:
    """Draw the consensus beside the beam's winner, and what speaks for each of the captions."""
    view = current(CaptioningView).model_copy(update={"beam": WIDE})
    trace = sessions.trace_photo(subject.model, subject.photo, captioners.options(view, subject.model)).trace
    texts = [one.text for one in trace.hypotheses]
    shared = likeness(texts)
    chosen = max(range(len(texts)), key=lambda place: shared[place])
    colours = viz.palette(subject.dark)
    st.write(
        f"The winner is the likeliest caption. Another of the {len(texts)} in a beam of {WIDE} may have more in "
        "common with all of them:"
    )
    for name, text, colour in (
        (f"The winner of beam {current(CaptioningView).beam}", subject.trace.best.text, colours.beam),
        ("The consensus, a third choice", texts[chosen], colours.text),
    ):
        st.html(heading(name, colour))
        st.markdown(f"{plain(text)}" if text else "(nothing)")
    order = sorted(range(len(texts)), key=lambda place: -shared[place])[:_SHOWN]
    rows = [
        [texts[place], number(shared[place], 1), percent(math.exp(trace.hypotheses[place].log_prob))]
        for place in order
    ]
    st.html(table(["caption", "in common", "likely"], rows, numbers=[1, 2], marked=0, dark=subject.dark))
    st.caption(
        "In common: the mean CIDEr-D with all of them, 0 to 10 (minimum Bayes risk, Kumar and Byrne 2004). On the "
        "development photos the consensus scores as the winner does, and captions are less often alike."
    )
