"""Why an output came about: attributions, attention surgery, and two searches side by side."""

from seq2seq.explain.attributions import Agreement, Attributions, Scores, agreement, attribute
from seq2seq.explain.correlation import average_ranks, spearman
from seq2seq.explain.duel import Duel, Opinion, Side, duel
from seq2seq.explain.sources import drop_word, swap_words
from seq2seq.explain.surgery import Surgery, SurgeryDecoder, operate
from seq2seq.explain.weights import drop, one_hot, renormalised, shift, uniform

__all__ = [
    "Agreement",
    "Attributions",
    "Duel",
    "Opinion",
    "Scores",
    "Side",
    "Surgery",
    "SurgeryDecoder",
    "agreement",
    "attribute",
    "average_ranks",
    "drop",
    "drop_word",
    "duel",
    "one_hot",
    "operate",
    "renormalised",
    "shift",
    "spearman",
    "swap_words",
    "uniform",
]
