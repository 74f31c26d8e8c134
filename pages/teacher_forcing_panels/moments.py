"""Watch it learn: one sentence translated by several snapshots of one training."""

from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import lab
from pages.shared.exports import figure
from pages.shared.figures import is_dark
from pages.shared.html import coloured_words, confidence_legend, facts, muted
from pages.shared.view import change, current
from pages.teacher_forcing_panels.sentence import EXAMPLES
from seq2seq import viz
from seq2seq.trace.view import words_on_path
from seq2seq.viz.describe import attention_summary
from seq2seq.viz.export import heatmap_csv
from seq2seq.viz.theme import number

if TYPE_CHECKING:
    from seq2seq.training.lab import Lab


def panel(recorded: "Lab") -> None:
    """Draw the slider, and the chosen snapshot's translation and attention."""
    here = [one for one in recorded.snapshots if (lab.folder() / one.folder / "config.json").is_file()]
    if not here:
        st.html(muted("No snapshots of a training are kept here."))
        return
    st.write(
        "The same model at several points of its training. At first it writes frequent words, then it finds "
        "the subject, and the attention turns from a blur into a line. Move the slider with ← and →."
    )
    updates = [one.update for one in here]
    _inputs(updates)
    view = current()
    sentence = view.text.strip() or EXAMPLES[0][0]
    chosen = view.moment if view.moment in updates else updates[-1]
    trace = lab.snapshot_trace(here[updates.index(chosen)].folder, sentence)
    with st.container(border=True):
        st.html(coloured_words(words_on_path(trace, trace.best.leaf), dark=is_dark()))
        st.html(facts(_facts(recorded, chosen, trace.best.log_prob)))
    st.html(confidence_legend(dark=is_dark()))
    drawn = viz.attention_heatmap(trace, words=True, dark=is_dark())
    if drawn is not None:
        figure(
            drawn,
            "snapshot_attention",
            f"After {chosen:,} updates: {attention_summary(trace)}",
            name=f"Attention after {chosen} updates of {sentence}",
            title="Where it looked",
            csv=lambda: heatmap_csv(trace, words=True) or b"",
            trace=trace,
        )


def _inputs(updates: list[int]) -> None:
    view, state = current(), st.session_state
    state["tf_snapshot"] = view.moment if view.moment in updates else updates[-1]
    state.setdefault("tf_snapshot_text", view.text or EXAMPLES[0][0])
    st.text_input("French sentence", key="tf_snapshot_text", max_chars=300, on_change=_typed)
    st.select_slider(
        "After how many updates", updates, key="tf_snapshot", on_change=_moved, format_func="{:,}".format
    )


def _typed() -> None:
    change(current().for_other_sentence(text=st.session_state["tf_snapshot_text"]))


def _moved() -> None:
    change(current().model_copy(update={"moment": st.session_state["tf_snapshot"]}))


def _facts(recorded: "Lab", update: int, log_prob: float) -> list[tuple[str, str]]:
    """Return the sentence's log-probability and the scores of the validation nearest to the snapshot."""
    found = [("log-probability", number(log_prob))]
    run = next((one for one in recorded.runs if one.name == recorded.watched), None)
    if run is None or not run.curve.valid_updates:
        return found
    curve = run.curve
    place = min(range(len(curve.valid_updates)), key=lambda i: abs(curve.valid_updates[i] - update))
    at = curve.valid_updates[place]
    return [
        *found,
        (f"valid BLEU at update {at:,}", number(curve.bleu[place], 1)),
        (f"valid loss at update {at:,}", number(curve.forced_loss[place])),
    ]
