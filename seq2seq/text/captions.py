"""Captions as they are learnt and scored."""


def normalise_caption(text: str) -> str:
    """Return a caption as it is learnt and scored: lower case, single spaces, without its final stop."""
    return " ".join(text.lower().split()).removesuffix(".").rstrip()
