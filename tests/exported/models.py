"""Models for pages: tiny ones of every kind, with matrices in 8 bits, placeholders and known words."""

from functools import cache
from pathlib import Path

from seq2seq.checkpoint import write_checkpoint
from seq2seq.checkpoint_config import CheckpointConfig
from seq2seq.digests import digest
from seq2seq.text import KnownWords, Tokenizer
from tests.tiny import PAIRS, lively_model, tiny_config

SHAPES: dict[str, dict[str, object]] = {
    "lstm": {},
    "gru, dot": {"cell": "gru", "attention": "dot"},
    "rnn, additive": {"cell": "rnn", "attention": "additive", "attention_hidden": 19},
    "attention before the cell": {"attention": "additive", "attention_at": "before"},
    "gru, before, deep": {"cell": "gru", "attention_at": "before", "encoder_layers": 2, "decoder_layers": 3},
    "input feeding, layer norm": {"input_feeding": True, "layer_norm": True, "decoder_layers": 2},
    "no attention, one direction": {"attention": "none", "bidirectional": False, "layer_norm": True},
    "wide": {"embedding": 33, "encoder_hidden": 18, "decoder_hidden": 35, "encoder_layers": 3},
}


@cache
def vocabularies() -> tuple[Tokenizer, Tokenizer]:
    """Return a French and an English vocabulary with placeholders."""
    french, english = ([pair[side] for pair in PAIRS] for side in (0, 1))
    return Tokenizer.train(french, "bpe", 390, placeholders=True), Tokenizer.train(
        english, "bpe", 380, placeholders=True
    )


def write_tiny(folder: Path, **changes: object) -> Path:
    """Write a checkpoint, in 8 bits, of a model that has learnt nothing; changes: to its config."""
    source, target = vocabularies()
    known = KnownWords.of(PAIRS, 1)
    config = CheckpointConfig(
        source="fr",
        target="en",
        model=tiny_config(tied=False, **changes),
        vocabulary={
            "source": digest(source.proto),
            "target": digest(target.proto),
            "words": digest(known.text().encode()),
        },
    )
    model = lively_model(len(source), len(target), **changes)
    write_checkpoint(folder, config, model, source, target, {"README.md": "# A *model*\n"}, known, int8=True)
    return folder
