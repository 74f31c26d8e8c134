"""Translators of every kind of attention, which have never learnt anything."""

from typing import Any

from seq2seq.checkpoint import Checkpoint
from seq2seq.checkpoint_config import CheckpointConfig
from seq2seq.text import Tokenizer
from seq2seq.translator import Translator
from tests.tiny import lively_model, tiny_config

Tokenizers = tuple[Tokenizer, Tokenizer]

READINGS: list[dict[str, Any]] = [
    {"attention_at": "after"},
    {"attention_at": "after", "attention": "additive", "cell": "gru"},
    {"attention_at": "after", "input_feeding": True},
    {"attention_at": "before", "attention": "additive"},
]


def reading(changes: dict[str, Any]) -> str:
    """Return a name for a test's parameter."""
    return "-".join(map(str, changes.values()))


def made(tokenizers: Tokenizers, **changes: Any) -> Translator:
    """Return a translator whose model differs from the default in `changes`."""
    source, target = tokenizers
    config = CheckpointConfig(
        source="fr", target="en", model=tiny_config(tied=False, **changes), vocabulary={}, alpha=0.6
    )
    model = lively_model(len(source), len(target), **changes)
    return Translator(Checkpoint(config=config, model=model, source=source, target=target, digest="0"), "made")
