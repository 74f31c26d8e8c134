"""Is attention an explanation? The weights next to two other attribution measures."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages.attention_panels.chosen import chosen
from pages.shared import answers, exports
from pages.shared.html import plain
from pages.shared.opened import needs_model
from pages.shared.subject import Subject
from pages.shared.views import AttentionView
from seq2seq import viz
from seq2seq.viz.labels import number, percent
from seq2seq.viz.tables import table_csv

if TYPE_CHECKING:
    from seq2seq.explain import AttributionScores

HEADER = ("source", "attention", "leave-one-out (nats)", "gradient x input (nats)")


def panel(subject: Subject[AttentionView]) -> None:
    """Draw attention, leave-one-out and gradient times input for the chosen word of the output."""
    if not needs_model(subject.model, "This comparison") or subject.model is None:
        return
    st.markdown(
        "Is what it looked at also what made it choose this word? The three often disagree (Jain & Wallace 2019).",
        help="**Attention** is how much the decoder attended to each word. **Leave-one-out** is how much likelier "
        "the chosen word is with a source word than without it, in nats. **Gradient × input** estimates that from "
        "the gradient; a bar to the left is evidence against the word. Whether attention can still explain depends "
        "on the question (Wiegreffe & Pinter 2019). Try a word like “the”.",
    )
    at = chosen(subject)
    words = subject.view.by == "words"
    text = subject.trace.source.text
    found = answers.attributions(subject.model, subject.trace, at.tokens[: at.first], at.tokens[at.first : at.last])
    scores = found.words if words else found.pieces
    exports.figure(
        viz.attributions(found, words=words, dark=subject.dark),
        "attributions",
        f"Attributions of {at.name}: {_told(scores)}. {' '.join(found.sentences)}",
        title=f"Why {plain(at.name)}? The model gave it {percent(math.exp(found.log_prob))}",
        name=f"Attributions of {at.name} in {text}",
        csv=lambda: table_csv(HEADER, zip(scores.labels, *_columns(scores), strict=True)),
    )
    for sentence in found.sentences:
        st.write(plain(sentence))


def _columns(scores: "AttributionScores") -> tuple[Sequence[float | None], ...]:
    looked = scores.attention or (None,) * len(scores.labels)
    return looked, scores.leave_one_out, scores.gradient_by_input


def _told(scores: "AttributionScores") -> str:
    parts = []
    for label, looked, without, slope in zip(scores.labels, *_columns(scores), strict=True):
        values = [
            "" if looked is None else percent(looked),
            "" if without is None else f"left out {number(without)}",
            f"gradient {number(slope or 0.0)}",
        ]
        parts.append(f"{label} {', '.join(filter(None, values))}")
    return "; ".join(parts)
