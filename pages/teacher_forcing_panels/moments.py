"""Watch it learn: one sentence translated by several snapshots of one training."""

import time
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import lab
from pages.shared.exports import figure
from pages.shared.figures import is_dark
from pages.shared.html import coloured_words, confidence_legend, facts, muted
from pages.shared.view import bound, change, current, update
from pages.shared.views import TeacherForcingView
from pages.teacher_forcing_panels.sentence import EXAMPLES
from seq2seq import viz
from seq2seq.trace.view import words_on_path
from seq2seq.viz.describe import attention_summary
from seq2seq.viz.labels import number
from seq2seq.viz.tables import heatmap_csv

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seq2seq.training.lab import Lab
    from seq2seq.training.lab.record import Snapshot

_BEAT = 1.3  # seconds that a snapshot stays while it plays
_PLAYING, _SINCE = "tf_playing", "tf_since"


def panel(recorded: "Lab") -> None:
    """Draw the slider, and the chosen snapshot's translation and attention."""
    here = [one for one in recorded.snapshots if (lab.folder() / one.folder / "config.json").is_file()]
    if not here:
        st.html(muted("No snapshots of a training are kept here."))
        return
    playing = st.session_state.get(_PLAYING, False)
    st.fragment(_watch, run_every=_BEAT if playing else None)(recorded, here)


def _watch(recorded: "Lab", here: "Sequence[Snapshot]") -> None:
    """Draw one snapshot; a fragment that runs by itself while it plays."""
    updates = [one.update for one in here]
    _advance(updates)
    _inputs(updates)
    view = current(TeacherForcingView)
    sentence = view.text.strip() or EXAMPLES[0][0]
    chosen = _moment(updates)
    trace = lab.snapshot_trace(here[updates.index(chosen)].folder, sentence)
    with st.container(border=True):
        if trace.best.text:
            st.html(coloured_words(words_on_path(trace, trace.best.leaf), dark=is_dark()))
        else:
            st.write("It ends at once and writes nothing yet.")
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


def _moment(updates: list[int]) -> int:
    """Return the update of the snapshot that is shown; the first one at the beginning."""
    moment = current(TeacherForcingView).moment
    return moment if moment in updates else updates[0]


def _advance(updates: list[int]) -> None:
    """Go on to the next snapshot while it plays."""
    state = st.session_state
    if not state.get(_PLAYING) or time.monotonic() - state.get(_SINCE, 0.0) < 0.9 * _BEAT:
        return
    state[_SINCE] = time.monotonic()
    place = min(updates.index(_moment(updates)) + 1, len(updates) - 1)
    update(moment=updates[place])
    if place == len(updates) - 1:
        state[_PLAYING] = False
        st.rerun()  # a whole run, since only that reads the interval again


def _inputs(updates: list[int]) -> None:
    view, state = current(TeacherForcingView), st.session_state
    state.setdefault("tf_snapshot_text", view.text or EXAMPLES[0][0])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        playing = state.get(_PLAYING, False)
        if st.button("Pause" if playing else "Play", icon=f":material/{'pause' if playing else 'play_arrow'}:",
                     key="tf_play", type="primary"):  # fmt: skip
            state[_PLAYING], state[_SINCE] = not playing, time.monotonic()
            if not playing and _moment(updates) == updates[-1]:
                update(moment=updates[0])
            st.rerun()
        st.select_slider(
            "After how many updates",
            updates,
            format_func="{:,}".format,
            **bound("moment", "tf_snapshot", _moment(updates)),
        )
        st.text_input("French sentence", key="tf_snapshot_text", max_chars=300, width=420, on_change=_typed)


def _typed() -> None:
    change(current(TeacherForcingView).for_other_sentence(text=st.session_state["tf_snapshot_text"]))


def _facts(recorded: "Lab", moment: int, log_prob: float) -> list[tuple[str, str]]:
    """Return the sentence's log-probability and the scores of the validation at the snapshot, if there was one."""
    found = [("log-probability", number(log_prob))]
    run = next((one for one in recorded.runs if one.name == recorded.watched), None)
    if run is None or not run.curve.valid_updates:
        return found
    curve = run.curve
    if moment not in curve.valid_updates:
        return found
    place = curve.valid_updates.index(moment)
    return [
        *found,
        ("valid BLEU", number(curve.bleu[place], 1)),
        ("valid loss", number(curve.forced_loss[place])),
    ]
