"""What is shown instead of the map for a model without attention."""

import streamlit as st

from pages.shared import models, records
from pages.shared.html import coloured_words, confidence_legend
from pages.shared.subject import Subject
from pages.shared.views import AttentionView
from seq2seq.trace.view import words_on_path


def panel(subject: Subject[AttentionView]) -> None:
    """Explain what the model has instead and what that costs, and show its output."""
    st.subheader("No attention", anchor=False)
    size = models.summary_size(subject.model) if subject.model else None
    numbers = f"one vector of {size:,} numbers" if size else "one vector"
    st.markdown(
        f"It reads the sentence once and keeps {numbers} of it, for {len(subject.trace.source.words) - 1} words as "
        "for fifty: there is no map to draw.",
        help="Every piece of the translation is made from that alone. Short sentences fit; words of long ones get "
        "lost or mixed up (Bahdanau et al. 2015, section 5.1).",
    )
    scores = _scores()
    if len(scores) > 1:
        st.markdown("**What it costs:** BLEU on the validation set of models that differ only in attention.")
        st.dataframe(
            {"model": list(scores), "BLEU": [round(score, 1) for score in scores.values()]},
            hide_index=True,
            width="content",
        )
    st.markdown("**Its output**")
    st.html(coloured_words(words_on_path(subject.trace, subject.node), dark=subject.dark, new_from=subject.step))
    st.html(confidence_legend(dark=subject.dark))


def _scores() -> dict[str, float]:
    """Return the validation BLEU of the models that were trained to compare attentions."""
    names = [name for name in models.available() if name.startswith("attention-")]
    found = {name.removeprefix("attention-"): records.validation_bleu(name) for name in names}
    return {name: score for name, score in sorted(found.items()) if score is not None}
