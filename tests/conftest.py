"""What many tests need: a tiny model folder, and hypothesis without a clock."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import settings

from seq2seq.checkpoint import Checkpoint, digest, write_checkpoint
from seq2seq.checkpoint_config import CheckpointConfig
from seq2seq.text import UNKNOWN, Tokenizer
from seq2seq.translator import Translator
from tests import minilab, photos
from tests.tiny import PAIRS, lively_model, tiny_config

# A shared processor makes single examples slow at times; that is not what these tests are about.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
torch.set_num_threads(1)


@pytest.fixture(scope="session", autouse=True)
def features_in_float32() -> Iterator[None]:
    """Which precision is faster is measured, and what tiny models make of a photo would depend on the clock."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seq2seq.vision.captioning.data.faster_precision", lambda *_: "float32")
        yield


@pytest.fixture(scope="session")
def tokenizers() -> tuple[Tokenizer, Tokenizer]:
    """A French and an English vocabulary, learnt from a dozen sentences."""
    french, english = ([pair[side] for pair in PAIRS] for side in (0, 1))
    return Tokenizer.train(french, "bpe", 350), Tokenizer.train(english, "bpe", 340)


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory, tokenizers: tuple[Tokenizer, Tokenizer]) -> Path:
    """A whole checkpoint folder, whose model has never learnt anything. Copy it before you change it."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    source, target = tokenizers
    model = lively_model(len(source), len(target))
    record = CheckpointConfig(
        source="fr",
        target="en",
        model=tiny_config(tied=False),
        vocabulary={"source": digest(source.proto), "target": digest(target.proto)},
    )
    write_checkpoint(folder, record, model, source, target, {"README.md": "# A model for tests\n"})
    return folder


@pytest.fixture(scope="session")
def translator(tiny_checkpoint: Path) -> Translator:
    """The tiny checkpoint, loaded."""
    return Translator.load(tiny_checkpoint)


@pytest.fixture(scope="session")
def wordy() -> Translator:
    """A model of few words that mostly says what it does not know."""
    source, target = (Tokenizer.train([pair[side] for pair in PAIRS], "word", 30) for side in (0, 1))
    config = CheckpointConfig(
        source="fr",
        target="en",
        model=tiny_config(tied=False),
        vocabulary={"source": digest(source.proto), "target": digest(target.proto)},
    )
    model = lively_model(len(source), len(target))
    with torch.no_grad():
        model.decoder.output.bias[UNKNOWN] += 4
    return Translator(Checkpoint(config=config, model=model, source=source, target=target, digest="0"), "wordy")


@pytest.fixture(scope="session")
def minilab_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a tiny laboratory keeps; read it, but do not change it."""
    return minilab.make(tmp_path_factory.mktemp("minilab"))


@pytest.fixture(scope="session")
def caption_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two captioning models, their trunk and a search by words; copy it before you change it."""
    return photos.caption_models(tmp_path_factory.mktemp("captioners"))
