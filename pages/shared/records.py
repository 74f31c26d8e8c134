"""Measurements of models, read from their folders."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.models import SHIPPED, folder, latest_mtime, load
from seq2seq import explain
from seq2seq.evaluation.atlas import Atlas, read_atlas
from seq2seq.evaluation.calibration import Calibration, read_calibration
from seq2seq.evaluation.finds import Finds, read_finds
from seq2seq.evaluation.opening import Opening, read_opening
from seq2seq.evaluation.searches import SearchComparison, read_searches
from seq2seq.evaluation.stored import LengthScores, read_lengths
from seq2seq.history import HISTORY, read_history
from seq2seq.text.lexicon import Lexicon

if TYPE_CHECKING:
    from seq2seq.explain import Neighbours, SeenSet


LEXICONS = SHIPPED.parent / "lexicon"


def calibration(name: str) -> Calibration | None:
    """Return the model's calibration on its validation set, or None if that was not measured."""
    return read_calibration(folder(name))


def seen(name: str) -> "SeenSet | None":
    """Return the sentences that the model was trained on, None if its folder does not keep them.

    Raises CheckpointError if the file is damaged, or made for other weights.
    """
    place = folder(name)
    return _seen(str(place), load(name).checkpoint.digest, latest_mtime(explain.index_folder(place)))


@st.cache_resource(max_entries=6, show_spinner=False)
def _seen(folder: str, digest: str, made: int) -> "SeenSet | None":
    return explain.load_seen(folder)


def neighbours(name: str) -> "Neighbours | None":
    """Return the model's index of training states, None if its folder has none.

    Raises CheckpointError if the file is damaged, or made for other weights.
    """
    place = folder(name)
    return _neighbours(str(place), load(name).checkpoint.digest, latest_mtime(explain.index_folder(place)))


@st.cache_resource(max_entries=3, show_spinner="Loading the training states …")
def _neighbours(folder: str, digest: str, made: int) -> "Neighbours | None":
    return explain.load_neighbours(folder)


def validation_bleu(name: str) -> float | None:
    """Return the last validation BLEU of the training, None if the folder's history has none.

    Raises CheckpointError if the history is damaged.
    """
    found = [line["valid"].get("bleu") for line in read_history(folder(name) / HISTORY) if "valid" in line]
    return next((float(bleu) for bleu in reversed(found) if isinstance(bleu, int | float)), None)


def how_to_make_neighbours(name: str) -> str:
    """Return a sentence with the command that makes the index of training states."""
    place = folder(name)
    shown = Path("checkpoints", place.name) if place.parent == SHIPPED else place
    return explain.how_to_make(shown, explain.NEIGHBOURS_FILE)


def lengths(name: str) -> LengthScores | None:
    """Return the test scores of a model by length of the source, or None if they were not kept."""
    return read_lengths(folder(name))


def searches(name: str) -> SearchComparison | None:
    """Return the comparison of greedy and beam search on the test set, or None if the folder has none.

    Raises CheckpointError if the file is damaged, or made for other weights.
    """
    place = folder(name)
    return _searches(str(place), load(name).checkpoint.digest, latest_mtime(place))


@st.cache_resource(max_entries=4, show_spinner=False)
def _searches(folder: str, digest: str, made: int) -> SearchComparison | None:
    return read_searches(Path(folder))


def opening(name: str) -> Opening | None:
    """Return the searches to show before a model is loaded, or None if its folder keeps none."""
    place = folder(name)
    return _opening(str(place), latest_mtime(place))


@st.cache_resource(max_entries=8, show_spinner=False)
def _opening(folder: str, made: int) -> Opening | None:
    return read_opening(Path(folder))


def finds(name: str) -> Finds | None:
    """Return the sentences worth looking at that were found for a model, or None if its folder keeps none.

    Raises CheckpointError if the file is damaged, or made for other weights.
    """
    place = folder(name)
    return _finds(str(place), latest_mtime(place))


@st.cache_resource(max_entries=4, show_spinner=False)
def _finds(folder: str, made: int) -> Finds | None:
    return read_finds(Path(folder))


@lru_cache(4)
def lexicon(source: str, target: str) -> Lexicon | None:
    """Return the dictionary from one language to another, or None if none ships."""
    path = LEXICONS / f"{source}-{target}.tsv.gz"
    return Lexicon.load(path, source) if path.is_file() else None


def atlas(name: str) -> Atlas | None:
    """Return the model's scores by beam size and length penalty, or None if its folder has none.

    Raises CheckpointError if the file is damaged, or made for other weights.
    """
    return read_atlas(folder(name))
