"""Recipes that train within a second or two, on pairs that a test writes."""

import random
from pathlib import Path
from typing import Any

from seq2seq.config import parse
from seq2seq.data.pairs import Pair, write_pairs
from seq2seq.training import Recipe
from tests.tiny import PAIRS

ONE_CYCLE = {"kind": "one-cycle", "updates": 12, "warmup": 0.25}


def recipe(folder: Path, **tables: dict[str, Any]) -> Recipe:
    """Return a recipe for the twelve French-English pairs; `tables` change single keys."""
    path = folder / "pairs.tsv"
    if not path.exists():
        write_pairs(path, [Pair(*pair) for pair in PAIRS])
    values: dict[str, Any] = {
        "data": {"train": [path], "valid": [path]},
        "text": {"kind": "bpe", "source_size": 320, "target_size": 310},
        "model": {"embedding": 8, "encoder_hidden": 6, "decoder_hidden": 10, "dropout": 0.3},
        "training": {
            "batch_tokens": 60,
            "precision": "float32",
            "log_every": 2,
            "validate_every": 4,
            "schedule": ONE_CYCLE,
        },
    }
    for name, changes in tables.items():
        values[name] = values.get(name, {}) | changes
    return parse(Recipe, values, "recipe")


def copy_task(folder: Path) -> Recipe:
    """Return a recipe whose target is its source: up to six of eight words."""
    draw = random.Random(5)
    words = ["un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit"]
    lines = sorted({" ".join(draw.choices(words, k=draw.randint(2, 6))) for _ in range(900)})
    draw.shuffle(lines)
    for name, part in (("train", lines[100:]), ("valid", lines[:100])):
        write_pairs(folder / f"{name}.tsv", [Pair(line, line) for line in part])
    values = {
        "data": {"train": [folder / "train.tsv"], "valid": [folder / "valid.tsv"]},
        "text": {"kind": "word", "source_size": 20, "target_size": 20},
        "model": {"cell": "gru", "embedding": 32, "encoder_hidden": 32, "decoder_hidden": 48, "dropout": 0.0},
        "training": {
            "batch_tokens": 300,
            "precision": "float32",
            "encoder_rate": 0.02,
            "decoder_rate": 0.02,
            "label_smoothing": 0.0,
            "validate_every": 1000,
            "schedule": {"kind": "one-cycle", "updates": 250},
        },
    }
    return parse(Recipe, values, "recipe")
