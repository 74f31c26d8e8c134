"""The searches of the what-if edits: each version in the history has its own search."""

from typing import NamedTuple

from pages.shared import models, sessions
from pages.shared.views import SentenceView
from seq2seq.trace import Edit, History, Trace
from seq2seq.viz.labels import shortened


class Versions(NamedTuple):
    """The search of the current version, and that of its parent version."""

    now: Trace
    before: Trace | None  # None: nothing is forced


def searched(view: SentenceView, model: str, sentence: str, edits: History, number: int) -> Trace:
    """Return the search of version `number`; 0: unedited. Raises ConfigError if an edit is not possible."""
    options = view.beam_search(models.load(model).config.alpha)
    return sessions.trace_text(model, sentence, options, edits.lineage(number)).trace


def versions(view: SentenceView, model: str, sentence: str, edits: History) -> Versions:
    """Return the current version's search with its parent's. Raises ConfigError if an edit is not possible."""
    now = searched(view, model, sentence, edits, edits.current)
    if not edits.current:
        return Versions(now, None)
    return Versions(now, searched(view, model, sentence, edits, edits.version(edits.current).parent))


def forced_node(trace: Trace) -> int:
    """Return the last node that was forced; the root if none was."""
    path = trace.path(trace.best.leaf)[: len(trace.options.prefix)]
    return path[-1] if path else 0


def described(model: str, sentence: str, edit: Edit) -> str:
    """Return an edit's name, or a short description of what it forces in the output for `sentence`."""
    if edit.name:
        return edit.name
    text = models.load(model).session(sentence).text(edit.prefix)
    parts = [f"“{shortened(text, 34, keep_end=True)}”"] if edit.prefix else []
    if edit.attention:
        parts.append("attention at step " + ", ".join(str(row.step) for row in edit.attention))
    return ", ".join(parts) or "Nothing forced"
