"""The leak lamp: whether a sentence was in the model's training data."""

from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import records
from pages.shared.html import plain

if TYPE_CHECKING:
    from seq2seq.explain import NearMatch
    from seq2seq.explain.leaks import Novelty

_MOST = 5
_LAMPS: dict["Novelty", tuple[str, str]] = {
    "seen": ("seen in training", ":material/visibility:"),
    "near": ("near: one word away", ":material/join_inner:"),
    "new": ("new to the model", ":material/fiber_new:"),
}
_MEANS: dict["Novelty", str] = {
    "seen": "This sentence stood among the training pairs, so a good translation of it may be memorised.",
    "near": "These training sentences differ from it by one word, so much of its translation may be memorised.",
    "new": "No training sentence has the same words, or the same but for one.",
}


def leak_lamp(model: str, sentence: str) -> None:
    """Draw the lamp; nothing for a model whose folder does not keep what it was trained on."""
    seen = records.seen(model)
    if seen is None:
        return
    found = seen.classify(sentence)
    title, icon = _LAMPS[found.novelty]
    with st.popover(title, icon=icon, type="tertiary"):
        st.write(_MEANS[found.novelty])
        for twin in found.near_matches[:_MOST]:
            st.markdown(f"- {_told(twin)}")
        if len(found.near_matches) > _MOST:
            st.caption(f"And {len(found.near_matches) - _MOST} more.")
        st.caption("Letters and digits are compared; capitals, accents and punctuation are ignored.")


def _told(twin: "NearMatch") -> str:
    """Return a training sentence in Markdown, with the word that differs in bold."""
    words = [plain(word) for word in twin.words]
    if twin.trained is not None:
        words[twin.place] = f"**{words[twin.place]}**"
    here = {
        (True, True): f"here: {plain(twin.typed or '')}",
        (True, False): f"without {plain(twin.typed or '')}",
        (False, True): "one word more",
    }[twin.typed is not None, twin.trained is not None]
    return f"{' '.join(words)} ({here})"
