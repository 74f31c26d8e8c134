from .attributions import Agreement, Attributions, AttributionScores, agreement, attribute
from .autopsies import Autopsy, RankAtStep, ScoredOutput, Verdict, autopsy
from .build import build_neighbours, sample_pairs
from .correlation import average_ranks, spearman
from .doubts import Doubt, doubts, is_far
from .duels import Duel, DuelSide, Opinion, duel
from .exact import ModelsBest, models_best
from .flips import AlphaInterval, AlphaSearch, alpha_intervals, flip_point, search_intervals
from .forcing import FreeRun, PlantedError, Walk, free_run, plant, walk
from .index_files import NEIGHBOURS_FILE, SEEN_FILE, how_to_make, index_folder
from .leaks import Familiarity, NearMatch, SeenSet, load_seen, save_seen
from .neighbour_map import StateMap, state_map
from .neighbours import Neighbour, Neighbours, load_neighbours, nearest_neighbors, save_neighbours
from .novelty import NoveltyGroup, by_novelty
from .sources import drop_word, swap_words
from .states import DecodingStates, trace_states
from .step_arithmetic import Arithmetic, Box, arithmetic
from .step_sums import Product, Share, Sum, Unit
from .surgery import Surgery, operate
from .weights import drop, one_hot, renormalised, shift, uniform
from .whatif import path_tokens, typed_tokens, what_if
from .width_sweep import Width, sweep

__all__ = [
    "NEIGHBOURS_FILE",
    "SEEN_FILE",
    "Agreement",
    "AlphaInterval",
    "AlphaSearch",
    "Arithmetic",
    "AttributionScores",
    "Attributions",
    "Autopsy",
    "Box",
    "DecodingStates",
    "Doubt",
    "Duel",
    "DuelSide",
    "Familiarity",
    "FreeRun",
    "ModelsBest",
    "NearMatch",
    "Neighbour",
    "Neighbours",
    "NoveltyGroup",
    "Opinion",
    "PlantedError",
    "Product",
    "RankAtStep",
    "ScoredOutput",
    "SeenSet",
    "Share",
    "StateMap",
    "Sum",
    "Surgery",
    "Unit",
    "Verdict",
    "Walk",
    "Width",
    "agreement",
    "alpha_intervals",
    "arithmetic",
    "attribute",
    "autopsy",
    "average_ranks",
    "build_neighbours",
    "by_novelty",
    "doubts",
    "drop",
    "drop_word",
    "duel",
    "flip_point",
    "free_run",
    "how_to_make",
    "index_folder",
    "is_far",
    "load_neighbours",
    "load_seen",
    "models_best",
    "nearest_neighbors",
    "one_hot",
    "operate",
    "path_tokens",
    "plant",
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
    "trace_states",
    "typed_tokens",
    "uniform",
    "walk",
    "what_if",
]
