"""What several experiments share: searches as the stage takes them, words, and chances."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seq2seq.course.experiments.base import Fact
from seq2seq.search import Beam, Greedy, SearchOptions
from seq2seq.text import group_words
from seq2seq.trace import Trace
from seq2seq.trace.view import words_on_path
from seq2seq.viz.stage import Search, name_of, searches_of

if TYPE_CHECKING:
    from seq2seq.session import Session


def greedy(session: "Session") -> Trace:
    """Return the trace of greedy search."""
    return session.trace(session.options.model_copy(update={"mode": Greedy(), "n_best": 1}))


def beam(session: "Session", size: int, alpha: float | None = None) -> Trace:
    """Return the trace of beam search; alpha: None for the model's own."""
    return session.trace(beam_options(session, size, alpha))


def beam_options(session: "Session", size: int, alpha: float | None = None) -> SearchOptions:
    """Return the options of a beam that shows all its outputs."""
    own = session.options.alpha if alpha is None else alpha
    return session.options.model_copy(update={"mode": Beam(size=size, alpha=own), "n_best": size})


def output_facts(name: str, trace: Trace) -> dict[str, Fact]:
    """Return the facts of a search's best output: NAME.text, .total (natural log), .chance, .length (pieces)."""
    best = trace.best
    return {
        f"{name}.text": best.text or "(nothing)",
        f"{name}.total": best.log_prob,
        f"{name}.chance": math.exp(best.log_prob),
        f"{name}.length": best.length,
    }


def stage(traces: Sequence[Trace], *, languages: tuple[str, str], step: int | None = None) -> dict[str, Any]:
    """Return the stage as a figure. languages: codes of source and target. step: where it opens; None: the end."""
    return {
        "kind": "stage",
        **searches_of([Search(name_of(trace), trace) for trace in traces]),
        "step": step,
        "language": languages[0],
        "target": languages[1],
    }


def word_at(trace: Trace, step: int) -> str:
    """Return the word of the best output that a step belongs to."""
    found = [word.text for word in words_on_path(trace, trace.best.leaf) if word.first_step <= step]
    return found[-1] if found and step < trace.best.length else "⟨end⟩"


def words(trace: Trace) -> list[str]:
    """Return the words of the best output."""
    return [word.text for word in words_on_path(trace, trace.best.leaf)]


def joined(pieces: Sequence[str]) -> list[str]:
    """Return pieces as words."""
    return [word.text for word in group_words(pieces)] if pieces else []


def label(piece: str) -> str:
    """Return a piece as people read it: without the mark of a word's start, ends by name."""
    named = {"<s>": "⟨start⟩", "</s>": "⟨end⟩", "<pad>": "⟨pad⟩"}
    if piece in named:
        return named[piece]
    plain = piece.replace("￭", "")
    if plain.startswith("▁"):
        return plain[1:] or "␣"
    return f"·{plain}" if plain[:1].isalnum() else plain


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, marked: Sequence[int] = ()) -> dict[str, Any]:
    """Return a table as a figure. marked: the rows that the step is about."""
    return {"kind": "table", "columns": list(columns), "rows": [list(row) for row in rows], "marked": list(marked)}


def bars(
    labels: Sequence[str],
    series: Mapping[str, Sequence[float]],
    *,
    unit: str = "",
    digits: int = 0,
    marked: str = "",
    colours: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return bars as a figure: a value of each series for each label.

    marked: the label that the step is about. colours: of series, by the names of the stage's variables.
    """
    return {
        "kind": "bars",
        "labels": list(labels),
        "series": [
            {"name": name, "values": list(values), "colour": (colours or {}).get(name, "")}
            for name, values in series.items()
        ],
        "unit": unit,
        "digits": digits,
        "marked": marked,
    }
