"""Four small models that differ only in their attention: none, dot, general, additive."""

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.shared import exports, models, records, sessions
from pages.shared.html import coloured_words, facts, heading, muted, plain
from pages.shared.opened import needs_model
from pages.shared.subject import Subject
from pages.shared.views import AttentionView
from seq2seq import viz
from seq2seq.checkpoint_config import CheckpointConfig
from seq2seq.evaluation.stored import LengthScores
from seq2seq.trace.view import words_on_path
from seq2seq.viz.describe import attention_summary
from seq2seq.viz.labels import number
from seq2seq.viz.palette import ATTENTIONS
from seq2seq.viz.tables import heatmap_csv, table_csv

PREFIX = "attention-"


def panel(subject: Subject[AttentionView]) -> None:
    """Draw the sentence as each of the models translates it, and their test scores by length of the source."""
    if not needs_model(subject.model, "The comparison") or subject.model is None:
        return
    offered = _offered(subject.model)
    if not offered:
        st.info(
            f"There is no model whose name begins with “{PREFIX}” for these languages here; the recipe "
            "`attention` trains them: `python -m seq2seq train attention --set model.attention=none --out "
            "checkpoints/attention-none`.",
            icon=":material/info:",
        )
        return
    st.markdown(
        "The same small model, trained once with each kind of attention. Try a long sentence: without attention "
        "its end gets lost.",
        help="**none** has to put the whole sentence into one vector (Sutskever et al. 2014); the others look back "
        "at every step, and score a source state by **dot** product, through a matrix (**general**, Luong et al. "
        "2015) or a small network (**additive**, Bahdanau et al. 2015).",
    )
    _scores(subject, {name: records.lengths(name) for name in offered}, offered)
    names = list(offered)
    st.caption("How each model does here. In the maps a row adds up to 100 %; the stronger a cell, the more of it.")
    for pair in (names[i : i + 2] for i in range(0, len(names), 2)):
        for column, name in zip(st.columns(2), pair, strict=False):
            with column, st.container(border=True):
                _translation(subject, name, offered[name])


def _offered(model: str) -> dict[str, CheckpointConfig]:
    """Return the models to compare for the languages of `model`, from no attention to the most expensive."""
    found = {name: config for name, config in models.same_languages(model).items() if name.startswith(PREFIX)}
    return dict(sorted(found.items(), key=lambda item: ATTENTIONS.index(item[1].model.attention)))


def _translation(subject: Subject[AttentionView], name: str, config: CheckpointConfig) -> None:
    view, kind = subject.view, config.model.attention
    # Without attention there is no coverage to penalise.
    asked = view.model_copy(update={"coverage": 0.0}) if kind == "none" else view
    options = asked.greedy() if view.searched == "greedy" else asked.beam_search(config.alpha)
    trace = sessions.trace_text(name, subject.trace.source.text, options).trace
    st.html(heading(kind, viz.palette(subject.dark).attentions[ATTENTIONS.index(kind)]))
    st.html(coloured_words(words_on_path(trace, trace.best.leaf), dark=subject.dark))
    st.html(facts([("log-probability", number(trace.best.log_prob)), ("pieces", str(trace.best.length))]))
    words = view.by == "words"
    drawn = viz.attention_heatmap(trace, words=words, bar=False, dark=subject.dark)
    if drawn is None:
        st.html(muted("No attention: each word is made from one vector for the whole sentence."))
        return
    csv = heatmap_csv(trace, words=words)
    exports.figure(
        drawn,
        f"compare_{name}",
        f"{kind}: {attention_summary(trace)}",
        name=f"Attention ({kind}) of {trace.source.text}",
        csv=None if csv is None else lambda: csv,
        trace=trace,
    )


def _scores(
    subject: Subject[AttentionView],
    found: Mapping[str, LengthScores | None],
    offered: Mapping[str, CheckpointConfig],
) -> None:
    """Draw test BLEU by source length for the models whose scores were saved."""
    scores = {offered[name].model.attention: one for name, one in found.items() if one is not None}
    missing = [name for name, one in found.items() if one is None]
    if scores:
        told = "; ".join(
            f"{kind}: " + ", ".join(f"{b.name} words {number(b.bleu, 1)}" for b in one.bands if b.bleu is not None)
            for kind, one in scores.items()
        )
        exports.figure(
            viz.bleu_by_length(scores, dark=subject.dark),
            "compare_lengths",
            f"Test BLEU by length of the source. {told}",
            name="Test BLEU by length of the source",
            title="Test BLEU by length of the source, in words",
            csv=lambda: table_csv(
                ("attention", "shortest", "longest", "pairs", "BLEU", "chrF"),
                ((kind, *band.model_dump().values()) for kind, one in scores.items() for band in one.bands),
            ),
        )
        st.caption(plain(_tested(list(scores.values()))))
    if missing:
        st.html(
            muted(
                f"No scores by length are kept for {', '.join(missing)}; python -m seq2seq evaluate --save-lengths "
                "writes them."
            )
        )


def _tested(scores: Sequence[LengthScores]) -> str:
    tests = ", ".join(sorted({each.test for each in scores}))
    beams = ", ".join(map(str, sorted({each.beam_size for each in scores})))
    return f"{tests}, beam {beams}; {scores[0].bleu_signature}"
