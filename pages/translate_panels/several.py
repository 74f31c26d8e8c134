"""Several sentences at once: what each became, those first whose searches part at the highest price."""

from collections.abc import Sequence

import streamlit as st

from pages.shared import models, sessions, stage
from pages.shared.view import change
from pages.shared.views import TranslateView
from seq2seq.trace.view import divergence
from seq2seq.viz.labels import number

_MOST = 40  # sentences whose searches are compared; all others are only translated
_TABLE = "several_rows"


def panel(view: TranslateView, typed: Sequence[str]) -> None:
    """Draw the sentences as a table, a row to be chosen, and their translations to copy."""
    beam = view.beam_search(models.load(view.model).config.alpha)
    found = models.translations(view.model, tuple(typed), beam)
    prices = [_price(view, sentence) for sentence in typed[:_MOST]] + [None] * len(typed[_MOST:])
    order = sorted(range(len(typed)), key=lambda place: -(prices[place] or -1.0))
    with st.expander(f"All {len(typed)} sentences", expanded=True):
        st.dataframe(
            {
                "sentence": [typed[place] for place in order],
                "beam search": [found[place].text for place in order],
                "parting cost": [_shown(prices[place]) for place in order],
            },
            key=_TABLE,
            hide_index=True,
            width="stretch",
            on_select=lambda: _watch(view, order),
            selection_mode="single-row",
            column_config={
                "parting cost": st.column_config.TextColumn(
                    help="What the beam gives up where it leaves greedy search's way, in log-probability."
                )
            },
        )
        st.code(" ".join(one.text for one in found), language=None, wrap_lines=True)


def _price(view: TranslateView, sentence: str) -> float | None:
    """Return what the beam gives up where it parts from greedy search; None if it does not."""
    alpha = models.load(view.model).config.alpha
    searched = [
        sessions.trace_text(view.model, sentence, options).trace
        for options in (view.greedy(), view.beam_search(alpha))
    ]
    part = divergence(searched[0], searched[1])
    return None if part is None else part.cost


def _shown(price: float | None) -> str:
    return "same output" if price is None else number(price)


def _watch(view: TranslateView, order: Sequence[int]) -> None:
    rows = st.session_state[_TABLE]["selection"]["rows"]
    if rows:
        change(view.for_other_sentence(sentence=order[rows[0]]))
        stage.play_next()
