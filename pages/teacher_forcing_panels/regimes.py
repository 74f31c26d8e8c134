"""The picker of the regimes to draw, shared by all views."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import lab
from pages.shared.view import bound, current
from pages.shared.views import TeacherForcingView
from seq2seq.training.lab import title

if TYPE_CHECKING:
    from seq2seq.training.lab import Lab


def choose_regimes(recorded: "Lab") -> Sequence[str]:
    """Draw the switches and return the regimes that are on, in recorded order."""
    on = lab.regimes_from_link(recorded, current(TeacherForcingView).regimes)
    st.pills(
        "How they were trained", recorded.regimes, selection_mode="multi", format_func=title,
        **bound("regimes", "tf_regimes", list(on), read="_".join),
        help="Switch on what you want to compare.",
    )  # fmt: skip
    if not on:
        st.info("Switch on at least one regime.", icon=":material/toggle_on:")
    return on
