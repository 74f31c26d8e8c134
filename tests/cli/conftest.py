"""What the tests of verbs that train share."""

from pathlib import Path

import pytest

RECIPE = """
[data]
grammar = 150
valid_pairs = 6

[text]
kind = "word"
source_size = 120
target_size = 120

[model]
cell = "gru"
embedding = 8
encoder_hidden = 8
decoder_hidden = 16

[training]
batch_tokens = 60
precision = "float32"
log_every = 4
validate_every = 4

[training.schedule]
kind = "one-cycle"
updates = 8
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A recipe for a model of a second."""
    file = tmp_path / "tiny.toml"
    file.write_text(RECIPE, encoding="utf-8")
    return file
