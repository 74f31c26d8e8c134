"""Several searches of one source, side by side: which one wins, where they diverge, and their steps."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import streamlit as st

from pages.shared import playback, sessions
from pages.shared.exports import figure
from pages.shared.html import coloured_words, facts, heading, muted, plain
from seq2seq import viz
from seq2seq.trace import Trace
from seq2seq.trace.view import divergence, nodes_at, prefix_text, words_on_path
from seq2seq.viz.export import tree_csv
from seq2seq.viz.theme import number, percent, piece_label


class Panel(NamedTuple):
    """One search of the sentence."""

    name: str
    colour: str
    found: sessions.TimedTrace

    @property
    def trace(self) -> Trace:
        """The trace of the search."""
        return self.found.trace


Look = Callable[[Panel, int, int], None]
"""Draws the attention of a search, given a node of its winner's path and its step."""


def verdict(panels: list[Panel], noun: str = "translation") -> None:
    """Describe where greedy and beam search diverge, the cost, and which one wins. noun: what they output."""
    greedy, beam = panels[0].trace, panels[1].trace
    part = divergence(greedy, beam)
    if part is None:
        st.success(f"Greedy and beam search found the same {noun}.", icon=":material/equal:")
        return
    one, other = (piece_label(piece).removeprefix("·") for piece in (part.one, part.other))
    begin = f"After “{plain(part.common)}”" if part.common else "At the very first piece"
    gap = beam.best.log_prob - greedy.best.log_prob
    choice = (
        f"{begin} (step {part.step}) they part: greedy takes “{plain(one)}”, beam search “{plain(other)}”, whose "
        f"log-probability there is {number(abs(part.cost))} {'lower' if part.cost >= 0 else 'higher'}."
    )
    if gap > 0:
        end = f"It pays: the beam's whole {noun} is {_times(gap)} as likely (log-probability {number(gap)} higher)."
    else:
        end = (
            f"It does not pay in likelihood: greedy's whole {noun} is {_times(-gap)} as likely "
            f"(log-probability {number(-gap)} higher). The beam ranks by score for length "
            f"(α = {number(beam.options.alpha)}), or it has pruned greedy's path on the way."
        )
    st.info(f"{choice} {end}", icon=":material/call_split:")


def _times(gap: float) -> str:
    """Return a difference of log-probabilities as a factor."""
    factor = math.exp(min(gap, 20))
    return f"{factor:,.1f} times" if factor < 1000 else "over a thousand times"


def summary(panel: Panel, part: int | None, dark: bool) -> None:
    """Show the result of a search. part: the step whose word is marked, since another search diverges there."""
    trace, best = panel.trace, panel.trace.best
    st.html(heading(panel.name, panel.colour))
    parts_at = part if panel.name != "Sample" else None
    st.html(coloured_words(words_on_path(trace, best.leaf), dark=dark, parts_at=parts_at))
    if not best.finished:
        st.warning("Cut off at the longest allowed length.", icon=":material/content_cut:")
    values = [
        ("log-probability", number(best.log_prob)),
        ("score by length", number(best.normalised)),
        ("average per piece", percent(math.exp(best.log_prob / best.length))),
        ("time", f"{panel.found.milliseconds:.0f} ms"),
        ("model steps", str(trace.stop.steps)),
    ]
    st.html(facts(values))


def ranked(trace: Trace, noun: str, *, expanded: bool = False) -> None:
    """Draw the table of a beam's n best, and the stop rule. noun: what they are."""
    with st.expander(f"The {len(trace.hypotheses)} best of the beam", expanded=expanded):
        st.dataframe(
            {
                "rank": list(range(1, len(trace.hypotheses) + 1)),
                noun: [one.text for one in trace.hypotheses],
                "score by length": [round(one.normalised, 3) for one in trace.hypotheses],
                "log-probability": [round(one.log_prob, 3) for one in trace.hypotheses],
                "pieces": [one.length for one in trace.hypotheses],
                "finished": [one.finished for one in trace.hypotheses],
            },
            hide_index=True,
            width="stretch",
        )
        st.caption(f"Stop rule: {trace.stop.rule}. Bound: {trace.stop.bound}.")


def downloads(panels: Sequence[Panel], source: str, noun: str) -> None:
    """Draw each result to copy, and the downloads. source: the first line of the text file."""
    for panel in panels:
        st.caption(panel.name)
        st.code(panel.trace.best.text, language=None, wrap_lines=True)
    with st.container(horizontal=True):
        text = "".join(f"{panel.name}\t{panel.trace.best.text}\n" for panel in panels)
        st.download_button("Text", f"{source}\n{text}", f"{noun}.txt", on_click="ignore")
        for panel in panels:
            name = panel.name.split()[0].lower()
            st.download_button(
                f"{panel.name} trace (JSON)", panel.trace.to_json(), f"{name}-{noun}.json", "application/json",
                on_click="ignore", key=f"save_{name}",
            )  # fmt: skip


def watch(panels: list[Panel], part: int | None, dark: bool, look: Look) -> int:
    """Draw one step of all searches and return it; call it as a fragment, so that a step redraws only this.

    look: draws the attention.
    """
    step = playback.controls(max(panel.trace.stop.steps for panel in panels))
    if part is not None and step == part:
        st.html(muted("This is the step where greedy and beam search part."))
    for column, panel in zip(st.columns(len(panels)), panels, strict=True):
        with column, st.container(border=True):
            _step(panel, step, dark, look)
    return step


def _step(panel: Panel, step: int, dark: bool, look: Look) -> None:
    trace, key = panel.trace, panel.name.split()[0].lower()
    last = trace.stop.steps
    st.html(heading(f"{panel.name}, step {min(step, last)}", panel.colour))
    if step > last:
        st.html(muted(f"Ended at step {last}."))
        step = last
    alone = trace.options.width == 1
    path = trace.path(trace.best.leaf)
    winner = path[min(step, len(path)) - 1]
    st.html(coloured_words(words_on_path(trace, winner), dark=dark, new_from=step))
    if not alone:
        st.html(muted(_winner_place(trace, winner, step)))
    look(panel, winner, step)
    bars = (viz.candidates if alone else viz.beam_candidates)(trace, step, dark=dark)
    says = ", ".join(
        f"{prefix_text(trace, n)} {percent(math.exp(trace.nodes.log_prob[n]))} {trace.nodes.status[n]}"
        for n in nodes_at(trace, step)[:5]
    )
    figure(
        bars,
        f"{key}_candidates",
        f"{panel.name}, candidates of step {step}: {says}",
        name=f"{panel.name}, step {step} of {trace.source.text}",
        title="What could come next" if alone else "Candidates by total log-probability",
        csv=lambda: tree_csv(trace),
    )


def _winner_place(trace: Trace, winner: int, step: int) -> str:
    """Return a sentence: the rank of the eventual winner among the hypotheses that this step kept."""
    kept = [n for n in nodes_at(trace, step) if trace.nodes.status[n] != "pruned"]
    if winner not in kept:
        return f"The winner, finished at step {trace.nodes.step[winner]}; the search continued with others."
    return f"The eventual winner, here number {kept.index(winner) + 1} of the {len(kept)} that are kept."
