"""Plotly figures as functions of a Trace or of recorded numbers; they need no model and no app."""

from seq2seq.viz.alpha import alpha_ribbon
from seq2seq.viz.atlas import atlas_summary, search_atlas
from seq2seq.viz.attention import attention_heatmap, attention_lines
from seq2seq.viz.attributions import attributions
from seq2seq.viz.autopsy import expected_ranks, width_strip
from seq2seq.viz.calibration import calibration
from seq2seq.viz.forcing import forcing_strip, strip_summary
from seq2seq.viz.lab import exposure_curves, gradient_curves, lab_curves, recovery_curves
from seq2seq.viz.lengths import bleu_by_length
from seq2seq.viz.neighbours import neighbour_map
from seq2seq.viz.palette import palette
from seq2seq.viz.photo import label_bars, photo_attention, photo_words
from seq2seq.viz.steps import beam_candidates, candidates, node_attention, step_attention, step_bars
from seq2seq.viz.surgery import surgery_candidates, surgery_effects, surgery_row
from seq2seq.viz.sweep import width_sweep
from seq2seq.viz.tree import beam_tree

__all__ = [
    "alpha_ribbon",
    "atlas_summary",
    "attention_heatmap",
    "attention_lines",
    "attributions",
    "beam_candidates",
    "beam_tree",
    "bleu_by_length",
    "calibration",
    "candidates",
    "expected_ranks",
    "exposure_curves",
    "forcing_strip",
    "gradient_curves",
    "lab_curves",
    "label_bars",
    "neighbour_map",
    "node_attention",
    "palette",
    "photo_attention",
    "photo_words",
    "recovery_curves",
    "search_atlas",
    "step_attention",
    "step_bars",
    "strip_summary",
    "surgery_candidates",
    "surgery_effects",
    "surgery_row",
    "width_strip",
    "width_sweep",
]
