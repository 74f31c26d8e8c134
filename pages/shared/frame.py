"""What a link can hide around a page, for a teacher's own page or an embedding."""

import streamlit as st

from pages.shared.view import current
from pages.shared.views import View

# Of the parameter `hide`, separated by dots. The questions are left out by what draws them.
HIDDEN = {
    "pages": "[data-testid=stTopNavLinkContainer], .st-key-phone_pages, [data-testid=stHeader] "
    "{ display: none !important; } [data-testid=stMainBlockContainer] { padding-top: 1rem; }",
    "settings": ".st-key-source > :not(:first-child), .st-key-settings { display: none !important; }",
    "questions": "",
}


def hides(part: str) -> bool:
    """Return whether the link hides a part of the page."""
    return "view" in st.session_state and part in current(View).hide.split(".")


def draw() -> None:
    """Hide what the link asks to hide; with `?embed=true` Streamlit hides its own frame, and this the pages."""
    parts = [
        css for name, css in HIDDEN.items() if css and (hides(name) or (st.context.is_embedded and name == "pages"))
    ]
    if parts:
        st.html(f"<style>{' '.join(parts)}</style>")
