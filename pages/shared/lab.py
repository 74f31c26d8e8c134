"""The recorded runs of the teacher-forcing lab, and their models."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import models
from pages.shared.cache import Keyed, cached
from seq2seq.checkpoint_config import checkpoint_stamp
from seq2seq.digests import fingerprint
from seq2seq.loading import load
from seq2seq.search import Greedy
from seq2seq.trace import Trace
from seq2seq.training.lab import read_lab
from seq2seq.training.lab.record import FILE

if TYPE_CHECKING:
    from seq2seq.training.lab import Lab
    from seq2seq.translator import Translator


def folder() -> Path:
    """Return the folder of the recorded runs."""
    return models.SHIPPED / models.LAB


def recorded() -> "Lab | None":
    """Return the recorded runs, None if there are none. Raises CheckpointError if their record is damaged."""
    path = folder() / FILE
    return _recorded(str(folder()), path.stat().st_mtime_ns) if path.is_file() else None


@st.cache_resource(max_entries=2, show_spinner=False)
def _recorded(place: str, stamp: int) -> "Lab | None":
    return read_lab(Path(place))


def watchable(lab: "Lab") -> list[str]:
    """Return the regimes whose model is available."""
    found = ((regime, lab.kept(regime)) for regime in lab.regimes)
    return [
        regime for regime, run in found if run and run.folder and (folder() / run.folder / "config.json").is_file()
    ]


def model_of(lab: "Lab", regime: str) -> str:
    """Return the name, for `models`, of a regime's model."""
    run = lab.kept(regime)
    return f"{models.LAB}-{run.folder}" if run else ""


def snapshot_trace(place: str, sentence: str) -> Trace:
    """Return a greedy search by a snapshot of the watched run. place: its folder, next to lab.json."""
    kept = folder() / place
    translator = _snapshot(str(kept), checkpoint_stamp(kept))
    key = fingerprint(translator.name, translator.checkpoint.fingerprint)
    return _snapshot_trace(Keyed(translator, key), sentence)


@st.cache_resource(max_entries=12, show_spinner=False)
def _snapshot(place: str, read_at: tuple[int, ...]) -> "Translator":
    return load(place)


@cached()
def _snapshot_trace(model: Keyed["Translator"], sentence: str) -> Trace:
    return model.value.trace(sentence, options=model.value.options(Greedy()))


def regimes_from_link(lab: "Lab", asked: str) -> Sequence[str]:
    """Return the recorded regimes among those that a link names."""
    return [regime for regime in lab.regimes if regime in asked.split("_")]
