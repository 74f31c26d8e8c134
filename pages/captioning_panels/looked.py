"""What the panels of the page are about."""

from dataclasses import dataclass

from pages.shared.photos import Photo
from pages.shared.searches import Panel
from pages.shared.view import View
from seq2seq.trace import Trace


@dataclass(frozen=True)
class CaptionSubject:
    """One photo, and what a model's two searches say of it."""

    view: View
    photo: Photo
    model: str
    greedy: Panel
    beam: Panel
    dark: bool

    @property
    def trace(self) -> Trace:
        """What the beam did."""
        return self.beam.trace
