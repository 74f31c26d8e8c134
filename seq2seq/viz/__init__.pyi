from .alpha import alpha_ribbon
from .atlas import atlas_summary, search_atlas
from .attention import attention_heatmap, attention_lines
from .attributions import attributions
from .autopsy import expected_ranks, width_strip
from .calibration import calibration
from .forcing import forcing_strip, strip_summary
from .lab import exposure_curves, gradient_curves, lab_curves, recovery_curves
from .lengths import bleu_by_length
from .neighbours import neighbour_map
from .palette import palette
from .photo import label_bars, photo_attention, photo_words
from .steps import beam_candidates, candidates, node_attention, step_attention, step_bars
from .surgery import surgery_candidates, surgery_effects, surgery_row
from .sweep import width_sweep
from .tree import beam_tree

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
