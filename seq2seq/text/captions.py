"""Caption normalisation for training and scoring."""


def normalise_caption(text: str) -> str:
    """Return a caption as used in training and scoring: lower case, single spaces, without its final full stop."""
    return " ".join(text.lower().split()).removesuffix(".").rstrip()
