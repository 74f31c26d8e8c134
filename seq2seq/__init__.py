"""See inside sequence-to-sequence models: train, translate, score, trace and draw them.

import seq2seq
model = seq2seq.load("checkpoints/fr-en")
trace = model.trace("Je suis froid.", beam_size=5)
seq2seq.viz.beam_tree(trace)
"""

import lazy_loader

# The names are listed in __init__.pyi; modules that need torch are imported on first use.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
