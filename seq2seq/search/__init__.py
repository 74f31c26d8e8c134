"""The one vectorised search, its options, and forced scoring."""

from seq2seq.search.beam import STOP_RULE, Hypothesis, bound_rule, search
from seq2seq.search.choose import choose
from seq2seq.search.forced import forced_log_probs
from seq2seq.search.options import Beam, Greedy, Mode, Sample, SearchOptions, length_penalty
from seq2seq.search.protocol import Recorder, Step, StepDecoder

__all__ = [
    "STOP_RULE",
    "Beam",
    "Greedy",
    "Hypothesis",
    "Mode",
    "Recorder",
    "Sample",
    "SearchOptions",
    "Step",
    "StepDecoder",
    "bound_rule",
    "choose",
    "forced_log_probs",
    "length_penalty",
    "search",
]
