"""Recurrent encoders, attention, the decoder, and the records passed between them."""

import lazy_loader

# The names are listed in __init__.pyi; modules that need torch are imported on first use.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
