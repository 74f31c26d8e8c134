"""How good a model is."""

from seq2seq.evaluation.lengths import LengthBand, Outputs, by_length, look_at_outputs
from seq2seq.evaluation.metrics import Scores, corpus_scores
from seq2seq.evaluation.mistakes import Kind, Mistake, by_kind
from seq2seq.evaluation.significance import Comparison, Estimate, paired_bootstrap

__all__ = [
    "Comparison",
    "Estimate",
    "Kind",
    "LengthBand",
    "Mistake",
    "Outputs",
    "Scores",
    "by_kind",
    "by_length",
    "corpus_scores",
    "look_at_outputs",
    "paired_bootstrap",
]
