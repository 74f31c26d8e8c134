"""Widths: what narrower and wider beams find, and what they cost."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages.beam_tree_panels.expected import expected_form
from pages.beam_tree_panels.wording import shown, spans
from pages.shared import answers, problems
from pages.shared.exports import figure
from pages.shared.html import plain
from pages.shared.subject import Subject
from pages.shared.views import SearchView
from seq2seq import viz
from seq2seq.evaluation import corpus_scores
from seq2seq.explain.width_sweep import TOLERANCE
from seq2seq.trace.view import output_noun
from seq2seq.viz.labels import number
from seq2seq.viz.tables import table_csv

if TYPE_CHECKING:
    from seq2seq.explain import Width


def panel(subject: Subject[SearchView]) -> None:
    """Draw the panel."""
    noun = output_noun(subject.trace)
    source = "photo" if subject.trace.source.kind == "photo" else "sentence"
    st.markdown(
        f"The same {source} with beams of 1 to 20: where a wider beam ends with a worse score, that is a search "
        "error.",
        help=f"A wider beam tries more, but may prune what a narrower one kept. A right {noun}, if you have one, "
        f"adds chrF, which shows whether a better score is a better {noun}.",
    )
    model, trace = subject.model, subject.trace
    answer = expected_form(
        "widths",
        f"Right {noun} (optional)",
        "Try widths 1 to 20",
        needed=False,
        disabled=model is None,
        submitted=lambda: answers.request("widths", trace),
    )
    if model is None:
        st.info("Searching again needs the model, and this trace was opened without it.", icon=":material/lock:")
        return
    if answer.problem:
        problems.say(answer.problem)
        return
    if answers.requested("widths", trace) is None:
        return
    _results(subject, _scored(answers.sweep(model, trace), answer.text))


def _results(subject: Subject[SearchView], found: Sequence["Width"]) -> None:
    says = f"{narrowest_best(found)} {search_errors(found)}"
    st.write(plain(says))
    table = _table(found, output_noun(subject.trace))
    figure(
        viz.width_sweep(found, dark=subject.dark),
        "widths_sweep",
        says,
        name=f"Beam widths: {subject.sentence}",
        title="What each beam ends with",
        csv=lambda: table_csv(list(table), zip(*table.values(), strict=True)),
    )
    st.dataframe(table, hide_index=True, width="stretch", height="content")


def _scored(found: Sequence["Width"], right: str) -> tuple["Width", ...]:
    """Return the widths with chrF, which needs no new search."""
    if not right:
        return tuple(found)
    return tuple(one._replace(chrf=corpus_scores([one.text], [right]).chrf) for one in found)


def narrowest_best(found: Sequence["Width"]) -> str:
    """Return a sentence: which is the narrowest beam that finds the best score of all."""
    finished = [one for one in found if one.finished]
    if not finished:
        return "No width finished an output."
    best = max(one.score for one in finished)
    first = next(one for one in finished if one.score >= best - TOLERANCE)
    if first.width == found[0].width:
        return f"A beam of {first.width} already finds the best score, {number(first.score, 3)}."
    return f"A beam of {first.width} is the narrowest that finds the best score, {number(first.score, 3)}."


def search_errors(found: Sequence["Width"]) -> str:
    """Return a sentence: which widths found a better score than wider ones."""
    wrong = [one for one in found if one.search_error]
    if not wrong:
        return "No wider beam ends with a worse score than a narrower one: no search errors."
    beaten: dict[int, list[int]] = {}  # by the narrowest width with the best score among the narrower ones
    for one in wrong:
        narrower = [other for other in found if other.finished and other.width < one.width]
        best = max(narrower, key=lambda other: other.score)
        first = next(other for other in narrower if other.score >= best.score - TOLERANCE)
        beaten.setdefault(first.width, []).append(one.width)
    parts = [f"width {first} found a better score than {spans(wider)}" for first, wider in beaten.items()]
    return f"Search errors: {'; '.join(parts)}."


def _table(found: Sequence["Width"], noun: str) -> dict[str, list[str | float | None]]:
    table: dict[str, list[str | float | None]] = {
        "width": [one.width for one in found],
        noun: [shown(one.text) + ("" if one.finished else " (cut off)") for one in found],
        "score": [round(one.score, 3) for one in found],
    }
    if any(one.chrf is not None for one in found):
        table["chrF"] = [None if one.chrf is None else round(one.chrf, 1) for one in found]
    return table | {
        "steps": [one.steps for one in found],
        "ms": [round(one.milliseconds) for one in found],
        "search error": ["worse than a narrower one" if one.search_error else "" for one in found],
    }
