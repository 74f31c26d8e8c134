"""All words of a caption side by side, each with its attention over the photo."""

import streamlit as st

from pages.captioning_panels.subject import CaptionSubject
from pages.shared.exports import figure
from pages.shared.html import sentence_lines
from pages.shared.view import change, current
from seq2seq import viz
from seq2seq.trace import alignment, looks_at
from seq2seq.viz.export import heatmap_csv
from seq2seq.viz.theme import shortened


def panel(subject: CaptionSubject) -> None:
    """Draw a small photo for each word of one of the captions."""
    trace, state = subject.trace, st.session_state
    rank = min(current().rank, len(trace.hypotheses))
    state["cap_rank"] = rank
    st.selectbox(
        "Which caption", range(1, len(trace.hypotheses) + 1), key="cap_rank", on_change=_chosen,
        format_func=lambda place: f"{place}. {shortened(trace.hypotheses[place - 1].text, 80)}",
    )  # fmt: skip
    leaf = trace.hypotheses[rank - 1].leaf
    found = alignment(trace, leaf)
    if found is None or trace.source.kind != "photo":
        st.info("This model has no attention, so its words have no regions.", icon=":material/visibility_off:")
        return
    _drawing()
    told = looks_at(trace, leaf)
    names = ["⟨end⟩" if word == "</s>" else word for word in found.target]
    figure(
        viz.photo_words(
            subject.photo.shown,
            subject.photo.size,
            list(zip(names, found.weights, strict=True)),
            trace.source.grid,
            opacity=current().veil / 100,
            smoothing=current().smooth / 100,
            dark=subject.dark,
        ),
        "cap_words",
        " ".join(told) or "This caption ends at once.",
        name=f"Words of {subject.photo.name}",
        csv=lambda: heatmap_csv(trace, leaf, words=True) or b"",
        trace=trace,
    )
    if told:
        st.html(sentence_lines([], told))


def _drawing() -> None:
    """Draw the settings of the attention overlay."""
    state, view = st.session_state, current()
    state["cap_veil"], state["cap_smooth"], state["cap_numbers"] = view.veil, view.smooth, view.numbers == "on"
    with st.popover("How attention is drawn", icon=":material/opacity:"):
        st.slider("Darkness where nobody looked", 0, 100, step=5, format="%d %%", key="cap_veil", on_change=_redraw)
        st.slider(
            "Smoothing, of a region's width", 0, 200, step=10, format="%d %%", key="cap_smooth", on_change=_redraw,
            help="0 shows the regions as the model has them; a region's receptive field is wider than its square.",
        )  # fmt: skip
        st.toggle("Region numbers on the photo above", key="cap_numbers", on_change=_numbered)


def _redraw() -> None:
    state = st.session_state
    change(current().model_copy(update={"veil": state["cap_veil"], "smooth": state["cap_smooth"]}))


def _numbered() -> None:
    change(current().model_copy(update={"numbers": "on" if st.session_state["cap_numbers"] else "off"}))
    st.rerun()  # the whole page, since the photo is outside of this panel


def _chosen() -> None:
    change(current().model_copy(update={"rank": st.session_state["cap_rank"]}))
