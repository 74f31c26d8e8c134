"""The sentences that this session has looked at: to go back to, and to save."""

import csv
import io

import streamlit as st

from pages.shared import stage
from pages.shared.html import plain
from pages.shared.view import change, current
from pages.shared.views import TranslateView
from seq2seq.trace import Trace
from seq2seq.viz.labels import shortened

_KEPT = "own_sentences"
_MOST = 100


def keep(model: str, greedy: Trace, beam: Trace) -> None:
    """Remember what was found for a sentence; the last one stands first."""
    kept: dict[tuple[str, str], tuple[str, str]] = st.session_state.setdefault(_KEPT, {})
    asked = (model, beam.source.text)
    kept.pop(asked, None)
    kept[asked] = (greedy.best.text, beam.best.text)
    while len(kept) > _MOST:
        del kept[next(iter(kept))]


def menu() -> None:
    """Draw the menu of this session's sentences, once there are two."""
    kept: dict[tuple[str, str], tuple[str, str]] = st.session_state.get(_KEPT, {})
    if len(kept) < 2:
        return
    with st.popover(f"Your sentences ({len(kept)})", icon=":material/history:"):
        for place, (model, text) in enumerate(reversed(kept)):
            st.button(
                plain(shortened(text, 60)), key=f"own_sentence_{place}", type="tertiary",
                on_click=_back, args=(model, text),
            )  # fmt: skip
        st.download_button(
            "Save as a table (TSV)", lambda: _table(kept), "sentences.tsv", "text/tab-separated-values",
            on_click="ignore", key="own_save", icon=":material/download:",
        )  # fmt: skip


def _back(model: str, text: str) -> None:
    change(current(TranslateView).for_other_sentence(text=text, model=model))
    stage.play_next()


def _table(kept: dict[tuple[str, str], tuple[str, str]]) -> str:
    written = io.StringIO()
    rows = csv.writer(written, dialect="excel-tab", lineterminator="\n")
    rows.writerow(["model", "sentence", "greedy", "beam"])
    rows.writerows([*asked, *found] for asked, found in kept.items())
    return written.getvalue()
