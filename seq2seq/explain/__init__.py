"""Why a model said what it said: attributions, surgery, duels, autopsies, neighbours, leaks."""

import lazy_loader

# The names stand in __init__.pyi; what needs torch is imported when it is used.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
