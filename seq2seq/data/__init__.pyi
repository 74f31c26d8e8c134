from .clean import Rules
from .languages import Languages, check_languages
from .lines import open_text
from .pairs import Pair, write_pairs
from .prepare import DataCard, prepare
from .readers import read_pairs

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
