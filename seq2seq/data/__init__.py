"""Sentence pairs: reading, cleaning, splitting."""

from seq2seq.data.clean import Rules
from seq2seq.data.languages import Languages, check_languages
from seq2seq.data.lines import open_text
from seq2seq.data.pairs import Pair, write_pairs
from seq2seq.data.prepare import DataCard, prepare
from seq2seq.data.readers import read_pairs

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
