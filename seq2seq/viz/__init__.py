"""Plotly figures as functions of a Trace or of recorded numbers; they need no model and no app."""

import lazy_loader

# The names are listed in __init__.pyi; Plotly is imported when something is drawn.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
