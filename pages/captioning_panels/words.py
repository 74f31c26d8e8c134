"""All words of a caption side by side, each with its attention over the photo."""

from base64 import b64encode
from collections.abc import Sequence

import streamlit as st

from pages.captioning_panels.subject import CaptionSubject
from pages.shared import captioners
from pages.shared.components import component
from pages.shared.exports import figure
from pages.shared.view import bound, current
from pages.shared.views import CaptioningView
from seq2seq import viz
from seq2seq.trace import alignment, looks_at
from seq2seq.viz import stage
from seq2seq.viz.labels import number, percent, shortened
from seq2seq.viz.tables import heatmap_csv

_film = component("film")
Words = Sequence[tuple[str, Sequence[float]]]


def panel(subject: CaptionSubject) -> None:
    """Draw a small photo for each word of one of the captions."""
    trace, view = subject.trace, current(CaptioningView)
    rank = min(view.rank, len(trace.hypotheses))
    st.selectbox(
        "Which caption", range(1, len(trace.hypotheses) + 1), **bound("rank", "cap_rank", rank),
        format_func=lambda place: f"{place}. {shortened(trace.hypotheses[place - 1].text, 80)}",
    )  # fmt: skip
    leaf = trace.hypotheses[rank - 1].leaf
    found = alignment(trace, leaf)
    if found is None or trace.source.kind != "photo":
        st.info("This model has no attention, so its words have no regions.", icon=":material/visibility_off:")
        return
    told = looks_at(trace, leaf)
    rows = list(zip(["⟨end⟩" if word == "</s>" else word for word in found.target], found.weights, strict=True))
    _strip(subject, rows, trace.source.grid)
    _meaning(subject.model)
    with st.expander("As one figure, to save", on_change="rerun", key="cap_words_figure") as shown:
        if shown.open:
            _figure(subject, rows, trace.source.grid, " ".join(told), leaf)


def _strip(subject: CaptionSubject, rows: Words, grid: tuple[int, int]) -> None:
    """Draw the photo once for each word."""
    _film(
        key="cap_film",
        data={
            "picture": f"data:image/jpeg;base64,{b64encode(subject.photo.shown).decode('ascii')}",
            "size": subject.photo.size,
            "grid": grid,
            "words": [
                {"word": word, "weights": weights, "says": _brightest(word, weights)} for word, weights in rows
            ],
            "darkest": 0.75,
            "colours": stage.variables(dark=subject.dark),
        },
    )


def _brightest(word: str, weights: Sequence[float]) -> str:
    return f"{word}: most at region {weights.index(max(weights)) + 1}, {percent(max(weights))}"


def _figure(subject: CaptionSubject, rows: Words, grid: tuple[int, int], told: str, leaf: int) -> None:
    view, trace = current(CaptioningView), subject.trace
    _drawing()
    figure(
        viz.photo_words(
            subject.photo.shown,
            subject.photo.size,
            rows,
            grid,
            opacity=view.veil / 100,
            smoothing=view.smooth / 100,
            dark=subject.dark,
        ),
        "cap_words",
        told or "This caption ends at once.",
        name=f"Words of {subject.photo.name}",
        csv=lambda: heatmap_csv(trace, leaf, words=True) or b"",
        trace=trace,
    )


def _meaning(model: str) -> None:
    """Say how much the light means."""
    measured = captioners.pointing(model)
    if measured is None:
        return
    st.caption(
        f"Does the light mean something? For {percent(measured.brightest_among_first)} of {measured.words} words "
        f"of other captions the brightest region is one of the {measured.first} that cost the word most when "
        f"they are greyed out (by chance: {percent(measured.by_chance)}). The order of all regions "
        f"agrees by a rank correlation of {number(measured.rank_agreement)}; 1 would be the same order."
    )


def _drawing() -> None:
    """Draw the settings of the attention overlay."""
    numbered = current(CaptioningView).numbers == "on"
    with st.popover("How attention is drawn", icon=":material/opacity:"):
        st.slider("Darkness where nobody looked", 0, 100, step=5, format="%d %%", **bound("veil", "cap_veil"))
        st.slider(
            "Smoothing, of a region's width", 0, 200, step=10, format="%d %%", **bound("smooth", "cap_smooth"),
            help="0 shows the regions as the model has them; a region's receptive field is wider than its square.",
        )  # fmt: skip
        st.toggle(
            "Region numbers on the photo above",  # which is outside of this panel
            **bound("numbers", "cap_numbers", numbered, read=_on_or_off, whole_page=True),
        )


def _on_or_off(on: bool) -> str:
    return "on" if on else "off"
