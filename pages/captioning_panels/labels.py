"""What the encoder alone takes the photo for."""

import streamlit as st

from pages.captioning_panels.subject import CaptionSubject
from pages.shared import captioners
from pages.shared.exports import figure
from seq2seq import viz
from seq2seq.viz.labels import percent


def panel(subject: CaptionSubject) -> None:
    """Draw the classes that the encoder finds likeliest."""
    labels = captioners.labels(subject.model, subject.photo)
    if not labels:
        st.info("This model's encoder names no classes.", icon=":material/label_off:")
        return
    says = ", ".join(f"{one.name} {percent(one.probability)}" for one in labels)
    figure(
        viz.label_bars([(one.name, one.probability) for one in labels], dark=subject.dark),
        "labels",
        f"The encoder's own guess among 1,000 ImageNet classes: {says}",
        name=f"Labels of {subject.photo.name}",
        title="The encoder's own guess",
    )
    st.caption("Of 1,000 ImageNet classes. The decoder never sees these words, only the features behind them.")
