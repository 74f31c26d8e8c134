"""Why a model said what it said: attributions, surgery, duels, autopsies, neighbours, leaks."""

from seq2seq.explain.attributions import Agreement, Attributions, Scores, agreement, attribute
from seq2seq.explain.autopsy import Autopsy, Place, Scored, Verdict, autopsy
from seq2seq.explain.build import build_neighbours, sample_pairs
from seq2seq.explain.correlation import average_ranks, spearman
from seq2seq.explain.duel import Duel, Opinion, Side, duel
from seq2seq.explain.exact import ModelsBest, models_best
from seq2seq.explain.flips import AlphaInterval, AlphaSearch, alpha_intervals, flip_point, search_intervals
from seq2seq.explain.leaks import Familiarity, SeenSet, Twin, load_seen, save_seen
from seq2seq.explain.moments import Moments, trace_moments
from seq2seq.explain.neighbours import Neighbour, Neighbours, load_neighbours, nearest, save_neighbours
from seq2seq.explain.novelty import NoveltyGroup, by_novelty
from seq2seq.explain.sources import drop_word, swap_words
from seq2seq.explain.state_map import StateMap, state_map
from seq2seq.explain.storage import how_to_make, index_folder
from seq2seq.explain.surgery import Surgery, operate
from seq2seq.explain.sweep import Width, sweep
from seq2seq.explain.weights import drop, one_hot, renormalised, shift, uniform
from seq2seq.explain.whatif import path_tokens, what_if
from seq2seq.text import typed_tokens

__all__ = [
    "Agreement",
    "AlphaInterval",
    "AlphaSearch",
    "Attributions",
    "Autopsy",
    "Duel",
    "Familiarity",
    "ModelsBest",
    "Moments",
    "Neighbour",
    "Neighbours",
    "NoveltyGroup",
    "Opinion",
    "Place",
    "Scored",
    "Scores",
    "SeenSet",
    "Side",
    "StateMap",
    "Surgery",
    "Twin",
    "Verdict",
    "Width",
    "agreement",
    "alpha_intervals",
    "attribute",
    "autopsy",
    "average_ranks",
    "build_neighbours",
    "by_novelty",
    "drop",
    "drop_word",
    "duel",
    "flip_point",
    "how_to_make",
    "index_folder",
    "load_neighbours",
    "load_seen",
    "models_best",
    "nearest",
    "one_hot",
    "operate",
    "path_tokens",
    "renormalised",
    "sample_pairs",
    "save_neighbours",
    "save_seen",
    "search_intervals",
    "shift",
    "spearman",
    "state_map",
    "swap_words",
    "sweep",
    "trace_moments",
    "typed_tokens",
    "uniform",
    "what_if",
]
