"""The editor of one attention row: bars to drag, presets, and what the model says with these weights.

The draft is kept in the session until it is kept; then it is an edit, and part of the link.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import streamlit as st

from pages.attention_panels.bars import bars
from pages.attention_panels.chosen import ChosenWord, SourceSpan, attention_row, chosen_span, source_spans
from pages.shared import answers, edits, exports, models
from pages.shared.html import coloured_words, heading, muted, plain
from pages.shared.subject import Subject
from pages.shared.view import bound, current, update
from pages.shared.views import AttentionView
from seq2seq import explain, viz
from seq2seq.errors import ConfigError
from seq2seq.explain.weights import Row
from seq2seq.text import normalise
from seq2seq.trace import History
from seq2seq.trace.edits import LONGEST_NAME
from seq2seq.trace.view import words_on_path
from seq2seq.viz.labels import percent, shortened
from seq2seq.viz.tables import table_csv

_DRAFT = "surgery_draft"


class Draft(NamedTuple):
    """Weights being edited for one step."""

    of: tuple[object, ...]  # what they belong to; another sentence or step starts a new draft
    weights: Row  # for each source piece
    name: str  # how they were made


def draw(subject: Subject[AttentionView], at: ChosenWord, made: History) -> None:
    """Draw the editor and what the model says with these weights; a fragment, so that a drag redraws only this."""
    subject = replace(subject, view=current(AttentionView))  # a fragment keeps what it was called with
    own = attention_row(subject, at)
    draft = _draft(subject, at, made, own)
    places = source_spans(subject)
    st.markdown(f"**Where step {at.step} looks**, before it outputs {plain(at.name)}: drag the bars")
    _presets(subject, places, draft, own)
    old, new = ([sum(values[place.first : place.last]) for place in places] for values in (own, draft.weights))
    left, right = st.columns([1.2, 1])
    with left:
        language = models.config(subject.model).source if subject.model else ""
        bars(
            [place.name for place in places], old, new, key="surgery_bars", language=language,
            dragged=lambda shares, place: _dragged(draft._replace(weights=spread(shares, places, own)), place),
        )  # fmt: skip
    with right:
        if draft.weights != own:
            _preview(subject, at, made, draft)
        else:
            st.html(muted("The mark is the model's own weight."))
    with st.expander("The weights as a figure", on_change="rerun", key="surgery_figure") as shown:
        if shown.open:
            _figure(subject, at, [place.name for place in places], old, new)


def _preview(subject: Subject[AttentionView], at: ChosenWord, made: History, draft: Draft) -> None:
    """Show what the model says with the weights of the draft, before they become an edit."""
    tried = _edited(at, made, draft.weights, draft.name)
    edit = tried.version(tried.current)
    done = answers.surgery(subject.model or "", subject.trace, edit, at.tokens)
    st.html(heading("With these weights", viz.palette(subject.dark).winner))
    st.html(coloured_words(words_on_path(done.new, done.new.best.leaf), dark=subject.dark, parts_at=done.step))
    st.html(muted("The same translation." if done.old_text == done.new_text else f"Before: {done.old_text}"))
    st.write(plain(done.sentences[0]))
    if st.button("Keep these weights", type="primary", icon=":material/check:", key="surgery_apply"):
        edits.keep(tried)
        st.rerun()  # the whole page, since the edit is also in the link


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
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "Source word" if subject.view.by == "words" else "Source piece",
            range(len(places)),
            format_func=lambda number: places[number].name,
            width=180,
            **bound("column", "in_place_surgery", chosen),
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


def _figure(
    subject: Subject[AttentionView],
    at: ChosenWord,
    names: Sequence[str],
    old: Sequence[float],
    new: Sequence[float],
) -> None:
    told = ", ".join(f"{name} {percent(a)} then {percent(b)}" for name, a, b in zip(names, old, new, strict=True))
    exports.figure(
        viz.surgery_row(names, old, new, dark=subject.dark),
        "surgery_row",
        f"Attention of step {at.step}, the model's own and as it is set: {told}",
        title="The weights, adding up to 100 %",
        name=f"Attention of step {at.step} of {subject.trace.source.text}, set by hand",
        csv=lambda: table_csv(("source", "own", "set"), zip(names, old, new, strict=True)),
    )


def spread(shares: Sequence[float], places: Sequence[SourceSpan], own: Row) -> Row:
    """Return a row in which each span has its share, split over its pieces as the model splits it."""
    weights: list[float] = []
    for share, place in zip(shares, places, strict=True):
        had = own[place.first : place.last]
        weights += [share * (weight / sum(had) if sum(had) > 0 else 1 / len(had)) for weight in had]
    return explain.renormalised(weights)


def _dragged(draft: Draft, place: int) -> None:
    _set(draft._replace(name="by hand"))
    update(column=place)


def _set(draft: Draft) -> None:
    st.session_state[_DRAFT] = draft


def _edited(at: ChosenWord, made: History, row: Row, name: str) -> History:
    """Return the edits with the row as an edit of the current version, whose rows for other steps are kept."""
    before = made.version(made.current)
    rows = dict(before.rows) if at.tokens[: len(before.prefix)] == before.prefix else {}
    rows = {step: kept for step, kept in rows.items() if len(kept) == len(row) and step <= len(at.tokens)}
    rows[at.step] = row
    named = shortened(normalise(f"step {at.step}: {name}"), LONGEST_NAME)
    return made.edit(at.tokens[: min(rows) - 1], rows, named)
