"""See inside sequence-to-sequence models: train, translate, score, trace and draw them.

import seq2seq
model = seq2seq.load("checkpoints/fr-en")
trace = model.trace("Je suis froid.", beam_size=5)
seq2seq.viz.beam_tree(trace)
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seq2seq.translator import Translator
    from seq2seq.vision.captioning.captioner import Captioner
    from seq2seq.vision.retrieval.search import PhotoSearch

    load = Translator.load
    load_captioner = Captioner.load
    load_search = PhotoSearch.load

__all__ = [
    "Captioner",
    "PhotoSearch",
    "Translator",
    "explain",
    "load",
    "load_captioner",
    "load_search",
    "viz",
]

# What loads a checkpoint stands beside the class that it returns.
_LOADED = {
    "Translator": ("translator", "load"),
    "Captioner": ("vision.captioning.captioner", "load_captioner"),
    "PhotoSearch": ("vision.retrieval.search", "load_search"),
}


def __getattr__(name: str) -> Any:
    # Torch takes two seconds to import, Plotly a half: `--help` and `prepare` need neither.
    if name in ("explain", "viz"):
        return importlib.import_module(f"seq2seq.{name}")
    for known, (module, load) in _LOADED.items():
        if name in (known, load):
            loaded = getattr(importlib.import_module(f"seq2seq.{module}"), known)
            return loaded if name == known else loaded.load
    raise AttributeError(f"module 'seq2seq' has no attribute {name!r}")
