"""Plotly figures as functions of a Trace or of figures; they need no model and no app."""

from seq2seq.viz.calibration import calibration
from seq2seq.viz.palette import palette
from seq2seq.viz.steps import beam_candidates, candidates, step_attention
from seq2seq.viz.tree import beam_tree

__all__ = ["beam_candidates", "beam_tree", "calibration", "candidates", "palette", "step_attention"]
