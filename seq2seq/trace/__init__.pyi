from .alignments import Alignment, alignment, looks_at
from .edits import AttentionRow, Edit, History, make_edit
from .record import TraceRecorder, text_source
from .schema import ModelName, Nodes, PhotoSource, Source, TextSource, Trace, TraceHypothesis

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
