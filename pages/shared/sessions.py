"""Sources in front of models, and their searches: what every panel asks, be it of a sentence or of a photo."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from pages.shared import captioners, models, photos
from pages.shared.cache import Keyed, remembered
from pages.shared.photos import Photo
from pages.shared.view import current
from seq2seq.digests import fingerprint
from seq2seq.errors import PhotoError
from seq2seq.search import SearchOptions
from seq2seq.trace import Edit, Trace
from seq2seq.vision.regions import Box

if TYPE_CHECKING:
    from seq2seq.session import Session


class TimedTrace(NamedTuple):
    """A trace and how long its search took the first time."""

    trace: Trace
    milliseconds: float


def of_text(model: str, text: str) -> Keyed["Session"]:
    """Return a sentence in front of a translator.

    Raises CheckpointError if the model is not here; else as `Translator.session`.
    """
    found = models.named(model)
    return Keyed(found.value.session(text), fingerprint(found.key, text), found.owner)


def of_photo(model: str, photo: Photo, boxes: Sequence[Box] = ()) -> Keyed["Session"]:
    """Return a photo, parts of which are greyed out, in front of a captioning model."""
    found = captioners.named(model)
    seen = captioners.see(model, photo, boxes)
    session = found.value.session(photo.picture, name=photo.name, seen=seen, boxes=boxes)
    greyed = " ".join(map(repr, boxes))
    return Keyed(session, fingerprint(found.key, photo.named.key, greyed), photo.owner)


def about(model: str, trace: Trace) -> Keyed["Session"]:
    """Return a model in front of what the trace is about: a sentence, or the photo that is looked at.

    Raises PhotoError if that photo is not here any more.
    """
    if trace.source.kind == "text":
        return of_text(model, trace.source.text)
    photo = photos.chosen(current().photo)
    if photo is None:
        raise PhotoError("The photo is not here any more; choose it again.")
    return of_photo(model, photo)


def trace_text(model: str, text: str, options: SearchOptions, edits: Sequence[Edit] = ()) -> TimedTrace:
    """Return the trace of one sentence, from memory if it was asked before.

    edits: what is forced, as `History.lineage` has it; the last one is obeyed.
    """
    return _trace(of_text(model, text), options, tuple(edits))


def trace_photo(
    model: str, photo: Photo, options: SearchOptions, boxes: Sequence[Box] = (), edits: Sequence[Edit] = ()
) -> TimedTrace:
    """Return the trace of one photo's caption, from memory if it was asked before.

    boxes: parts that are greyed out before the encoder looks. edits: as in `trace_text`.
    """
    return _trace(of_photo(model, photo, boxes), options, tuple(edits))


@remembered()
def _trace(session: Keyed["Session"], options: SearchOptions, edits: tuple[Edit, ...]) -> TimedTrace:
    start = time.perf_counter()
    found = session.value.trace(options, edits)
    return TimedTrace(found, 1000 * (time.perf_counter() - start))
