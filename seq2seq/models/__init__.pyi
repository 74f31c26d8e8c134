from .config import ModelConfig
from .decoder import Decoder, Unrolled
from .devices import backward_through_recurrence, device_of
from .memory import Memory, State
from .tables import TabledModel
from .translation import TranslationModel, build_decoder

__all__ = [
    "Decoder",
    "Memory",
    "ModelConfig",
    "State",
    "TabledModel",
    "TranslationModel",
    "Unrolled",
    "backward_through_recurrence",
    "build_decoder",
    "device_of",
]
