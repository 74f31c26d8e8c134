"""The editor of one attention row: a slider for each source word, presets, and the row before and after.

The draft is kept in the session until it is applied; then it is an edit, and part of the link.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import streamlit as st

from pages.attention_panels.chosen import ChosenWord, SourceSpan, attention_row, chosen_span, source_spans
from pages.shared import edits, exports
from pages.shared.html import plain
from pages.shared.subject import Subject
from pages.shared.view import AttentionView, current, update
from seq2seq import explain, viz
from seq2seq.errors import ConfigError
from seq2seq.explain.weights import Row
from seq2seq.text import normalise
from seq2seq.trace import History
from seq2seq.trace.edits import LONGEST_NAME
from seq2seq.viz.export import table_csv
from seq2seq.viz.theme import percent, shortened

_DRAFT = "surgery_draft"


class Draft(NamedTuple):
    """Weights being edited for one step."""

    of: tuple[object, ...]  # what they belong to; another sentence or step starts a new draft
    weights: Row  # for each source piece, not yet renormalised
    name: str  # how they were made


def draw(subject: Subject[AttentionView], at: ChosenWord, made: History) -> None:
    """Draw the editor; a fragment, so that a slider redraws only this."""
    subject = replace(subject, view=current(AttentionView))  # a fragment keeps what it was called with
    own = attention_row(subject, at)
    draft = _draft(subject, at, made, own)
    places = source_spans(subject)
    st.markdown(f"**Where step {at.step} looks**, before it outputs {plain(at.name)}")
    _presets(subject, places, draft, own)
    left, right = st.columns([1.2, 1])
    with left:
        _sliders(places, draft, own)
    try:
        row = explain.renormalised(draft.weights)
    except ConfigError as problem:
        right.error(plain(str(problem)), icon=":material/error:")
        return
    left.button(
        "Decode on from here",
        type="primary",
        icon=":material/play_arrow:",
        key="surgery_apply",
        on_click=_apply,
        args=(at, made, row, draft.name),
    )
    with right:
        _bars(subject, at, places, own, row)


def _sliders(places: Sequence[SourceSpan], draft: Draft, own: Row) -> None:
    with st.container(horizontal=True, gap="small"):
        for number, place in enumerate(places):
            key = f"surgery_{number}"
            st.session_state[key] = min(100, round(100 * sum(draft.weights[place.first : place.last])))
            st.slider(
                plain(place.name), 0, 100, key=key, format="%d %%", width=120, on_change=_slid,
                args=(key, place, draft, own),
            )  # fmt: skip


def _draft(subject: Subject[AttentionView], at: ChosenWord, made: History, own: Row) -> Draft:
    """Return the draft; a new step starts with the current edit's row, or the model's own."""
    trace = subject.trace
    of = (trace.model.digest, trace.source.text, at.tokens[: at.step - 1], at.step, made.current)
    kept: Draft | None = st.session_state.get(_DRAFT)
    if kept is not None and kept.of == of:
        return kept
    row = made.version(made.current).rows.get(at.step)
    fits = row is not None and len(row) == len(own)
    begun = Draft(of, tuple(row) if row is not None and fits else own, "by hand")
    st.session_state[_DRAFT] = begun
    return begun


def _presets(subject: Subject[AttentionView], places: Sequence[SourceSpan], draft: Draft, own: Row) -> None:
    chosen = chosen_span(subject, places)
    place = places[chosen]
    at = range(place.first, place.last)
    st.session_state["in_place_surgery"] = chosen
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "Source word" if subject.view.by == "words" else "Source piece",
            range(len(places)),
            key="in_place_surgery",
            format_func=lambda number: places[number].name,
            on_change=_choose_place,
            width=180,
        )
        presets: tuple[tuple[str, str, Callable[[], Row]], ...] = (
            ("All on it", f"all on {place.name}", lambda: explain.one_hot(own, *at)),
            ("Drop it", f"without {place.name}", lambda: explain.drop(draft.weights, *at)),
            ("Uniform", "uniform", lambda: explain.uniform(own)),
            ("Shift left", "shifted left", lambda: explain.shift(draft.weights, -1)),
            ("Shift right", "shifted right", lambda: explain.shift(draft.weights, 1)),
            ("Reset", "the model's own", lambda: own),
        )
        for title, name, make in presets:
            try:
                row = make()
            except ConfigError as problem:
                st.button(title, key=f"surgery_{title}", disabled=True, help=str(problem))
                continue
            st.button(title, key=f"surgery_{title}", on_click=_set, args=(draft._replace(weights=row, name=name),))


def _bars(
    subject: Subject[AttentionView], at: ChosenWord, places: Sequence[SourceSpan], own: Row, row: Row
) -> None:
    names = [place.name for place in places]
    old, new = ([sum(values[place.first : place.last]) for place in places] for values in (own, row))
    told = ", ".join(f"{name} {percent(a)} then {percent(b)}" for name, a, b in zip(names, old, new, strict=True))
    exports.figure(
        viz.surgery_row(names, old, new, dark=subject.dark),
        "surgery_row",
        f"Attention of step {at.step}, the model's own and as it is set: {told}",
        title="The weights, adding up to 100 %",
        name=f"Attention of step {at.step} of {subject.trace.source.text}, set by hand",
        csv=lambda: table_csv(("source", "own", "set"), zip(names, old, new, strict=True)),
    )


def _slid(key: str, place: SourceSpan, draft: Draft, own: Row) -> None:
    """Give a span its slider's weight, split over its pieces in proportion to the model's own weights."""
    wanted = st.session_state[key] / 100
    had = own[place.first : place.last]
    shares = [weight / sum(had) for weight in had] if sum(had) > 0 else [1 / len(had)] * len(had)
    weights = list(draft.weights)
    weights[place.first : place.last] = [wanted * share for share in shares]
    _set(draft._replace(weights=tuple(weights), name="by hand"))


def _set(draft: Draft) -> None:
    st.session_state[_DRAFT] = draft


def _choose_place() -> None:
    update(column=st.session_state["in_place_surgery"])


def _apply(at: ChosenWord, made: History, row: Row, name: str) -> None:
    """Make the row an edit of the current version, whose rows for other steps are kept."""
    before = made.version(made.current)
    rows = dict(before.rows) if at.tokens[: len(before.prefix)] == before.prefix else {}
    rows = {step: kept for step, kept in rows.items() if len(kept) == len(row) and step <= len(at.tokens)}
    rows[at.step] = row
    named = shortened(normalise(f"step {at.step}: {name}"), LONGEST_NAME)
    edits.keep(made.edit(at.tokens[: min(rows) - 1], rows, named))
    st.rerun()  # the whole page, since the edit is also in the link
