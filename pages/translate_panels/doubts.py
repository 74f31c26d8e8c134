"""What not to believe of a translation: words that the model hardly knows, and what a dictionary has for them."""

import streamlit as st

from pages.shared import models, records
from pages.shared.html import plain
from seq2seq import explain
from seq2seq.explain import Doubt
from seq2seq.trace import Trace

_MOST = 6  # words that are shown
_SHOWN = 4  # translations of each


def say(model: str, trace: Trace) -> None:
    """Draw a line about the rare and unknown words of a translation's sentence; nothing if there are none."""
    config = models.config(model)
    lexicon = records.lexicon(config.source, config.target)
    if lexicon is None:
        return
    known = models.load(model).checkpoint.known
    found = explain.doubts(trace, lexicon, config.target, known)
    far = known is not None and explain.is_far(trace.source.text, known)
    if not found and not far:
        return
    doubtful = any(not one.used for one in found)
    badge = ":orange-badge[:material/help: Don't trust all of it]" if doubtful or far else ":gray-badge[Rare words]"
    words = " · ".join(_told(one) for one in found[:_MOST])
    more = f" · and {len(found) - _MOST} more" if len(found) > _MOST else ""
    seen = "Most of its words were hardly in training. " if far else ""
    st.markdown(
        f"{badge} {seen}{words}{more}",
        help="Words that were rare in training, or not in it, with what Wiktionary has for them. ✓ marks what the "
        "translation says; where nothing is marked, the model may have made its word up.",
    )


def _told(doubt: Doubt) -> str:
    shown = [f"{plain(one)} ✓" if one in doubt.used else plain(one) for one in doubt.alternatives[:_SHOWN]]
    if doubt.used and not any(one in doubt.used for one in doubt.alternatives[:_SHOWN]):
        shown[-1] = f"{plain(doubt.used[0])} ✓"
    says = ", ".join(shown) or "not in the dictionary"
    return f"**{plain(doubt.word)}**: {says}"
