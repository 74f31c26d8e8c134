"""Conversion of the training form's values to a recipe."""

import math
from dataclasses import dataclass
from typing import Literal

from seq2seq.config import parse
from seq2seq.data.languages import Languages
from seq2seq.data.upload import UploadedFile
from seq2seq.models.config import AttentionKind, Cell
from seq2seq.training import Recipe

Size = Literal["small", "medium", "large"]
Forcing = Literal["always", "constant", "linear", "exponential", "inverse-sigmoid"]

FRENCH_ENGLISH = Languages("fr", "en")
LEAST_UPDATES, MOST_UPDATES = 50, 20_000
FEW_UPDATES = 300  # with fewer, even a simple domain is hardly learnt
VALIDATIONS = 8  # over a whole run
_VALID_PAIRS = 300
_BATCH_TOKENS = 1000
# Embedding and decoder state; each encoder direction is half as wide, so that every kind of attention fits.
_WIDTHS: dict[Size, tuple[int, int]] = {"small": (96, 128), "medium": (160, 256), "large": (256, 512)}
_GRAMMAR_TOKENS = 8.7  # mean target tokens per pair of the grammar, end token included
_PIECES = 1.3  # per word, with a vocabulary of 4,000 subwords


@dataclass(frozen=True)
class Choice:
    """A visitor's choices in the form."""

    grammar: int = 30_000
    """Pairs from the built-in rules; 0: the upload."""
    languages: Languages = FRENCH_ENGLISH
    cell: Cell = "gru"
    size: Size = "small"
    attention: AttentionKind = "additive"
    forcing: Forcing = "always"
    ratio: float = 0.5
    """The forcing ratio of constant forcing."""
    half: float = 0.5
    """Share of the updates after which a decaying ratio is a half."""
    rate: float = 0.006
    updates: int = 1500
    """Independent of the number of pairs: a small file is trained on for more epochs."""
    swapped: bool = False
    """Whether the right column of the upload is the source."""

    @property
    def direction(self) -> Languages:
        """The source and the target language."""
        return Languages(*reversed(self.languages)) if self.swapped else self.languages


def epochs(choice: Choice, uploaded: UploadedFile | None) -> float:
    """Return the approximate number of epochs."""
    if uploaded is None:
        tokens = _GRAMMAR_TOKENS * choice.grammar
    else:
        tokens = _PIECES * uploaded.target_words + uploaded.train
    return choice.updates * _BATCH_TOKENS / tokens


def recipe(choice: Choice, uploaded: UploadedFile | None) -> Recipe:
    """Return the recipe; paths are relative to the run's folder. Raises ConfigError if the choice is invalid."""
    count = choice.updates
    embedding, width = _WIDTHS[choice.size]
    values: dict[str, object] = {
        "data": {
            "source": choice.direction.source,
            "target": choice.direction.target,
            "valid_pairs": _VALID_PAIRS,
            **(
                {"grammar": choice.grammar}
                if uploaded is None
                else {"train": ["data/train.tsv"], "valid": ["data/valid.tsv"]}
            ),
        },
        "text": {"kind": "word", "source_size": 2000, "target_size": 1200} if uploaded is None else {},
        "model": {
            "cell": choice.cell,
            "embedding": embedding,
            "encoder_hidden": width // 2,
            "decoder_hidden": width,
            "attention": choice.attention,
            "attention_hidden": width // 2,
            "dropout": 0.0 if uploaded is None else 0.2,
        },
        "forcing": {"ratio": forcing(choice, count)},
        "training": {
            "batch_tokens": _BATCH_TOKENS,
            "label_smoothing": 0.0 if uploaded is None else 0.1,
            "encoder_rate": choice.rate,
            "decoder_rate": choice.rate,
            "precision": "float32",
            "log_every": max(1, min(50, count // 60)),
            "validate_every": max(1, math.ceil(count / VALIDATIONS)),
            "schedule": {"kind": "one-cycle", "updates": count, "warmup": 0.15},
        },
    }
    return parse(Recipe, values, "The form")


def forcing(choice: Choice, count: int) -> dict[str, object]:
    """Return the recipe's table for the forcing ratio over `count` updates."""
    half = max(1.0, choice.half * count)
    if choice.forcing == "linear":
        return {"kind": "linear", "slope": 0.5 / half}
    if choice.forcing == "exponential":
        return {"kind": "exponential", "base": 0.5 ** (1 / half)}
    if choice.forcing == "inverse-sigmoid":
        return {"kind": "inverse-sigmoid", "k": _steepness(half)}
    return {"kind": "constant", "ratio": 1.0 if choice.forcing == "always" else choice.ratio}


def _steepness(half: float) -> float:
    """Return the k whose ratio k / (k + exp(update / k)) is a half at update `half`, that is k ln k = half."""
    low, high = 1.0, max(3.0, half)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if middle * math.log(middle) < half else (low, middle)
    return low
