"""Attention: which source words the model attended to at each output piece."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

import streamlit as st

from pages.attention_panels import attributions, compare, duel, neighbours, step, surgery, without
from pages.shared import models, numbers, sessions
from pages.shared.exports import figure
from pages.shared.figures import is_dark, is_narrow
from pages.shared.html import clean, sentence_lines
from pages.shared.panels import Panel, answer, picker
from pages.shared.query import Query, draw_query
from pages.shared.subject import Subject
from pages.shared.view import bound, current, open_view, update, write_link
from pages.shared.views import AttentionView
from seq2seq import viz
from seq2seq.trace import Alignment, Trace, TraceHypothesis, alignment, looks_at
from seq2seq.viz.attention import DESK
from seq2seq.viz.describe import attention_summary
from seq2seq.viz.labels import shortened
from seq2seq.viz.tables import heatmap_csv

CLOSER: dict[str, Panel[Subject[AttentionView]]] = {
    "attributions": Panel("Is it an explanation?", attributions.panel),
    "surgery": Panel("Surgery", surgery.panel),
    "neighbours": Panel("Neighbours", neighbours.panel),
    "compare": Panel("Compare attentions", compare.panel),
    "duel": Panel("Duel", duel.panel),
    "numbers": Panel("Down to a number", numbers.panel),
}
_PHONE = 250  # pixels for the columns of the map
_LEAST = 0.1  # initial threshold for lines: with all of them drawn, none can be told apart


class Output(NamedTuple):
    """One translation that can be shown."""

    searched: Literal["beam", "greedy"]
    rank: int
    hypothesis: TraceHypothesis
    trace: Trace


def page() -> None:
    """Draw the page."""
    st.html('<h1 class="s2s-unseen">Attention</h1>')  # the map says it; a screen reader needs it said
    open_view(AttentionView)
    draw_query(_look)


def _outputs(asked: Query) -> list[Output]:
    """Return the outputs to choose from: greedy's and the beam's, or those of an opened trace."""
    if isinstance(asked.origin, Trace):
        return [Output("beam", *one, asked.origin) for one in _ranked(asked.origin)]
    view, alpha = current(AttentionView), models.load(asked.origin).config.alpha
    greedy, beam = (
        sessions.trace_text(asked.origin, asked.sentence, options).trace
        for options in (view.greedy(), view.beam_search(alpha))
    )
    return [Output("greedy", 1, greedy.best, greedy), *(Output("beam", *one, beam) for one in _ranked(beam))]


def _ranked(trace: Trace) -> list[tuple[int, TraceHypothesis]]:
    return list(enumerate(trace.hypotheses, 1))


def _look(asked: Query) -> None:
    """Draw the chosen output and the chosen step."""
    view, outputs = current(AttentionView), _outputs(asked)
    wanted = [one for one in outputs if (one.searched, one.rank) == (view.searched, view.rank)]
    output = (wanted or [one for one in outputs if one.searched == view.searched] or outputs)[0]
    trace, leaf = output.trace, output.hypothesis.leaf
    chosen = min(view.step, output.hypothesis.length)
    subject = Subject(view, asked.sentence, trace, asked.model, leaf, chosen, is_dark())
    matrix = alignment(trace, leaf, view.by == "words")
    _choose_output(outputs, output)
    left, right = st.columns([2.2, 1], gap="medium")
    with left, st.container(border=True, height="stretch"):
        if matrix is None:
            without.panel(subject)
        else:
            _choose_drawing(view)
            _map(subject, matrix)
    with right, st.container(border=True, height="stretch"):
        step.panel(subject)
    st.fragment(_closer)(subject)


def _choose_output(outputs: list[Output], output: Output) -> None:
    state = st.session_state
    # By index, since a trace is too large to be a widget's value.
    state["att_output"] = outputs.index(output)
    st.selectbox(
        "Whose output",
        range(len(outputs)),
        key="att_output",
        label_visibility="collapsed",
        format_func=lambda i: _named(outputs[i]),
        on_change=_output_chosen,
        args=([(one.searched, one.rank) for one in outputs],),
    )


def _named(output: Output) -> str:
    mode = output.trace.options.mode
    if mode.kind == "beam":
        place = "winner" if output.rank == 1 else f"number {output.rank}"
        name = f"Beam {mode.size}, {place}"
    else:
        name = "Greedy" if mode.kind == "greedy" else f"Sample {output.rank}"
    return f"{name}: {shortened(clean(output.hypothesis.text) or '(nothing)', 80)}"


def _output_chosen(outputs: list[tuple[Literal["beam", "greedy"], int]]) -> None:
    searched, rank = outputs[st.session_state["att_output"]]
    update(searched=searched, rank=rank, column=None)


def _choose_drawing(view: AttentionView) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.segmented_control(
            "A row is a", ["words", "pieces"], required=True, **bound("by", "att_by", also={"column": None}),
            format_func=lambda by: {"words": "Word", "pieces": "Piece"}[by],
        )  # fmt: skip
        st.segmented_control(
            "Drawn as", ["heatmap", "lines"], required=True, format_func=str.capitalize,
            **bound("drawn", "att_drawn") | {"on_change": _drawn_chosen},
        )  # fmt: skip
        st.slider(
            "Hide weights below", 0, 100, step=5, format="%d %%", width=240,
            **bound("threshold", "att_threshold", round(100 * view.threshold), read=lambda share: share / 100),
        )  # fmt: skip


def _drawn_chosen() -> None:
    drawn, threshold = st.session_state["att_drawn"], current(AttentionView).threshold
    update(drawn=drawn, threshold=threshold or _LEAST if drawn == "lines" else threshold)


def _map(subject: Subject[AttentionView], matrix: Alignment) -> None:
    """Draw the attention of the whole output, and describe it in sentences."""
    view, trace, leaf = subject.view, subject.trace, subject.node
    words = view.by == "words"
    row = max((i for i, at in enumerate(matrix.steps) if at <= subject.step), default=0)
    weights = matrix.weights[row]
    column = view.column
    if column is None or column >= len(weights):
        column = max(range(len(weights)), key=weights.__getitem__)
    if view.drawn == "heatmap":
        drawn = viz.attention_heatmap(
            trace,
            leaf,
            words=words,
            threshold=view.threshold,
            chosen=(row, column),
            room=_PHONE if is_narrow() else DESK,
            dark=subject.dark,
        )
    else:
        drawn = viz.attention_lines(
            trace, leaf, words=words, threshold=view.threshold, chosen_row=row, dark=subject.dark
        )
    figure(
        drawn,
        f"att_{view.drawn}",
        attention_summary(trace, leaf),
        name=f"Attention of {subject.sentence}",
        csv=lambda: heatmap_csv(trace, leaf, words=words) or b"",
        trace=trace,
        on_click=lambda place: _clicked(matrix.steps, place),
    )
    st.caption("Each row adds up to 100 %. Click a cell, or press → and ←.")
    told = looks_at(trace, leaf, words)
    first = told[row : row + 1]
    st.html(sentence_lines(first, told[:row] + told[row + 1 :]))


def _clicked(steps: Sequence[int], place: Sequence[int]) -> None:
    """Choose the clicked cell, or the clicked word of the lines."""
    if place[0] < len(steps):
        column = place[1] if len(place) > 1 else None
        update(step=steps[place[0]], column=column)


def _closer(subject: Subject[AttentionView]) -> None:
    """Draw the panel picker and the chosen panel; a fragment, so that opening a panel does not redraw the map.

    What a panel changes outside of itself shows after st.rerun().
    """
    st.subheader("Look closer", anchor=False)
    picker(CLOSER, "closer", "Look closer", key="att_closer")
    answer(CLOSER, "closer", replace(subject, view=current(AttentionView)))
    if subject.model is not None:
        write_link(current(AttentionView))


if __name__ == "__main__":
    import app

    app.main()
