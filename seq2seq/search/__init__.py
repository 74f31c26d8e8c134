"""The one vectorised search, its options, exact search, forced scoring, and attention surgery."""

import lazy_loader

# The names stand in __init__.pyi; what needs torch is imported when it is used.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
