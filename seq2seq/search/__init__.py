"""The one vectorised search, its options, exact search, forced scoring, and attention surgery."""

from seq2seq.search.beam import SENTENCE_STRIDE, STOP_RULE, Hypothesis, allowed_lengths, bound_rule, forbid, search
from seq2seq.search.choose import choose
from seq2seq.search.copies import Copies, OneSource
from seq2seq.search.ensemble import Ensemble, EnsembleMemory
from seq2seq.search.exact import Exact, exact_search
from seq2seq.search.forced import forced_log_probs
from seq2seq.search.options import (
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
from seq2seq.search.protocol import Recorder, Step, StepDecoder
from seq2seq.search.replaced import ReplacedAttention
from seq2seq.search.rules import coverage_penalty

__all__ = [
    "LONGEST_OUTPUT",
    "SENTENCE_STRIDE",
    "STOP_RULE",
    "Beam",
    "Copies",
    "Ensemble",
    "EnsembleMemory",
    "Exact",
    "Greedy",
    "Hypothesis",
    "Mode",
    "OneSource",
    "Recorder",
    "ReplacedAttention",
    "Sample",
    "SearchOptions",
    "Step",
    "StepDecoder",
    "allowed_lengths",
    "beam_options",
    "bound_rule",
    "choose",
    "coverage_penalty",
    "exact_search",
    "forbid",
    "forced_log_probs",
    "length_penalty",
    "require_plain",
    "search",
]
