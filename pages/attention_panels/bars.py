"""Bars of shares to drag: a component, so that a bar follows the mouse, and what it means is decoded meanwhile."""

from collections.abc import Callable, Sequence

import streamlit as st

from pages.shared.components import component
from pages.shared.figures import is_dark
from seq2seq.viz import stage

_bars = component("bars")


def bars(
    names: Sequence[str],
    own: Sequence[float],
    shares: Sequence[float],
    *,
    key: str,
    language: str,
    dragged: Callable[[Sequence[float], int], None],
) -> None:
    """Draw a bar for each share, with a mark at its own one.

    dragged: called with all shares, which add up to about 1, and the place of the bar, while one is dragged.
    """

    def told() -> None:
        event = st.session_state[key].get("shares")
        st.session_state[f"{key}_at"] = event["at"] if event else 0
        found = [float(share) for share in event["shares"]] if event else []
        if len(found) == len(names) and all(0 <= share <= 1 for share in found) and sum(found) > 0:
            dragged(found, min(max(int(event["place"]), 0), len(names) - 1))

    _bars(
        key=key,
        data={
            "names": list(names),
            "own": list(own),
            "shares": list(shares),
            "language": language,
            "at": st.session_state.get(f"{key}_at", 0),  # of the drag that this answers
            "colours": stage.variables(dark=is_dark()),
        },
        on_shares_change=told,
    )
