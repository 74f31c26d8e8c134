"""Reports the panned or zoomed window to the server, so that the next click keeps the tree's viewport."""

import math

import streamlit as st

from pages.beam_tree_panels.choice import panned
from seq2seq.viz.tree import Viewport

# Streamlit remounts a changed chart, and its own events report only selections; so this listens to Plotly's.
_WATCH = """
let stop = null;
export default function ({data, setStateValue}) {
    stop?.();
    let plot = null, waiting = null;
    const tell = () => {
        const {xaxis, yaxis} = plot._fullLayout ?? {};
        if (xaxis && yaxis) setStateValue("window", {mark: data.mark, x: [...xaxis.range], y: [...yaxis.range]});
    };
    const moved = changed => {
        if (!Object.keys(changed).some(name => /^[xy]axis\\.range/.test(name))) return;
        clearTimeout(waiting);
        waiting = setTimeout(tell, 150);
    };
    const leave = () => plot?.removeListener?.("plotly_relayout", moved);
    const looking = setInterval(() => {
        const found = document.querySelector(".st-key-tree .js-plotly-plot");
        if (!found?.on || found === plot) return;
        leave();
        plot = found;
        plot.on("plotly_relayout", moved);
    }, 100);
    stop = () => { clearInterval(looking); clearTimeout(waiting); leave(); };
    return stop;
}
"""


def keep_view(mark: str) -> None:
    """Remember the window of the page's tree; a fragment, so that panning redraws nothing.

    mark: identifies the tree's search.
    """
    st.fragment(_watch)(mark)


def _watch(mark: str) -> None:
    watch = st.components.v2.component("tree_panning", js=_WATCH)
    watch(key="tree_panning", data={"mark": mark}, on_window_change=_moved)


def _moved() -> None:
    found = (st.session_state.get("tree_panning") or {}).get("window")
    if not found:
        return
    edges = [float(edge) for edge in (*found["x"], *found["y"])]
    if len(edges) == 4 and all(map(math.isfinite, edges)):
        left, right, bottom, top = edges  # y grows downwards
        panned(found["mark"], Viewport(left, right, top, bottom))
