from .beam import SENTENCE_STRIDE, STOP_RULE, Hypothesis, bound_rule, forbid, longest_lengths, search
from .choosing import choose
from .ensemble import DecoderEnsemble, Ensemble, EnsembleMemory
from .exact import Exact, exact_search
from .forced import forced_log_probs
from .options import (
    LONGEST_OUTPUT,
    Beam,
    Greedy,
    Mode,
    Sample,
    SearchOptions,
    beam_options,
    length_penalty,
    require_plain,
)
from .prefix_sharing import PrefixSharingDecoder, RepeatedSource
from .protocol import Recorder, Step, StepDecoder
from .replaced import ReplacedAttention
from .rules import coverage_penalty

__all__ = [
    "LONGEST_OUTPUT",
    "SENTENCE_STRIDE",
    "STOP_RULE",
    "Beam",
    "DecoderEnsemble",
    "Ensemble",
    "EnsembleMemory",
    "Exact",
    "Greedy",
    "Hypothesis",
    "Mode",
    "PrefixSharingDecoder",
    "Recorder",
    "RepeatedSource",
    "ReplacedAttention",
    "Sample",
    "SearchOptions",
    "Step",
    "StepDecoder",
    "beam_options",
    "bound_rule",
    "choose",
    "coverage_penalty",
    "exact_search",
    "forbid",
    "forced_log_probs",
    "length_penalty",
    "longest_lengths",
    "require_plain",
    "search",
]
