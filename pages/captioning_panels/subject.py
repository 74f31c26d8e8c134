"""The subject that the panels of the page share."""

from dataclasses import dataclass

from pages.shared.photos import Photo
from pages.shared.searches import Searched
from pages.shared.views import CaptioningView
from seq2seq.trace import Trace


@dataclass(frozen=True)
class CaptionSubject:
    """One photo, and the results of a model's two searches."""

    view: CaptioningView
    photo: Photo
    model: str
    greedy: Searched
    beam: Searched
    dark: bool

    @property
    def trace(self) -> Trace:
        """The trace of beam search."""
        return self.beam.trace
