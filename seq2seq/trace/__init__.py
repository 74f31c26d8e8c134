"""What a search did: `Trace`, its JSON, and the recorder that makes it."""

from seq2seq.trace.alignment import Alignment, alignment, looks_at
from seq2seq.trace.record import TraceRecorder, text_source
from seq2seq.trace.schema import Nodes, TextSource, Trace, TraceHypothesis

__all__ = [
    "Alignment",
    "Nodes",
    "TextSource",
    "Trace",
    "TraceHypothesis",
    "TraceRecorder",
    "alignment",
    "looks_at",
    "text_source",
]
