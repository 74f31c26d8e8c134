"""The one way to show a figure on a page: with alt text, click events and file export."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from pages.shared.components import component
from pages.shared.figures import is_dark
from pages.shared.html import clean
from seq2seq.trace import Trace
from seq2seq.viz import stage

if TYPE_CHECKING:
    import plotly.graph_objects as go

Clicked = Callable[[Sequence[Any]], None]
Boxed = Callable[[Sequence[float], Sequence[float]], None]

_picture = component("picture")


def figure(
    drawn: "go.Figure",
    key: str,
    alt: str,
    *,
    name: str,
    title: str = "",
    csv: Callable[[], bytes] | None = None,
    html: Callable[[], str] | None = None,
    trace: Trace | None = None,
    on_click: Clicked | None = None,
    on_box: Boxed | None = None,
) -> None:
    """Draw a figure, and above it its title and a small menu that saves it.

    key: unique among the page's figures. alt: the alt text, for screen readers.
    name: title and, with dashes, file name of the saved files. title: the heading on the page, in Markdown.
    csv, html: make the files on demand; without html, the figure itself is saved. trace: offered as JSON.
    on_click: gets the customdata of a clicked point.
    on_box: gets the edges of a drawn box, by x and by y; such a figure reports no clicks.
    """
    from seq2seq.viz.export import figure_config, for_export  # Plotly is loaded when there is something to draw

    dark, alt = is_dark(), clean(alt)
    shown = for_export(drawn, dark)
    events: dict[str, Any] = {}
    if on_click is not None:
        # Plotly must not fade the unselected points: the figure itself marks the selection.
        shown.for_each_trace(lambda one: one.update(unselected={"marker": {"opacity": 1}}), {"type": "bar"})
        shown.for_each_trace(lambda one: one.update(unselected={"marker": {"opacity": 1}}), {"type": "scatter"})
        events = {"on_select": lambda: _clicked(key, on_click), "selection_mode": "points"}
    if on_box is not None:
        shown.update_layout(dragmode="select")
        events = {"on_select": lambda: _boxed(key, on_box), "selection_mode": "box"}
    config = figure_config(clean(name), pan=drawn.layout.dragmode == "pan")
    with st.container(gap="xxsmall"):
        align: Literal["distribute", "right"] = "distribute" if title else "right"
        with st.container(horizontal=True, horizontal_alignment=align, vertical_alignment="center"):
            if title:
                st.markdown(f"**{title}**", width="content")
            _save(drawn, key, alt, name, csv, html, trace, dark)
        st.plotly_chart(shown, key=key, theme=None, alt=alt, config=config, **events)


def _boxed(key: str, on_box: Boxed) -> None:
    boxes = (st.session_state.get(key) or {}).get("selection", {}).get("box", [])
    if boxes:
        on_box(boxes[0]["x"], boxes[0]["y"])


def _clicked(key: str, on_click: Clicked) -> None:
    """Pass on the clicked point. A second click on it arrives as an empty event, so it is remembered."""
    points = (st.session_state.get(key) or {}).get("selection", {}).get("points", [])
    last = f"{key}_clicked"
    if points and points[0].get("customdata") is not None:
        st.session_state[last] = points[0]["customdata"]
    if st.session_state.get(last) is not None:
        on_click(st.session_state[last])


def _save(
    drawn: "go.Figure",
    key: str,
    alt: str,
    name: str,
    csv: Callable[[], bytes] | None,
    html: Callable[[], str] | None,
    trace: Trace | None,
    dark: bool,
) -> None:
    from seq2seq.viz.export import figure_config, figure_html

    title = clean(name)
    file = figure_config(title)["toImageButtonOptions"]["filename"]

    def page() -> str:
        return html() if html else figure_html(drawn, title, alt, dark=dark)

    with st.popover("Save", icon=":material/download:", type="tertiary", key=f"{key}_save"):
        _picture(key=f"{key}_picture", data={"figure": key, "colours": stage.variables(dark=dark)})
        with st.container(horizontal=True):
            _file("Page (HTML)", page, f"{file}.html", "text/html", f"{key}_html")
            if csv:
                _file("Table (CSV)", csv, f"{file}.csv", "text/csv", f"{key}_csv")
            if trace:
                _file("Trace (JSON)", trace.to_json, f"{file}.json", "application/json", f"{key}_json")
        st.caption("The page needs no network. A trace can be opened again, here or in a notebook.")


def _file(title: str, make: Callable[[], str | bytes], file: str, mime: str, key: str) -> None:
    st.download_button(title, make, file, mime, on_click="ignore", key=key)
