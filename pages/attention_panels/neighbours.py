"""Nearest neighbours of a hidden state among the states of training sentences."""

from typing import TYPE_CHECKING

import streamlit as st

from pages.attention_panels.chosen import chosen, chosen_span, source_spans
from pages.shared import answers, exports, records
from pages.shared.html import MarkedWord, muted, plain, table
from pages.shared.opened import needs_model
from pages.shared.subject import Subject
from pages.shared.view import bound
from pages.shared.views import AttentionView
from seq2seq import viz
from seq2seq.viz.labels import number, percent, piece_label
from seq2seq.viz.tables import table_csv

if TYPE_CHECKING:
    from seq2seq.explain import Neighbour, Neighbours
    from seq2seq.explain.states import StateKind

STATE_KINDS = {"decoder": "Decoder state", "context": "Context vector", "encoder": "Encoder state"}
HEADER = ("Training sentence", "Then came", "Distance")


def panel(subject: Subject[AttentionView]) -> None:
    """Draw the ten training states nearest to the chosen step's, and a 2-D map of all steps among them."""
    if not needs_model(subject.model, "The search for training states") or subject.model is None:
        return
    index = records.neighbours(subject.model)
    if index is None:
        st.info(plain(records.how_to_make_neighbours(subject.model)), icon=":material/info:")
        return
    kind = _kind(subject, index)
    place, asked = _state(subject, kind)
    near = answers.nearest(subject.model, subject.trace, subject.node, kind, place)
    st.markdown(asked)
    left, right = st.columns([1.15, 1])
    with left:
        rows = [(_sentence(one), _next(one), number(one.distance)) for one in near]
        st.html(table(HEADER, rows, numbers=(2,), dark=subject.dark))
        st.html(muted(_recall(index, kind)))
    with right:
        _map(subject, subject.model, kind, near)


def _kind(subject: Subject[AttentionView], index: "Neighbours") -> "StateKind":
    """Return the kind of vectors to compare; a model without attention has no context vectors."""
    kinds = [kind for kind in STATE_KINDS if kind in index.spaces]
    kind = subject.view.moments if subject.view.moments in kinds else "decoder"
    st.markdown(
        "The steps of training sentences at which the model's state was most like this one: if like words followed "
        "there, it is on known ground.",
        help="Training sentences were run through the model again, and the state at every step was stored "
        "(Strobelt et al. 2018). Try a step where it was unsure.",
    )
    st.segmented_control(
        "Compare by",
        kinds,
        format_func=STATE_KINDS.__getitem__,
        required=True,
        **bound("moments", "in_state_kind", kind, whole_page=True),
    )
    return kind


def _state(subject: Subject[AttentionView], kind: "StateKind") -> tuple[int, str]:
    """Return the index of the chosen vector, and its description."""
    if kind != "encoder":
        at = chosen(subject)
        piece = piece_label(subject.trace.nodes.piece[subject.trace.path(subject.node)[at.step - 1]])
        what = "The decoder's state" if kind == "decoder" else "What attention handed over"
        return at.step - 1, f"**{what} before step {at.step}**, which chose “{plain(piece)}”"
    places = source_spans(subject)
    number_of = chosen_span(subject, places)
    st.selectbox(
        "Source word" if subject.view.by == "words" else "Source piece",
        range(len(places)),
        format_func=lambda number: places[number].name,
        width=240,
        **bound("column", "in_state_place", number_of, whole_page=True),  # the map is outside of this panel
    )
    name = places[number_of].name
    return places[number_of].last - 1, f"**The encoder's state at “{plain(name)}”**"


def _map(subject: Subject[AttentionView], model: str, kind: "StateKind", near: list["Neighbour"]) -> None:
    found = answers.state_map(model, subject.trace, subject.node, kind)
    if found is None:
        return
    trace = subject.trace
    on_path = [trace.nodes.piece[node] for node in trace.path(subject.node)]
    encoder = kind == "encoder"
    pieces = trace.source.pieces if encoder else on_path
    of = "pieces of the source" if encoder else "steps of this decoding"
    told = "; ".join(f"{one.before}[{one.word}]{one.after}, then {_next(one)}" for one in near[:3])
    exports.figure(
        viz.neighbour_map(found, pieces, dark=subject.dark),
        f"neighbours_{kind}",
        f"The {of} as a path among training states. Nearest to the chosen one: {told}",
        name=f"Training states near {trace.source.text}",
        title="All source pieces among them" if encoder else "All steps among them",
        csv=lambda: table_csv(
            ("before", "word", "after", "next", "source", "target", "distance"),
            ((*one[2:6], one.source, one.target, round(one.distance, 4)) for one in near),
        ),
    )


def _sentence(one: "Neighbour") -> MarkedWord:
    return MarkedWord(one.before, "⟨end⟩" if one.word == "</s>" else one.word or "⟨start⟩", one.after)


def _next(one: "Neighbour") -> str:
    return "⟨end⟩" if one.next == "</s>" else one.next or "–"


def _recall(index: "Neighbours", kind: "StateKind") -> str:
    record = index.record
    return (
        f"Out of {len(index.spaces[kind].codes):,} states of the training data. They are stored compressed: of the "
        f"ten that are really nearest among them, {percent(record.recall[kind])} are found, measured by "
        f"{record.queries:,} states of other sentences. Point at the dots of the map to read them."
    )
