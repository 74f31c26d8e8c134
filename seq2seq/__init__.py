"""See inside sequence-to-sequence models: train, translate, score, trace and draw them.

import seq2seq
model = seq2seq.load("checkpoints/fr-en")
trace = model.trace("Je suis froid.", beam_size=5)
seq2seq.viz.beam_tree(trace)
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seq2seq.photo_search import PhotoSearch
    from seq2seq.translator import Translator

    load = Translator.load
    load_search = PhotoSearch.load

__all__ = ["PhotoSearch", "Translator", "explain", "load", "load_search", "viz"]


def __getattr__(name: str) -> Any:
    # Torch takes two seconds to import, Plotly a half: `--help` and `prepare` need neither.
    if name in ("explain", "viz"):
        return importlib.import_module(f"seq2seq.{name}")
    if name in ("Translator", "load"):
        translator = importlib.import_module("seq2seq.translator").Translator
        return translator if name == "Translator" else translator.load
    if name in ("PhotoSearch", "load_search"):
        photo_search = importlib.import_module("seq2seq.photo_search").PhotoSearch
        return photo_search if name == "PhotoSearch" else photo_search.load
    raise AttributeError(f"module 'seq2seq' has no attribute {name!r}")
