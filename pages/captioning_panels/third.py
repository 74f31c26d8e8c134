"""A third choice beside greedy and beam: the caption in a wide beam that most others, or the photo, speak for."""

import math

import streamlit as st

from pages.captioning_panels.subject import CaptionSubject
from pages.shared import captioners, sessions
from pages.shared.html import heading, plain, table
from pages.shared.view import current
from pages.shared.views import CaptioningView
from seq2seq import viz
from seq2seq.trace import Trace
from seq2seq.viz.labels import number, percent

WIDE = 20
"""The beam whose captions are compared."""
_SHOWN = 8


def panel(subject: CaptionSubject) -> None:
    """Draw the other choices beside the beam's winner, and what speaks for each caption."""
    view = current(CaptioningView).model_copy(update={"beam": WIDE})
    trace = sessions.trace_photo(subject.model, subject.photo, captioners.options(view, subject.model)).trace
    weighed = captioners.weighed(subject.model, subject.photo, trace)
    texts = [one.text for one in trace.hypotheses]
    colours = viz.palette(subject.dark)
    st.write(f"The winner is the likeliest caption. Of the {len(texts)} in a beam of {WIDE} another may be better:")
    own = subject.trace.best.text
    chosen = [(f"The winner of beam {current(CaptioningView).beam}", own, colours.winner)]
    chosen.append(("Most in common with all of them", texts[weighed.consensus], colours.text))
    if weighed.match is not None:
        chosen.append(("Likely, and its words match the photo", texts[weighed.match], colours.text))
    choices, reasons = st.columns([1, 1.4], gap="large")
    with choices:
        for place, (name, text, colour) in enumerate(chosen):
            st.html(heading(name, colour))
            st.markdown("the winner itself" if place and text == own else plain(text) or "(nothing)")
    with reasons:
        _reasons(trace, weighed, subject.dark)


def _reasons(trace: Trace, weighed: captioners.Weighed, dark: bool) -> None:
    """Draw what speaks for each caption."""
    header, rows = ["caption", "likely", "in common"], []
    for place, one in enumerate(trace.hypotheses[:_SHOWN]):
        rows.append([one.text, percent(math.exp(one.log_prob)), number(weighed.shared[place], 1)])
        if weighed.cosines is not None:
            rows[-1].append(number(weighed.cosines[place]))
    header += ["match"] if weighed.cosines is not None else []
    st.html(table(header, rows, numbers=range(1, len(header)), dark=dark))
    st.caption(
        "In common: the mean CIDEr-D with all of them, 0 to 10 (minimum Bayes risk, Kumar and Byrne 2004). Match: "
        "the cosine of words and photo in the space of the photo search. On the development photos it chooses best."
    )
