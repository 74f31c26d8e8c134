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

    load = Translator.load

__all__ = ["Translator", "explain", "load", "viz"]


def __getattr__(name: str) -> Any:
    # Torch takes two seconds to import, Plotly a half: `--help` and `prepare` need neither.
    if name in ("explain", "viz"):
        return importlib.import_module(f"seq2seq.{name}")
    if name in ("Translator", "load"):
        translator = importlib.import_module("seq2seq.translator").Translator
        return translator if name == "Translator" else translator.load
    raise AttributeError(f"module 'seq2seq' has no attribute {name!r}")
