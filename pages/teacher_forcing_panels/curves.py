"""Training curves and final scores of the recorded runs."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.exports import figure
from pages.shared.figures import is_dark
from pages.shared.html import plain, table
from pages.shared.view import bound, current
from pages.shared.views import TeacherForcingView
from pages.teacher_forcing_panels.regimes import choose_regimes
from seq2seq import viz
from seq2seq.training.lab import ALWAYS, title
from seq2seq.training.lab.record import LabRun, mean_and_spread
from seq2seq.viz.lab import MEASURES, Measure
from seq2seq.viz.labels import number
from seq2seq.viz.tables import table_csv

if TYPE_CHECKING:
    from seq2seq.training.lab import Lab

EXPLANATIONS = {
    "bleu": "The model runs free, and BLEU compares whole translations: the score that counts. Forced training "
    "climbs fastest. A model that is fed its own words still has the reference's word at the same position as its "
    "label, even where its own words have shifted, so part of what it learns is wrong (Huszár 2015): the less it "
    "is forced, the further it stays behind on this budget.",
    "forced_loss": "Every model is fed the reference here, even those that never saw it in training. Forced "
    "training is best at what it was trained for; that need not make it best at running free.",
    "loss": "What each run minimised. Runs that are fed their own tokens work on a harder task, so their losses "
    "are not comparable with forced ones: a higher curve does not mean a worse model.",
    "ratio": "How often the reference was fed. Each decay starts as teacher forcing and ends almost free.",
    "encoder_norm": "The norm of the gradient that reaches the encoder, before clipping. After wrong "
    "inputs the decoder's errors point in all directions, and less useful signal arrives.",
    "decoder_norm": "The norm of the decoder's gradient, before clipping.",
}


def panel(recorded: "Lab") -> None:
    """Draw the switches, the curves and the table of scores."""
    regimes = choose_regimes(recorded)
    if not regimes:
        return
    measure = _choose_measure()
    st.write(EXPLANATIONS[measure])
    figure(
        viz.lab_curves(recorded, regimes, measure, dark=is_dark()),
        "lab_curves",
        f"{MEASURES[measure]} by update. " + "; ".join(_told(recorded, regime, measure) for regime in regimes),
        name=f"{MEASURES[measure]} by update",
        title=MEASURES[measure],
        csv=lambda: _curves_csv(recorded, regimes),
    )
    _scores(recorded, regimes)


def _choose_measure() -> Measure:
    asked = current(TeacherForcingView).measure
    chosen: Measure = next((one for one in MEASURES if one == asked), "bleu")
    st.segmented_control(
        "Curve", list(MEASURES), format_func=MEASURES.__getitem__, required=True, label_visibility="collapsed",
        **bound("measure", "tf_measure", chosen),
    )  # fmt: skip
    return chosen


def _told(recorded: "Lab", regime: str, measure: Measure) -> str:
    run = recorded.of(regime)[0]
    values: Sequence[float] = getattr(run.curve, measure)
    return f"{title(regime)} ends at {number(values[-1])}" if values else title(regime)


def _scores(recorded: "Lab", regimes: Sequence[str]) -> None:
    st.subheader("What they reach, running free", anchor=False)
    rows = [_row(recorded.of(regime)) for regime in regimes]
    st.html(
        table(
            ("regime", "seeds", "valid BLEU", "test BLEU", "test chrF", "p against always forced", "core-minutes"),
            rows,
            numbers=(1, 2, 3, 4, 6),
            dark=is_dark(),
        )
    )
    one = recorded.runs[0]
    st.caption(
        "± is the standard deviation over seeds. p: how often so large a difference in BLEU on the test set "
        "occurs by chance, by paired bootstrap between the runs of seed 1; under 0.05 it hardly does. But a "
        f"second seed of the same regime differs too: see ±. All runs: {one.parameters:,} parameters, "
        f"{one.updates:,} updates, greedy; {plain(recorded.data)}; {one.test.pairs:,} test pairs; "
        f"{plain(one.test.bleu_signature)}."
    )


def _row(runs: Sequence[LabRun]) -> tuple[str, ...]:
    p = runs[0].p_bleu
    return (
        title(runs[0].regime),
        str(len(runs)),
        _spread(runs, lambda run: run.valid.bleu),
        _spread(runs, lambda run: run.test.bleu),
        _spread(runs, lambda run: run.test.chrf),
        "–" if p is None or runs[0].regime == ALWAYS else f"{p:.3f}",
        number(sum(run.core_minutes for run in runs) / len(runs), 1),
    )


def _spread(runs: Sequence[LabRun], of: Callable[[LabRun], float]) -> str:
    mean, spread = mean_and_spread([of(run) for run in runs])
    return number(mean, 1) if spread is None else f"{number(mean, 1)} ± {number(spread, 1)}"


def _curves_csv(recorded: "Lab", regimes: Sequence[str]) -> bytes:
    names = ("loss", "ratio", "encoder_norm", "decoder_norm")
    valid = ("forced_loss", "accuracy", "bleu", "chrf")
    rows: list[tuple[str | int | float | None, ...]] = []
    for run in (run for regime in regimes for run in recorded.of(regime)):
        curve = run.curve
        for place, at in enumerate(curve.updates):
            rows.append((run.name, at, *(getattr(curve, name)[place] for name in names), *[None] * len(valid)))
        for place, at in enumerate(curve.valid_updates):
            rows.append((run.name, at, *[None] * len(names), *(getattr(curve, name)[place] for name in valid)))
    return table_csv(("run", "update", *names, *valid), rows)
