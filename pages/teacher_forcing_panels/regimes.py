"""The picker of the regimes to draw, shared by all views."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import lab
from pages.shared.view import change, current
from seq2seq.training.lab import title

if TYPE_CHECKING:
    from seq2seq.training.lab import Lab


def choose_regimes(recorded: "Lab") -> Sequence[str]:
    """Draw the switches and return the regimes that are on, in recorded order."""
    on = lab.regimes_from_link(recorded, current().regimes)
    st.session_state["tf_regimes"] = list(on)
    st.pills(
        "Regimes", recorded.regimes, key="tf_regimes", selection_mode="multi", format_func=title,
        on_change=_switched, help="Switch on what you want to compare.",
    )  # fmt: skip
    if not on:
        st.info("Switch on at least one regime.", icon=":material/toggle_on:")
    return on


def _switched() -> None:
    change(current().model_copy(update={"regimes": "_".join(st.session_state["tf_regimes"])}))
