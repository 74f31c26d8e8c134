"""Sessions, each a model with one source (a sentence or a photo), and their cached searches."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from pages.shared import captioners, heavy, models, photos
from pages.shared.cache import Keyed, cached
from pages.shared.photos import Photo
from pages.shared.view import current
from pages.shared.views import CaptioningView
from seq2seq.digests import fingerprint
from seq2seq.errors import PhotoError
from seq2seq.search import SearchOptions
from seq2seq.trace import Edit, Trace
from seq2seq.vision.regions import Box

if TYPE_CHECKING:
    from seq2seq.session import Session


Source = Keyed[Callable[[], "Session"]]
"""A source in front of a model, as a function that makes the session: a cached answer needs none."""


class TimedTrace(NamedTuple):
    """A trace and how long its search took the first time."""

    trace: Trace
    milliseconds: float


def of_text(model: str, text: str) -> Source:
    """Return a sentence in front of a translator; it is encoded when an answer is computed.

    Raises CheckpointError if the model is not here.
    """
    found = models.named(model)
    return Keyed(partial(found.value.session, text), fingerprint(found.key, text), found.owner)


def of_photo(model: str, photo: Photo, boxes: Sequence[Box] = ()) -> Source:
    """Return a photo, parts of which are greyed out, in front of a captioning model."""

    def session() -> "Session":
        features = captioners.features_of(found.value, photo, boxes)
        return found.value.session(photo.picture, name=photo.name, image_features=features, boxes=boxes)

    found = captioners.named(model)
    greyed = " ".join(map(repr, boxes))
    return Keyed(session, fingerprint(found.key, photo.named.key, greyed), photo.owner)


def about(model: str, trace: Trace) -> Source:
    """Return the session of a model with the trace's source: its sentence, or the chosen photo.

    Raises PhotoError if that photo is no longer available.
    """
    if trace.source.kind == "text":
        return of_text(model, trace.source.text)
    photo = photos.chosen(current(CaptioningView).photo)
    if photo is None:
        raise PhotoError("The photo is not here any more; choose it again.")
    return of_photo(model, photo)


def trace_text(model: str, text: str, options: SearchOptions, edits: Sequence[Edit] = ()) -> TimedTrace:
    """Return the trace of one sentence, from the cache if possible.

    edits: the forced prefix and attention, as `History.lineage` returns them; the last one applies.
    """
    return traced(of_text(model, text), options, tuple(edits))


def trace_photo(
    model: str, photo: Photo, options: SearchOptions, boxes: Sequence[Box] = (), edits: Sequence[Edit] = ()
) -> TimedTrace:
    """Return the trace of one photo's caption, from the cache if possible.

    boxes: parts that are greyed out before encoding. edits: as in `trace_text`.
    """
    return traced(of_photo(model, photo, boxes), options, tuple(edits))


@cached()
def traced(source: Source, options: SearchOptions, edits: tuple[Edit, ...]) -> TimedTrace:
    """Return the trace of a source; it goes before heavy questions."""
    with heavy.TURNS.first():
        start = time.perf_counter()
        session = source.value()
        if session.sentence is None:  # the time of a caption is its search's; the encoder's is not the decoder's
            start = time.perf_counter()
        found = session.trace(options, edits)
        return TimedTrace(found, 1000 * (time.perf_counter() - start))
