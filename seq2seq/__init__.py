"""See inside sequence-to-sequence models: train, translate, score, trace and draw them.

import seq2seq
model = seq2seq.load("checkpoints/fr-en")
trace = model.trace("Je suis froid.", beam_size=5)
seq2seq.viz.beam_tree(trace)
"""

import lazy_loader

# The names stand in __init__.pyi; what needs torch is imported when it is used.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
