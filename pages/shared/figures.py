"""What a figure needs to know about the visitor before it is drawn."""

import streamlit as st

_NARROW_WINDOW = 1000  # pixels, below which figures are stacked
_WATCH = """
export default function ({data, setStateValue}) {
    const narrow = innerWidth < data.limit;
    if (narrow !== data.narrow) setStateValue("narrow", narrow);
}
"""


def watch_width() -> None:
    """Learn whether the window is narrow; a wide one is taken for granted, so that it costs no second run."""
    component = st.components.v2.component("window_width", js=_WATCH)
    component(
        key="window_width",
        data={"limit": _NARROW_WINDOW, "narrow": is_narrow()},
        on_narrow_change=lambda: None,
    )


def is_narrow() -> bool:
    """Return whether the visitor's window is too narrow for two figures side by side."""
    return bool((st.session_state.get("window_width") or {}).get("narrow"))


def is_dark() -> bool:
    """Return whether the visitor uses the dark theme."""
    return bool(st.context.theme.type == "dark")
