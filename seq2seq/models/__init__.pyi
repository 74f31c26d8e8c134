from .compiled import CompiledDecoder, for_search
from .config import ModelConfig
from .decoder import Decoder, Unrolled
from .devices import backward_through_recurrence, device_of
from .input_projections import CachedInputProjections
from .memory import Memory, State
from .step_graph import Precision
from .translation import EncoderDecoder, TranslationModel, build_decoder

__all__ = [
    "CachedInputProjections",
    "CompiledDecoder",
    "Decoder",
    "EncoderDecoder",
    "Memory",
    "ModelConfig",
    "Precision",
    "State",
    "TranslationModel",
    "Unrolled",
    "backward_through_recurrence",
    "build_decoder",
    "device_of",
    "for_search",
]
