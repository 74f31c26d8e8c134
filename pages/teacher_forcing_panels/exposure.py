"""Exposure bias: how the models do given their own prefix, and after a planted error."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import streamlit as st

from pages.shared.exports import figure
from pages.shared.figures import is_dark
from pages.shared.html import table
from pages.teacher_forcing_panels.regimes import choose_regimes
from seq2seq import viz
from seq2seq.training.lab import title
from seq2seq.viz.export import table_csv
from seq2seq.viz.theme import percent

if TYPE_CHECKING:
    from seq2seq.training.lab import Lab


def panel(recorded: "Lab") -> None:
    """Draw accuracy by position given either prefix, and recovery."""
    regimes = choose_regimes(recorded)
    if not regimes:
        return
    st.write(
        "Left, each model's prefix is the reference; right, its own output. The drop from left to right is the "
        "exposure bias: how much worse it gets on prefixes that training has not shown it."
    )
    shown = st.segmented_control(
        "Measure", ["accuracy", "loss"], default="accuracy", key="tf_exposure", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    measure: Literal["accuracy", "loss"] = "loss" if shown == "loss" else "accuracy"
    left, right = st.columns(2)
    with left:
        _positions(recorded, regimes, measure, "teacher_forced", "After the reference's words")
    with right:
        _positions(recorded, regimes, measure, "free_running", "After its own words")
    st.caption(
        "After its own words, a position is compared with the same position of the reference. That is unfair to "
        "all: one inserted word moves the rest, and every later position counts as wrong. So these curves do not "
        "rank the models; BLEU does. Positions that few references reach are left out."
    )
    _recovery(recorded, regimes)


def _positions(
    recorded: "Lab",
    regimes: Sequence[str],
    measure: Literal["accuracy", "loss"],
    prefix: Literal["teacher_forced", "free_running"],
    name: str,
) -> None:
    runs = [recorded.of(regime)[0] for regime in regimes]
    figure(
        viz.exposure_curves(recorded, regimes, measure, prefix, dark=is_dark()),
        f"exposure_{prefix}",
        f"{name}, {measure} by position: "
        + "; ".join(f"{title(run.regime)} {getattr(run.exposure, f'{prefix}_{measure}')}" for run in runs),
        name=f"{name}, {measure} by position",
        title=name,
        csv=lambda: table_csv(
            ("regime", "position", "sentences", measure),
            (
                (run.regime, place, run.exposure.sentences[place - 1], value)
                for run in runs
                for place, value in enumerate(getattr(run.exposure, f"{prefix}_{measure}"), 1)
            ),
        ),
    )


def _recovery(recorded: "Lab", regimes: Sequence[str]) -> None:
    st.subheader("After an error", anchor=False)
    steps = [one.step for one in recorded.runs[0].recovery]
    if not steps:
        return
    st.write(
        "A wrong word was planted in each model's own translation, the same for all models. A model is back once "
        "the rest equals the end of its translation without the error. Read this together with BLEU: a model that "
        "hardly uses its own last word is soon back as well, whether its translation is good or bad."
    )
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
            ("regime", "sentences", "back at once", "back at all"),
            [
                (
                    title(run.regime),
                    f"{run.recovery[place].sentences:,}",
                    percent(run.recovery[place].back_within[0]),
                    percent(run.recovery[place].back),
                )
                for run in runs
            ],
            numbers=(1, 2, 3),
            dark=is_dark(),
        )
    )
