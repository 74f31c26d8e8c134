"""Playback controls over the steps of a search: first, back, play, forward, last and a slider."""

import time

import streamlit as st

BEAT = 0.9  # seconds that a step stays while playing
_BUTTONS = (
    ("first", "First", ":material/first_page:", "Home"),
    ("back", "Back", ":material/chevron_left:", "Left"),
    ("play", "Play", ":material/play_arrow:", "P"),
    ("forward", "Forward", ":material/chevron_right:", "Right"),
    ("last", "Last", ":material/last_page:", "End"),
)


def restart() -> None:
    """Go back to the first step; called when something else is watched."""
    st.session_state["position"] = 1
    st.session_state["playing"] = False


def interval() -> float | None:
    """Return the seconds between automatic runs of the watching fragment; None while nothing plays."""
    return BEAT / 2 if st.session_state.get("playing") else None


def controls(steps: int) -> int:
    """Draw the controls and return the step to show, 1..steps. To be called inside a fragment."""
    state = st.session_state
    state["steps"] = steps
    state["position"] = min(max(1, state.get("position", 1)), steps)
    _advance(steps)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for name, title, icon, shortcut in _BUTTONS:
            action = name
            if name == "play" and state.get("playing"):
                # The button's action is fixed when drawn, so that a press that arrives twice does no harm.
                action, title, icon = "pause", "Pause", ":material/pause:"
            st.button(
                title,
                icon=icon,
                key=f"player_{name}",
                shortcut=shortcut,
                on_click=_pressed,
                args=(action,),
                help=f"{title}: key {shortcut}",
            )
    if steps > 1:
        # The slider only mirrors the position; if it owned it, its echo would undo a fast button press.
        state["player_slider"] = state["position"]
        st.slider("Step", 1, steps, key="player_slider", on_change=_slid, help="Arrow keys move it, too.")
    return int(state["position"])


def _advance(steps: int) -> None:
    state = st.session_state
    if not state.get("playing") or time.monotonic() - state.get("beat", 0.0) < BEAT * 0.9:
        return
    state["beat"] = time.monotonic()
    state["position"] = min(state["position"] + 1, steps)
    if state["position"] == steps:
        state["playing"] = False
        st.rerun()  # a whole run, since only that reads the interval again


def _pressed(action: str) -> None:
    state = st.session_state
    steps, position = state.get("steps", 1), state.get("position", 1)
    if action in ("play", "pause"):
        state["playing"] = action == "play"
        state["beat"] = time.monotonic()
        if action == "play" and position >= steps:
            state["position"] = 1
        st.rerun()
    moves = {"first": 1, "back": max(1, position - 1), "forward": min(steps, position + 1), "last": steps}
    state["position"] = moves[action]


def _slid() -> None:
    if any(st.session_state.get(f"player_{name}") for name, *_ in _BUTTONS):
        return  # an echo of a button's press
    st.session_state["position"] = st.session_state["player_slider"]
