"""Vanishing gradients: how much of the loss reaches each word of the source."""

from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.exports import figure
from pages.shared.figures import is_dark
from pages.shared.html import muted
from seq2seq import viz
from seq2seq.viz.labels import number
from seq2seq.viz.tables import table_csv

if TYPE_CHECKING:
    from seq2seq.training.lab import Gradients, Lab


def panel(recorded: "Lab") -> None:
    """Draw the norms before and after training."""
    if not recorded.gradients:
        st.html(muted("The recorded runs hold no gradients."))
        return
    st.markdown(
        "Without attention the loss's gradient travels back through every step, and each may shrink it; gates keep "
        "a path open, attention gives every word its own.",
        help="The encoder reads from left to right, and without attention the decoder sees only its last state "
        "(Hochreiter 1991; Bengio et al. 1994). The axis is logarithmic: one line down is ten times less to learn "
        "from.",
    )
    measured = sorted({one.updates for one in recorded.gradients})
    chosen = st.segmented_control(
        "When", measured, default=measured[-1], key="tf_gradients", required=True, label_visibility="collapsed",
        format_func=lambda n: "before training" if n == 0 else f"after {n:,} updates",
    )  # fmt: skip
    shown = [one for one in recorded.gradients if one.updates == chosen]
    if not chosen:
        st.caption(
            "Before training the gates stand half open and shrink what passes at every step, so the plain rnn "
            "carries most; training opens them where something has to be kept."
        )
    figure(
        viz.gradient_curves(shown, dark=is_dark()),
        "lab_gradients",
        "Norm of the gradient at the first and the last source position: " + "; ".join(map(_told, shown)),
        name="Gradient by source position",
        title="What reaches each source position",
        csv=lambda: table_csv(
            ("cell", "attention", "updates", "position", "norm"),
            ((g.cell, g.attention, g.updates, n, value) for g in shown for n, value in enumerate(g.norms, 1)),
        ),
    )
    st.caption(
        f"The mean over {shown[0].sentences} validation sentences of {len(shown[0].norms) - 1} pieces; the loss "
        "is that of the whole target, with teacher forcing."
    )


def _told(one: "Gradients") -> str:
    name = one.cell if one.attention == "none" else f"{one.cell} with attention"
    return f"{name} {number(one.norms[0], 4)} and {number(one.norms[-1], 4)}"
