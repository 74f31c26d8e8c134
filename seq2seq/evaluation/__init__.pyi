from .lengths import LengthBand, Outputs, by_length, look_at_outputs
from .metrics import Scores, corpus_scores
from .mistakes import Mistake, MistakeKind, by_kind
from .significance import Comparison, Estimate, paired_bootstrap

__all__ = [
    "Comparison",
    "Estimate",
    "LengthBand",
    "Mistake",
    "MistakeKind",
    "Outputs",
    "Scores",
    "by_kind",
    "by_length",
    "corpus_scores",
    "look_at_outputs",
    "paired_bootstrap",
]
