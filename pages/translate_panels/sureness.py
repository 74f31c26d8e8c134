"""How sure the model is of each word of both outputs, and whether its confidences hold."""

import streamlit as st

from pages.shared import models, records, sessions
from pages.shared.exports import figure
from pages.shared.html import coloured_words, confidence_legend, heading
from pages.shared.subject import Subject
from pages.shared.views import TranslateView
from seq2seq import viz
from seq2seq.trace.view import divergence, words_on_path
from seq2seq.viz.labels import number, percent


def panel(subject: Subject[TranslateView]) -> None:
    """Draw the words of greedy and beam search in the colours of their confidence, and the calibration curve."""
    name = subject.model or ""
    greedy = sessions.trace_text(name, subject.sentence, subject.view.greedy())
    beam = sessions.trace_text(name, subject.sentence, subject.view.beam_search(models.load(name).config.alpha))
    part = divergence(greedy.trace, beam.trace)
    colours = viz.palette(subject.dark)
    left, right = st.columns(2)
    for column, title, colour, found in (
        (left, "Greedy", colours.greedy, greedy),
        (right, f"Beam {subject.view.beam}", colours.beam, beam),
    ):
        with column:
            st.html(heading(title, colour))
            words = words_on_path(found.trace, found.trace.best.leaf)
            st.html(coloured_words(words, dark=subject.dark, parts_at=part.step if part else None))
            st.caption(f"Found in {number(found.milliseconds)} ms, {found.trace.stop.steps} steps of the model.")
    st.html(confidence_legend(dark=subject.dark))
    _calibration(name, dark=subject.dark)


def _calibration(name: str, *, dark: bool) -> None:
    curve = records.calibration(name)
    if curve is None:
        st.caption("This checkpoint has no calibration curve; training writes one.")
        return
    said, right = percent(curve.said), percent(curve.right)
    st.caption(
        f"Do these confidences hold? On the validation set it was {said} sure of its pieces, and right in {right}.",
        help="The likeliest piece's mean probability with the reference as its prefix, and how often it was the "
        "reference's piece. A word's confidence is the product of its pieces'.",
    )
    figure(
        viz.calibration(curve, dark=dark),
        "calibration",
        f"said {said}, right {right}",
        name=f"Calibration of {name}",
    )
