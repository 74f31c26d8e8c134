"""Length penalty: which translation wins at which alpha, and whether a new search would find another."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import streamlit as st

from pages.beam_tree_panels.wording import listed, shown
from pages.shared import answers
from pages.shared.exports import figure
from pages.shared.html import muted, plain
from pages.shared.subject import Subject
from pages.shared.view import update
from pages.shared.views import SearchView
from seq2seq import explain, viz
from seq2seq.trace.view import output_noun
from seq2seq.viz.labels import number
from seq2seq.viz.tables import table_csv

if TYPE_CHECKING:
    from seq2seq.explain import AlphaInterval, AlphaSearch


def panel(subject: Subject[SearchView]) -> None:
    """Draw the panel."""
    st.markdown(
        f"Which finished hypothesis wins at which α: a larger α favours longer {output_noun(subject.trace)}s.",
        help="A hypothesis scores its total divided by ((5 + tokens) / 6) to the power of α (Wu et al. 2016). "
        "Choose another α, and the whole search runs again with it.",
    )
    trace, alpha = subject.trace, subject.trace.options.alpha
    intervals = explain.alpha_intervals(trace)
    if not intervals:
        st.info("This search finished no hypothesis, so there is nothing to compare.", icon=":material/info:")
        return
    tried = [one._replace(low=at, high=at) for one in intervals for at in [convenient(one)]]
    sampled = trace.options.mode.kind == "sample"
    searches: Sequence[AlphaSearch] = ()
    if subject.model is not None and not sampled:
        searches = answers.alpha_searches(subject.model, trace, tried)
    st.write(plain(flips_sentence(intervals, output_noun(trace))))
    table = _table(intervals, searches, output_noun(trace))
    figure(
        viz.alpha_ribbon(intervals, searches, alpha=alpha, dark=subject.dark),
        "penalty_ribbon",
        _says(intervals),
        name=f"Length penalty: {subject.sentence}",
        title="The winner by length penalty",
        csv=lambda: table_csv(list(table), zip(*table.values(), strict=True)),
    )
    st.dataframe(table, hide_index=True, width="stretch")
    if len(intervals) > 1:
        _closed_form(intervals, alpha)
    if subject.model is None:
        st.info(
            "Whether a new search would end elsewhere needs the model, and this trace was opened without it.",
            icon=":material/lock:",
        )
    elif searches:
        st.write(_searched(searches, output_noun(trace)))
    if trace.options.mode.kind == "beam" and len(intervals) > 1:
        _buttons(subject, intervals, [one.low for one in tried])


def convenient(interval: "AlphaInterval") -> float:
    """Return an alpha near the middle of the interval, rounded to as few decimals as keep it inside."""
    middle = (interval.low + interval.high) / 2
    for digits in range(1, 4):
        rounded = round(middle, digits)
        if interval.low < rounded < interval.high:
            return rounded + 0.0  # never −0
    return middle


def flips_sentence(intervals: Sequence["AlphaInterval"], noun: str = "translation") -> str:
    """Return a sentence: at which alphas the winner changes. noun: what wins."""
    low, high = number(intervals[0].low, 0), number(intervals[-1].high, 0)
    if len(intervals) == 1:
        return (
            f"The same {noun} wins at every α from {low} to {high}. A long or an odd sentence, or a wider "
            "beam, may bring a rival of another length."
        )
    flips = listed([number(one.low) for one in intervals[1:]])
    return f"From α {low} to {high} the winner flips at {flips}."


def _says(intervals: Sequence["AlphaInterval"]) -> str:
    winners = (f"from {number(one.low)} to {number(one.high)} “{shown(one.text)}”" for one in intervals)
    return f"The winner by the length penalty alpha: {'; '.join(winners)}."


def _table(
    intervals: Sequence["AlphaInterval"], searches: Sequence["AlphaSearch"], noun: str
) -> dict[str, list[str | float]]:
    table: dict[str, list[str | float]] = {
        "from α": [round(one.low, 3) for one in intervals],
        "to": [round(one.high, 3) for one in intervals],
        noun: [shown(one.text) for one in intervals],
        "total": [round(one.log_prob, 3) for one in intervals],
        "tokens": [one.length for one in intervals],
    }
    if searches:
        table["searched at"] = [round(one.alpha, 3) for one in searches]
        table["a new search ends with"] = ["the same" if one.same else shown(one.text) for one in searches]
    return table


def _closed_form(intervals: Sequence["AlphaInterval"], alpha: float) -> None:
    """Show the formula of the flip nearest to the alpha in use."""
    one, other = min(pairwise(intervals), key=lambda pair: abs(pair[1].low - alpha))
    st.html(muted("Where two hypotheses with totals s and n tokens score the same, here at the nearest flip:"))
    st.latex(
        r"\alpha = \frac{\ln\frac{s_1}{s_2}}{\ln\frac{5 + n_1}{5 + n_2}}"
        rf" = \frac{{\ln\frac{{{one.log_prob:.2f}}}{{{other.log_prob:.2f}}}}}"
        rf"{{\ln\frac{{5 + {one.length}}}{{5 + {other.length}}}}} = {other.low:.3f}"
    )


def _searched(searches: Sequence["AlphaSearch"], noun: str) -> str:
    different = [one for one in searches if not one.same]
    if not different:
        if len(searches) == 1:
            return f"A new search at α {_short(searches[0].alpha)} ends with the same {noun}."
        return f"A new search in the middle of each range ends with the same {noun}."
    ends = "; ".join(f"at α {_short(one.alpha)} with “{plain(shown(one.text))}”" for one in different)
    return (
        f"The search itself would have ended elsewhere: {ends}. Alpha also says when a search stops, so a new one "
        "may finish what this one never did."
    )


def _buttons(subject: Subject[SearchView], intervals: Sequence["AlphaInterval"], alphas: Sequence[float]) -> None:
    alpha = subject.trace.options.alpha
    with st.container(horizontal=True):
        for place, (one, offered) in enumerate(zip(intervals, alphas, strict=True)):
            in_use = one.low <= alpha < one.high or math.isclose(alpha, offered)
            st.button(
                f"α {number(alpha)} is in use" if in_use else f"Use α {_short(offered)}",
                key=f"penalty_use_{place}",
                disabled=in_use or subject.model is None,
                help=shown(one.text),
                on_click=_use,
                args=(offered,),
            )


def _short(alpha: float) -> str:
    return f"{alpha:.4g}".replace("-", "−")


def _use(alpha: float) -> None:
    update(alpha=alpha, node=0)
    st.rerun()  # a whole run, since the tree above is searched again
