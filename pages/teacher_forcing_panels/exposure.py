"""Exposure bias: who gets over a planted error, and how well each model does while the reference is fed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import streamlit as st

from pages.shared.exports import figure
from pages.shared.figures import is_dark
from pages.shared.html import table
from pages.teacher_forcing_panels.regimes import choose_regimes
from seq2seq import viz
from seq2seq.training.lab import title
from seq2seq.viz.labels import number, percent
from seq2seq.viz.tables import table_csv

if TYPE_CHECKING:
    from seq2seq.training.lab import Lab


def panel(recorded: "Lab") -> None:
    """Draw who recovers from an error, and how well each model does while the reference is fed."""
    regimes = choose_regimes(recorded)
    if not regimes:
        return
    st.markdown(
        "A model that was always fed the reference has never seen its own mistakes: that is the exposure bias. "
        "Here each got a wrong word into its own translation.",
        help="The same wrong word for all; a model is back once the rest equals the end of its translation without "
        "it.",
    )
    _recovery(recorded, regimes)
    st.subheader("While the reference is fed", anchor=False)
    _positions(recorded, regimes)


def _positions(recorded: "Lab", regimes: Sequence[str]) -> None:
    shown = st.segmented_control(
        "Measure", ["accuracy", "loss"], default="accuracy", key="tf_exposure", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    measure: Literal["accuracy", "loss"] = "loss" if shown == "loss" else "accuracy"
    runs = [recorded.of(regime)[0] for regime in regimes]
    name = f"{measure.capitalize()} by position, after the reference's words"
    figure(
        viz.exposure_curves(recorded, regimes, measure, "teacher_forced", dark=is_dark()),
        "exposure_teacher_forced",
        f"{name}: "
        + "; ".join(f"{title(run.regime)} {getattr(run.exposure, f'teacher_forced_{measure}')}" for run in runs),
        name=name,
        title=name,
        csv=lambda: table_csv(
            ("regime", "position", "sentences", measure),
            (
                (run.regime, place, run.exposure.sentences[place - 1], value)
                for run in runs
                for place, value in enumerate(getattr(run.exposure, f"teacher_forced_{measure}"), 1)
            ),
        ),
    )
    st.caption("Positions that few references reach are left out.")


def _recovery(recorded: "Lab", regimes: Sequence[str]) -> None:
    steps = [one.step for one in recorded.runs[0].recovery]
    if not steps:
        return
    place = st.segmented_control(
        "The wrong word stands in place of", list(range(len(steps))), default=0, key="tf_recovery", required=True,
        format_func=lambda i: f"token {steps[i]}",
    ) or 0  # fmt: skip
    runs = [recorded.of(regime)[0] for regime in regimes]
    figure(
        viz.recovery_curves(recorded, regimes, place, dark=is_dark()),
        "recovery",
        "Share of translations that are back: "
        + "; ".join(f"{title(run.regime)} {percent(run.recovery[place].back)}" for run in runs),
        name=f"Recovery after a wrong token {steps[place]}",
        title="How many are back on their path",
    )
    st.html(
        table(
            ("regime", "sentences", "back at once", "back at all", "BLEU on the test set"),
            [
                (
                    title(run.regime),
                    f"{run.recovery[place].sentences:,}",
                    percent(run.recovery[place].back_within[0]),
                    percent(run.recovery[place].back),
                    number(run.test.bleu, 1),
                )
                for run in runs
            ],
            numbers=(1, 2, 3, 4),
            dark=is_dark(),
        )
    )
    st.caption(
        "Read it together with BLEU: a model that hardly uses its own last word is soon back as well, whether its "
        "translation is good or bad."
    )
