from . import explain, search, trace, viz
from .loading import load, load_captioner, load_search
from .session import Session
from .translator import Translator
from .vision.captioning.captioner import Captioner
from .vision.retrieval.search import PhotoSearch

__all__ = [
    "Captioner",
    "PhotoSearch",
    "Session",
    "Translator",
    "explain",
    "load",
    "load_captioner",
    "load_search",
    "search",
    "trace",
    "viz",
]
