"""The searches of one sentence that a page shows before a model is loaded, stored next to the model."""

from collections.abc import Sequence
from pathlib import Path

from seq2seq.config import Settings
from seq2seq.errors import CheckpointError, Seq2SeqError
from seq2seq.evaluation.searches import SearchComparison
from seq2seq.folders import write_file
from seq2seq.trace.schema import Trace

FILE = "opening.json"
_WORDS = range(6, 10)  # enough to see something, and all of it fits on one screen


class Opening(Settings):
    """What opening.json holds: a sentence whose greedy and beam outputs part."""

    greedy: Trace
    beam: Trace


def choose_opening(compared: SearchComparison) -> str:
    """Return the test sentence of six to nine words whose translation beam search improves most.

    Raises CheckpointError if it improves none.
    """
    found = [one for one in compared.differing if len(one.source.split()) in _WORDS and one.gain > 0]
    if not found:
        raise CheckpointError("No sentence of six to nine words of this test set gains by beam search.")
    return max(found, key=lambda one: one.gain).source


def read_opening(folder: Path) -> Opening | None:
    """Return the searches that a model's folder keeps, None if it keeps none or they can't be read."""
    try:
        return Opening.model_validate_json((folder / FILE).read_bytes())
    except (OSError, ValueError, Seq2SeqError):
        return None


def save_opening(folder: Path, traces: Sequence[Trace]) -> None:
    """Keep a greedy and a beam search in a model's folder."""
    greedy, beam = traces
    write_file(folder / FILE, Opening(greedy=greedy, beam=beam).model_dump_json())
