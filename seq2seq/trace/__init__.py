"""What a search did: `Trace`, its JSON, the recorder that makes it, and the history of what-if edits."""

from seq2seq.trace.alignment import Alignment, alignment, looks_at
from seq2seq.trace.edits import AttentionRow, Edit, History, make_edit
from seq2seq.trace.record import TraceRecorder, text_source
from seq2seq.trace.schema import ModelName, Nodes, PhotoSource, Source, TextSource, Trace, TraceHypothesis

__all__ = [
    "Alignment",
    "AttentionRow",
    "Edit",
    "History",
    "ModelName",
    "Nodes",
    "PhotoSource",
    "Source",
    "TextSource",
    "Trace",
    "TraceHypothesis",
    "TraceRecorder",
    "alignment",
    "looks_at",
    "make_edit",
    "text_source",
]
