"""The subject that the panels of a page share."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from pages.shared.views import SearchView
from seq2seq.trace import Trace

V_co = TypeVar("V_co", bound=SearchView, covariant=True)


@dataclass(frozen=True)
class Subject(Generic[V_co]):
    """One search of one sentence, and the place in it that the visitor has chosen; `view`: of the page's class."""

    view: V_co
    sentence: str
    trace: Trace
    model: str | None  # None: the trace was opened from a file, and what needs a model is disabled
    node: int  # the chosen node; for attention, the leaf of the chosen output
    step: int  # the chosen step on the path to it, counted from 1
    dark: bool
