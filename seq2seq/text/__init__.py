"""From raw text to token ids and back."""

from seq2seq.text.known import KnownWords
from seq2seq.text.masking import Masking
from seq2seq.text.normalise import add_french_spaces, normalise, typeset, with_ligatures
from seq2seq.text.passages import mask_pair
from seq2seq.text.preparation import Preparation, Prepared, shown_pieces
from seq2seq.text.sentences import split_sentences
from seq2seq.text.tokenizer import END, LARGEST_VOCABULARY, PAD, START, UNKNOWN, Tokenizer, VocabularyKind
from seq2seq.text.typed import typed_tokens
from seq2seq.text.words import Word, goes_on, group_words

__all__ = [
    "END",
    "LARGEST_VOCABULARY",
    "PAD",
    "START",
    "UNKNOWN",
    "KnownWords",
    "Masking",
    "Preparation",
    "Prepared",
    "Tokenizer",
    "VocabularyKind",
    "Word",
    "add_french_spaces",
    "goes_on",
    "group_words",
    "mask_pair",
    "normalise",
    "shown_pieces",
    "split_sentences",
    "typed_tokens",
    "typeset",
    "with_ligatures",
]
