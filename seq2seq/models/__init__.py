"""Recurrent encoders, attention and the decoder, and what passes between them."""

from seq2seq.models.config import ModelConfig
from seq2seq.models.decoder import Decoder, Unrolled
from seq2seq.models.devices import backward_through_recurrence, device_of
from seq2seq.models.memory import Memory, State
from seq2seq.models.tables import TabledModel
from seq2seq.models.translation import TranslationModel, build_decoder

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
