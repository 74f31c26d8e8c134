"""Autopsy: why the search did not find the expected translation, and the model's best output by exact search."""

from typing import TYPE_CHECKING, Literal

import streamlit as st

from pages.beam_tree_panels.expected import expected_form
from pages.beam_tree_panels.wording import shown, spans
from pages.shared import answers, problems
from pages.shared.exports import figure
from pages.shared.html import plain
from pages.shared.subject import Subject
from pages.shared.views import SearchView
from seq2seq import viz
from seq2seq.trace.view import output_noun
from seq2seq.viz.labels import number, piece_label
from seq2seq.viz.tables import table_csv

if TYPE_CHECKING:
    from seq2seq.explain import Autopsy, ModelsBest

SECONDS = 5
MORE_SECONDS = 20
_NEEDS_MODEL = "Scoring another output needs the model, and this trace was opened without it."

Colour = Literal["green", "orange", "blue", "gray"]
_BADGES: dict[str, tuple[str, str, Colour]] = {
    "FOUND": ("Found", ":material/check:", "green"),
    "SEARCH_ERROR": ("Search error", ":material/search_off:", "orange"),
    "MODEL_ERROR": ("Model error", ":material/psychology_alt:", "blue"),
    "UNDECIDED": ("Undecided", ":material/question_mark:", "gray"),
}


def panel(subject: Subject[SearchView]) -> None:
    """Draw the panel."""
    noun = output_noun(subject.trace)
    st.markdown(
        f"If your {noun} scores higher than the winner, the search lost it; if lower, the model itself prefers "
        "another.",
        help="Then no search would help (Stahlberg and Byrne 2019). Leave out a full stop or try another word, and "
        "see how far that one gets.",
    )
    answer = expected_form(
        "autopsy",
        f"Which {noun} did you expect?",
        "Find out why",
        needed=True,
        disabled=subject.model is None,
    )
    if subject.model is None:
        st.info(_NEEDS_MODEL, icon=":material/lock:")
        return
    if answer.problem:
        problems.say(answer.problem)
    elif answer.text:
        _why(subject, answers.autopsy(subject.model, subject.trace, answer.text))
    _true_best(subject, subject.model)


def _why(subject: Subject[SearchView], found: "Autopsy") -> None:
    name, icon, colour = _BADGES[found.verdict.name]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(name, icon=icon, color=colour)
        st.write(plain(_reason(found, name)))
    both = (found.expected, found.winner)
    st.dataframe(
        {
            "": ["expected", "winner"],
            output_noun(subject.trace): [shown(one.text) for one in both],
            f"score at α {number(subject.trace.options.alpha)}": [round(one.score, 3) for one in both],
            "total": [round(one.log_prob, 3) for one in both],
            "tokens": [len(one.tokens) for one in both],
        },
        hide_index=True,
        width="stretch",
    )
    if not found.ranks:
        return
    left, right = st.columns([3, 2])
    with left:
        _ranks(subject, found)
    with right:
        _widths(subject, found)


def _reason(found: "Autopsy", name: str) -> str:
    """Return the verdict's sentence without the leading name."""
    reason = found.reason.removeprefix(f"{name}: ")
    return reason[:1].upper() + reason[1:]


def _ranks(subject: Subject[SearchView], found: "Autopsy") -> None:
    says = fall_sentence(found)
    header = ("step", "piece", "rank", "kept", "total", "last kept")
    rows = [(one.step, one.piece, one.rank, one.beam_cutoff, one.total, one.cutoff_total) for one in found.ranks]
    figure(
        viz.expected_ranks(found, dark=subject.dark),
        "autopsy_ranks",
        says,
        name=f"Autopsy: {found.expected.text}",
        title="Where it fell out" if found.pruned_at else "Where it stood",
        csv=lambda: table_csv(header, rows),
    )
    st.write(plain(says))


def _widths(subject: Subject[SearchView], found: "Autopsy") -> None:
    says = widths_sentence(found)
    survived = set(found.survived)
    figure(
        viz.width_strip(found, dark=subject.dark),
        "autopsy_widths",
        says,
        name=f"Widths that keep: {found.expected.text}",
        title="Which beams keep it to the end",
        csv=lambda: table_csv(("width", "survives"), [(one, int(one in survived)) for one in found.widths]),
    )
    st.write(plain(says))


def fall_sentence(found: "Autopsy") -> str:
    """Return a sentence: at which step and rank the expected output was pruned, and by how much."""
    fall = found.pruned_at
    if fall is None:
        finished = len(found.ranks) == len(found.expected.tokens)
        return (
            f"It was in the beam to the end, {'finished' if finished else 'still growing when the search stopped'}."
        )
    return (
        f"At step {fall.step}, with “{piece_label(fall.piece)}”, it was number {fall.rank:,} and "
        f"{fall.beam_cutoff} {'was' if fall.beam_cutoff == 1 else 'were'} kept; the last of them was "
        f"{number(fall.gap)} ahead."
    )


def widths_sentence(found: "Autopsy") -> str:
    """Return a sentence: at which beam widths the expected output survives, and where the gaps are."""
    first, last = found.widths[0], found.widths[-1]
    if not found.survived:
        return f"It falls out at every width from {first} to {last}."
    gaps = [one for one in found.widths if one > found.survived[0] and one not in found.survived]
    but = f" At {spans(gaps)} it falls out again." if gaps else ""
    return f"Of widths {first} to {last} it survives at {spans(found.survived)}.{but}"


def _true_best(subject: Subject[SearchView], model: str) -> None:
    st.markdown("**The model's true best**")
    st.write(
        f"Exact search expands every prefix that could still beat the winner. Within {SECONDS} seconds it "
        f"finds the best {output_noun(subject.trace)} of all, or says that it is undecided."
    )
    trace = subject.trace
    seconds = answers.requested("best", trace)
    if seconds is None:
        st.button(
            "Find the model's true best",
            key="autopsy_best",
            on_click=answers.request,
            args=("best", trace, SECONDS),
        )
        return
    found = answers.models_best(model, trace, seconds)
    say = st.success if found.exact.complete and not found.better else st.warning if found.better else st.info
    say(plain(found.sentence))
    st.dataframe(_best_table(subject, found), hide_index=True, width="stretch")
    st.write(plain(best_sentence(found, trace.best.length)))
    if not found.exact.complete and seconds < MORE_SECONDS:
        st.button(
            f"Look for {MORE_SECONDS} seconds", key="autopsy_longer", on_click=answers.request,
            args=("best", trace, MORE_SECONDS),
        )  # fmt: skip


def _best_table(subject: Subject[SearchView], found: "ModelsBest") -> dict[str, list[str | float]]:
    """Return the table of the best known output, and of the winner if that is a different one."""
    best, winner = found.exact.best, subject.trace.best
    rows: list[tuple[str, str, float, float, int]] = []
    if best is not None:
        name = "the model's best, proven" if found.exact.complete else "best known, not proven"
        rows.append((name, found.text, best.score, best.log_prob, len(best.tokens)))
    if best is None or found.better:
        name = "the winner" if winner.finished else "the winner, cut off"
        rows.append((name, winner.text, winner.normalised, winner.log_prob, winner.length))
    return {
        "": [row[0] for row in rows],
        output_noun(subject.trace): [shown(row[1]) for row in rows],
        "score": [round(row[2], 3) for row in rows],
        "total": [round(row[3], 3) for row in rows],
        "tokens": [row[4] for row in rows],
    }


def best_sentence(found: "ModelsBest", length: int) -> str:
    """Return a sentence: the best output's length against a winner of `length` tokens, and the empty one's rank."""
    best, empty, rank = found.exact.best, found.exact.empty, found.exact.empty_rank
    parts = []
    if best is not None and best == empty:
        parts.append("The model likes best to say nothing at all.")
    elif best is not None and found.better:
        fewer = length - len(best.tokens)
        parts.append(
            f"It is {abs(fewer)} {'token' if abs(fewer) == 1 else 'tokens'} "
            f"{'shorter' if fewer > 0 else 'longer'} than the winner."
            if fewer
            else "It is as long as the winner."
        )
    if empty is not None and rank is not None:
        parts.append(
            f"The empty {found.noun} scores {number(empty.score)}: ending at once is number {rank:,} of all "
            "first tokens."
        )
    return " ".join(parts)
