"""Components of the app's own: a name, and its style and script from browser/."""

from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).resolve().parent / "browser"


def component(name: str, html: str = "") -> Any:
    """Return the component of browser/NAME.css and NAME.js; html: an empty box of that name, if not given."""
    return st.components.v2.component(
        name, html=html or f'<div class="{name}"></div>', css=read(f"{name}.css"), js=read(f"{name}.js")
    )


def read(file: str) -> str:
    """Return the text of a file in browser/."""
    return (_FOLDER / file).read_text(encoding="utf-8")
