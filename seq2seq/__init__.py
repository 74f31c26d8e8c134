"""See inside sequence-to-sequence models: train, translate, score, trace and draw them.

    import seq2seq
    model = seq2seq.load("checkpoints/fr-en")
    trace = model.trace("Je suis froid.", beam_size=5)
    seq2seq.viz.beam_tree(trace)
"""

import importlib
from types import ModuleType

from seq2seq.translator import Translator

load = Translator.load

__all__ = ["Translator", "load", "viz"]


def __getattr__(name: str) -> ModuleType:
    # Plotly takes half a second to import; the command line seldom needs it.
    if name == "viz":
        return importlib.import_module("seq2seq.viz")
    raise AttributeError(f"module 'seq2seq' has no attribute {name!r}")
