"""Components of the app's own: a name, and its style and script from browser/."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).resolve().parent / "browser"
_EXPORT = """
export default (given) => mount({...given, data: JSON.parse(new TextDecoder().decode(given.data))});
"""


def component(name: str, html: str = "", *, script: str = "", style: str = "") -> Callable[..., Any]:
    """Return the function that draws a component. Its browser/NAME.js defines `mount({data, parentElement, ...})`.

    html: an empty box of that name, if not given. script: stands before browser/NAME.js. style: stands in place of
    browser/NAME.css.
    """
    drawn = st.components.v2.component(
        name,
        html=html or f'<div class="{name}"></div>',
        css=style or _read(f"{name}.css"),
        js="\n".join([script, _read(f"{name}.js"), _EXPORT]),
    )

    def draw(*, data: object, **options: Any) -> Any:
        # As bytes, which are passed on: for a list in a dict Streamlit imports pandas, in case it is a table.
        return drawn(data=json.dumps(data, separators=(",", ":")).encode(), **options)

    return draw


def _read(file: str) -> str:
    return (_FOLDER / file).read_text(encoding="utf-8")
