from .lengths import LengthBand, OutputStatistics, by_length, output_statistics
from .metrics import Scores, corpus_scores
from .mistakes import Mistake, MistakeKind, by_kind
from .significance import Comparison, Estimate, paired_bootstrap

__all__ = [
    "Comparison",
    "Estimate",
    "LengthBand",
    "Mistake",
    "MistakeKind",
    "OutputStatistics",
    "Scores",
    "by_kind",
    "by_length",
    "corpus_scores",
    "output_statistics",
    "paired_bootstrap",
]
