"""A third choice beside greedy and beam: the caption in a wide beam that most others, or the photo, speak for."""

import math

import streamlit as st

from pages.captioning_panels.subject import CaptionSubject
from pages.shared import captioners, sessions
from pages.shared.html import heading, plain, table
from pages.shared.view import current
from pages.shared.views import CaptioningView
from seq2seq import viz
from seq2seq.viz.theme import number, percent

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
    chosen = [("The one that has the most in common with all of them", texts[weighed.consensus])]
    if weighed.match is not None:
        chosen.append(("The likely one whose words match the photo best", texts[weighed.match]))
    st.html(heading(f"The winner of beam {current(CaptioningView).beam}", colours.beam))
    st.markdown(plain(subject.trace.best.text) or "(nothing)")
    for name, text in chosen:
        st.html(heading(name, colours.text))
        st.markdown(plain(text) or "(nothing)")
    header, rows = ["caption", "likely", "in common"], []
    for place, one in enumerate(trace.hypotheses[:_SHOWN]):
        rows.append([one.text, percent(math.exp(one.log_prob)), number(weighed.shared[place], 1)])
        if weighed.cosines is not None:
            rows[-1].append(number(weighed.cosines[place]))
    header += ["match"] if weighed.cosines is not None else []
    st.html(table(header, rows, numbers=range(1, len(header)), dark=subject.dark))
    st.caption(
        "In common: the mean CIDEr-D with all of them, 0 to 10 (minimum Bayes risk, Kumar and Byrne 2004). Match: "
        "the cosine of words and photo in the space of the photo search. On the development photos it chooses best."
    )
