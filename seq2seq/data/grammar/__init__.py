"""Correct French-English pairs made by rules: data for tests and for quick trainings, without a download."""

from seq2seq.data.grammar.sentences import AT_MOST, generate, vocabulary

__all__ = ["AT_MOST", "generate", "vocabulary"]
