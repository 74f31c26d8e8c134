"""What a search did: `Trace`, its JSON, and the recorder that makes it."""

from seq2seq.trace.record import TraceRecorder, text_source
from seq2seq.trace.schema import Nodes, TextSource, Trace, TraceHypothesis

__all__ = ["Nodes", "TextSource", "Trace", "TraceHypothesis", "TraceRecorder", "text_source"]
