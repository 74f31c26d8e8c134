"""The teacher-forcing laboratory: recorded runs that differ in the decoder input during training."""

from seq2seq.training.lab.record import Curve, Gradients, Lab, LabRun, Score, read_lab
from seq2seq.training.lab.regimes import ALWAYS, NEVER, Regime, RunName, regimes, short_title, title

__all__ = [
    "ALWAYS",
    "NEVER",
    "Curve",
    "Gradients",
    "Lab",
    "LabRun",
    "Regime",
    "RunName",
    "Score",
    "read_lab",
    "regimes",
    "short_title",
    "title",
]
