"""The photo, its encoder's class labels, and the attention of a search over its regions."""

import base64
from typing import NamedTuple

import streamlit as st

from pages.captioning_panels.subject import CaptionSubject
from pages.shared import captioners, photos
from pages.shared.exports import figure
from pages.shared.html import muted
from pages.shared.photos import Photo, grey_jpeg
from pages.shared.searches import Panel
from pages.shared.view import current
from seq2seq import viz
from seq2seq.trace import PhotoSource, Trace
from seq2seq.viz.export import node_attention_csv
from seq2seq.viz.theme import percent

_WIDEST = 480  # pixels: two photos are shown side by side


class Picture(NamedTuple):
    """Stand-in for a photo that is not available."""

    name: str
    shown: bytes
    size: tuple[int, int]


def from_trace(source: PhotoSource) -> Picture:
    """Return the small picture that a trace keeps of its photo."""
    shown = base64.b64decode(source.thumbnail) if source.thumbnail else grey_jpeg(source.width, source.height)
    return Picture(source.name, shown, (source.width, source.height))


def panel(subject: CaptionSubject) -> None:
    """Draw the photo, and the classes that its encoder finds likeliest."""
    photo = subject.photo
    # A tall photo would push everything else out of sight.
    photos.draw(photo, f"The photo {photo.name}", width=620, height=420)
    labels = captioners.labels(subject.model, photo)
    if not labels:
        return
    says = ", ".join(f"{one.name} {percent(one.probability)}" for one in labels)
    figure(
        viz.label_bars([(one.name, one.probability) for one in labels], dark=subject.dark),
        "labels",
        f"The encoder's own guess among 1,000 ImageNet classes: {says}",
        name=f"Labels of {photo.name}",
        title="The encoder's own guess",
    )
    st.caption("Of 1,000 ImageNet classes. The decoder never sees these words, only the features behind them.")


def attention(photo: Photo | Picture, searched: Panel, node: int, step: int) -> None:
    """Draw the attention of the step that chose the word of `node`."""
    trace, view = searched.trace, current()
    row = attention_row(trace, node)
    if row is None or trace.source.kind != "photo":
        return
    says = looks(row)
    figure(
        viz.photo_attention(
            photo.shown,
            photo.size,
            row,
            trace.source.grid,
            opacity=view.veil / 100,
            smoothing=view.smooth / 100,
            numbers=view.numbers == "on",
            widest=_WIDEST,
        ),
        f"{searched.name.split()[0].lower()}_looks",
        f"{searched.name}, step {step}: where it looked: {says}",
        name=f"{searched.name}, attention at step {step} of {photo.name}",
        title="Where it looked",
        csv=lambda: node_attention_csv(trace, max(trace.nodes.parent[node], 0), words=True),
    )
    st.html(muted(f"Most at {says}."))


def attention_row(trace: Trace, node: int) -> list[float] | None:
    """Return the attention over the regions at the step that chose the word of `node`; None without attention."""
    if trace.expanded.attention is None:
        return None
    parent = max(trace.nodes.parent[node], 0)
    return trace.expanded.attention[trace.expanded.node.index(parent)]


def looks(row: list[float]) -> str:
    """Return the three regions with the largest weights, as text."""
    best = sorted(range(len(row)), key=lambda place: -row[place])[:3]
    return ", ".join(f"region {place + 1} ({percent(row[place])})" for place in best)
