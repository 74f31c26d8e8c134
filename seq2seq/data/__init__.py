"""Sentence pairs: reading, cleaning, splitting."""

from seq2seq.data.clean import Rules
from seq2seq.data.pairs import Pair, open_text, read_pairs, write_pairs
from seq2seq.data.prepare import DataCard, check_languages, prepare
from seq2seq.data.readers import Languages

__all__ = [
    "DataCard",
    "Languages",
    "Pair",
    "Rules",
    "check_languages",
    "open_text",
    "prepare",
    "read_pairs",
    "write_pairs",
]
