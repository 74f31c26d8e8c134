"""Correct French-English pairs made by rules: data for tests and quick training runs, without a download."""

from seq2seq.data.grammar.sentences import AT_MOST, generate, vocabulary

__all__ = ["AT_MOST", "generate", "vocabulary"]
