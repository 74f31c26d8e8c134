"""How good a model is."""

from seq2seq.evaluation.metrics import Scores, corpus_scores

__all__ = ["Scores", "corpus_scores"]
