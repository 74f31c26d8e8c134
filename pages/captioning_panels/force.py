"""What if the caption began differently: a prefix is forced, and the search continues from there."""

import math

import streamlit as st

from pages.captioning_panels.subject import CaptionSubject
from pages.shared import captioners, sessions
from pages.shared.html import clean, coloured_words, facts, heading, plain
from pages.shared.view import current, update
from pages.shared.views import LONGEST_EXPECTED, CaptioningView
from seq2seq import viz
from seq2seq.trace import Trace
from seq2seq.trace.view import words_on_path
from seq2seq.viz.labels import number


def panel(subject: CaptionSubject) -> None:
    """Draw the input field, and both captions."""
    st.write(
        "Force how the caption begins: name another animal, or begin with “there is”. The model has to continue "
        "from there, and its log-probability shows how likely it finds that."
    )
    st.session_state["cap_begins"] = current(CaptioningView).begins
    with st.form("cap_force", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("The caption begins", key="cap_begins", max_chars=LONGEST_EXPECTED, width="stretch")
        st.form_submit_button("Force this", icon=":material/edit:", on_click=_forced)
    if not current(CaptioningView).begins:
        st.caption("Nothing is forced.")
        return
    after = forced(subject)
    for column, name, trace in zip(st.columns(2), ("Of its own", "Forced"), (subject.trace, after), strict=True):
        with column, st.container(border=True):
            st.html(heading(name, viz.palette(subject.dark).text))
            st.html(coloured_words(words_on_path(trace, trace.best.leaf), dark=subject.dark))
            st.html(facts([("log-probability", number(trace.best.log_prob)),
                           ("score by length", number(trace.best.normalised))]))  # fmt: skip
    _verdict(subject.trace, after)


def forced(subject: CaptionSubject) -> Trace:
    """Return beam search with the view's forced prefix, if there is one.

    Raises ConfigError if the tokenizer can't encode the prefix.
    """
    begins = current(CaptioningView).begins
    if not begins:
        return subject.trace
    edits = captioners.prefix_edit(subject.model, begins)
    return sessions.trace_photo(subject.model, subject.photo, subject.trace.options, edits=edits).trace


def begin(typed: str) -> None:
    """Force how the caption begins; call it in a callback."""
    words = " ".join(clean(typed).lower().split())[:LONGEST_EXPECTED]
    update(begins=words, node=0, pruned="")


def _forced() -> None:
    begin(st.session_state["cap_begins"])


def _verdict(own: Trace, other: Trace) -> None:
    gap = other.best.log_prob - own.best.log_prob
    if other.best.text == own.best.text:
        st.info("The same caption comes out.", icon=":material/equal:")
        return
    factor = math.exp(min(abs(gap), 7))
    times = f"{factor:,.1f} times" if factor < 1000 else "over a thousand times"
    st.info(
        f"“{plain(other.best.text)}” is {times} {'more' if gap > 0 else 'less'} likely to the model than its "
        "own caption.",
        icon=":material/call_split:",
    )
    if other.best.normalised > own.best.normalised + 1e-6:
        st.success("It scores better: the search had pruned it, a search error.", icon=":material/lightbulb:")
