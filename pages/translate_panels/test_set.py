"""Search on whole test sets: greedy against beam, sentence by sentence, and BLEU by search options."""

from collections.abc import Sequence

import streamlit as st

from pages.shared import exports, records, stage
from pages.shared.figures import is_dark
from pages.shared.html import muted, plain, table
from pages.shared.view import change
from pages.shared.views import TranslateView
from seq2seq import viz
from seq2seq.evaluation.atlas import AtlasCell
from seq2seq.evaluation.searches import ComparedMetric, DifferingOutput, SearchComparison
from seq2seq.viz.labels import number, percent
from seq2seq.viz.tables import table_csv

SHOWN = {
    "all": "All that differ",
    "better": "Beam nearer to the reference",
    "worse": "Greedy nearer to the reference",
}
_TABLE, _CHOICE = "test_set_rows", "test_set_shown"


def panel(view: TranslateView) -> None:
    """Draw the comparison stored in the model's folder. Raises CheckpointError if it is damaged."""
    compared = records.searches(view.model)
    if compared is None:
        st.html(
            muted(
                "This model's folder keeps no comparison; python -m seq2seq evaluate --save-searches --model "
                "FOLDER TEST.tsv makes one."
            )
        )
        return
    st.write(
        f"All {compared.sentences:,} sentences of the test set, whose translations training never saw. Beam search "
        f"of {compared.beam_size} translates {percent(compared.share)} of them differently. Select a row to watch "
        "that sentence."
    )
    st.html(_scores(compared))
    st.caption(
        f"p: how often a difference this large occurs by chance (paired bootstrap). {plain(compared.test)}, "
        f"α = {number(compared.alpha)}; " + plain("; ".join(f"{m.metric} {m.signature}" for m in compared.metrics))
    )
    shown = st.segmented_control(
        "Show", list(SHOWN), default="all", format_func=SHOWN.__getitem__, key=_CHOICE, required=True
    )
    rows = _chosen(compared.differing, shown or "all")
    st.dataframe(
        {
            "sentence": [one.source for one in rows],
            "greedy": [one.greedy for one in rows],
            "beam": [one.beam for one in rows],
            "reference": [one.reference for one in rows],
            "chrF, beam − greedy": [round(one.gain, 1) for one in rows],
        },
        key=_TABLE,
        hide_index=True,
        width="stretch",
        height=320,
        on_select=lambda: _open(view, rows),
        selection_mode="single-row",
    )
    st.html(
        muted(
            f"{len(rows):,} sentences. A reference is one good translation of many; a lower chrF need not be worse."
        )
    )


def atlas_panel(view: TranslateView) -> None:
    """Draw BLEU by beam size and length penalty. Raises CheckpointError if the stored atlas is damaged."""
    atlas = records.atlas(view.model)
    if atlas is None:
        st.html(
            muted(
                "This model's folder keeps no atlas; python -m seq2seq atlas --save --model FOLDER VALID.tsv does."
            )
        )
        return
    st.markdown(
        "BLEU, and below it the outputs' length relative to the references; the frame is the best cell.",
        help="A wider beam finds likelier outputs, which are shorter and not always better; a larger α favours "
        "longer ones.",
    )
    exports.figure(
        viz.search_atlas(atlas, dark=is_dark()),
        "search_atlas",
        viz.atlas_summary(atlas),
        name=f"Search atlas of {view.model}",
        csv=lambda: table_csv(tuple(AtlasCell.model_fields), (tuple(c.model_dump().values()) for c in atlas.cells)),
    )
    st.caption(f"{atlas.sentences:,} sentences of {plain(atlas.test)}; BLEU {plain(atlas.bleu_signature)}")


def _scores(compared: SearchComparison) -> str:
    return table(
        ("", "greedy", f"beam {compared.beam_size}", "difference", "p"),
        [
            (one.metric, number(one.greedy), number(one.beam), f"{one.beam - one.greedy:+.2f}", _likely(one))
            for one in compared.metrics
        ],
        numbers=(1, 2, 3),
        dark=is_dark(),
    )


def _likely(one: ComparedMetric) -> str:
    return f"{one.p:.3f}, {'hardly by chance' if one.p < 0.05 else 'may well be chance'}"


def _chosen(differing: Sequence[DifferingOutput], shown: str) -> list[DifferingOutput]:
    """Return the requested sentences, the largest difference first."""
    if shown == "better":
        return sorted((one for one in differing if one.gain > 0), key=lambda one: -one.gain)
    if shown == "worse":
        return sorted((one for one in differing if one.gain < 0), key=lambda one: one.gain)
    return sorted(differing, key=lambda one: -abs(one.gain))


def _open(view: TranslateView, rows: Sequence[DifferingOutput]) -> None:
    selected = st.session_state[_TABLE]["selection"]["rows"]
    if selected:
        change(view.for_other_sentence(text=rows[selected[0]].source))
        stage.play_next()
