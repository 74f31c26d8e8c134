"""Which caption wins at which length penalty, by the same component as for translations."""

from pages.beam_tree_panels import penalty
from pages.captioning_panels.looked import Looked
from pages.shared.subject import Subject
from pages.shared.view import current


def panel(looked: Looked) -> None:
    """Draw the panel."""
    penalty.panel(Subject(current(), looked.photo.name, looked.trace, looked.model, 0, 0, looked.dark))
