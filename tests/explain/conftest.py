"""A checkpoint that a test may add files to, and a model whose outputs are spelt as its tokenizer spells them."""

import shutil
from pathlib import Path

import pytest

from seq2seq.checkpoint import digest, write_checkpoint
from seq2seq.checkpoint_config import CheckpointConfig
from seq2seq.text import Tokenizer
from seq2seq.translator import Translator
from tests.tiny import lively_model, tiny_config

WORDS = "one two three four five six seven eight"


@pytest.fixture
def writable_checkpoint(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    """A copy of the tiny checkpoint."""
    return shutil.copytree(tiny_checkpoint, tmp_path / "tiny")


@pytest.fixture(scope="session")
def speller(tmp_path_factory: pytest.TempPathFactory) -> Translator:
    """A model of whole words that has never learnt anything."""
    folder = tmp_path_factory.mktemp("models") / "speller"
    words = Tokenizer.train([WORDS] * 3, "word", 12)
    record = CheckpointConfig(
        source="en",
        target="en",
        model=tiny_config(tied=False),
        vocabulary={"source": digest(words.proto), "target": digest(words.proto)},
    )
    write_checkpoint(folder, record, lively_model(len(words), len(words)), words, words, {})
    return Translator.load(folder)
