"""The subject that the panels of a page share."""

from dataclasses import dataclass

from pages.shared.view import View
from seq2seq.trace import Trace


@dataclass(frozen=True)
class Subject:
    """One search of one sentence, and the place in it that the visitor has chosen."""

    view: View
    sentence: str
    trace: Trace
    model: str | None  # None: the trace was opened from a file, and what needs a model is disabled
    node: int  # the chosen node; for attention, the leaf of the chosen output
    step: int  # the chosen step on the path to it, counted from 1
    dark: bool
