"""Input noise: sources as people type them, so that a model learns to handle those too."""

import random
import re
import unicodedata

_PLACEHOLDER = re.compile(r"⟦[a-z]\d⟧")


def as_typed(text: str, random_: random.Random) -> str:
    """Return normalised `text` with one or more of: no accents, no capitals, no final stop, all capitals."""
    kinds = random_.choices(("accents", "case", "stop", "both", "all", "shout"), (2, 2, 3, 2, 3, 1))[0]
    if kinds in ("stop", "both", "all") and text[-1:] in ".!?" and len(text) > 2:
        text = text[:-1].rstrip()
    if kinds in ("case", "both", "all"):
        text = _lower(text) if random_.random() < 0.5 else text[:1].lower() + text[1:]
    if kinds in ("accents", "all"):
        text = without_accents(text)
    return text.upper() if kinds == "shout" else text


def _lower(text: str) -> str:
    return _PLACEHOLDER.sub(lambda match: match.group().upper(), text.lower())


def without_accents(text: str) -> str:
    """Return `text` with plain letters in place of accented ones, and ligatures written out."""
    text = text.replace("œ", "oe").replace("Œ", "Oe").replace("æ", "ae").replace("Æ", "Ae")
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
