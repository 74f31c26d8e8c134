"""Why an output came about: attributions, attention surgery, and two searches side by side."""

from seq2seq.explain.attributions import Agreement, Attributions, Scores, agreement, attribute
from seq2seq.explain.build import build_neighbours, sample_pairs
from seq2seq.explain.correlation import average_ranks, spearman
from seq2seq.explain.duel import Duel, Opinion, Side, duel
from seq2seq.explain.leaks import SeenSet, Twin, Verdict, load_seen, save_seen
from seq2seq.explain.moments import Moments, trace_moments
from seq2seq.explain.neighbours import Neighbour, Neighbours, load_neighbours, nearest, save_neighbours
from seq2seq.explain.novelty import NoveltyGroup, by_novelty
from seq2seq.explain.sources import drop_word, swap_words
from seq2seq.explain.state_map import StateMap, state_map
from seq2seq.explain.storage import how_to_make
from seq2seq.explain.surgery import Surgery, SurgeryDecoder, operate
from seq2seq.explain.weights import drop, one_hot, renormalised, shift, uniform

__all__ = [
    "Agreement",
    "Attributions",
    "Duel",
    "Moments",
    "Neighbour",
    "Neighbours",
    "NoveltyGroup",
    "Opinion",
    "Scores",
    "SeenSet",
    "Side",
    "StateMap",
    "Surgery",
    "SurgeryDecoder",
    "Twin",
    "Verdict",
    "agreement",
    "attribute",
    "average_ranks",
    "build_neighbours",
    "by_novelty",
    "drop",
    "drop_word",
    "duel",
    "how_to_make",
    "load_neighbours",
    "load_seen",
    "nearest",
    "one_hot",
    "operate",
    "renormalised",
    "sample_pairs",
    "save_neighbours",
    "save_seen",
    "shift",
    "spearman",
    "state_map",
    "swap_words",
    "trace_moments",
    "uniform",
]
