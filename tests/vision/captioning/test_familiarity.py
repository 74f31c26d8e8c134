"""Photos unlike those of the training are found by their pooled vectors."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from seq2seq.errors import CheckpointError
from seq2seq.vision.captioning.captioner import UNFAMILIAR, Captioner
from seq2seq.vision.captioning.checkpoint_config import FAMILIAR
from seq2seq.vision.captioning.familiarity import learn_familiarity, read_familiarity, stored_familiarity
from tests.photos import caption_recipe, caption_training, drawn, images


def pooled(count: int, seed: int) -> torch.Tensor:
    """Return vectors of 40 numbers that vary in ten directions, and hardly in the others."""
    rng = torch.Generator().manual_seed(seed)
    span = torch.linalg.qr(torch.randn(40, 10, generator=torch.Generator().manual_seed(0))).Q
    noise = 0.1 * torch.randn(count, 40, generator=rng)
    return 3 + 5 * torch.randn(count, 10, generator=rng) @ span.T + noise


def test_one_held_out_photo_in_twenty_is_unfamiliar_and_every_odd_one() -> None:
    found = learn_familiarity(pooled(400, 1), pooled(2000, 2))
    assert found is not None
    assert len(found.directions) == 20
    assert torch.allclose(found.directions @ found.directions.T, torch.eye(20), atol=0.02)
    assert found.familiar(pooled(2000, 2)).count(False) == 100
    assert found.familiar(pooled(2000, 3)).count(False) == pytest.approx(100, abs=50)
    odd = pooled(50, 4) + torch.randn(50, 40, generator=torch.Generator().manual_seed(5))
    assert not any(found.familiar(odd))


def test_it_is_the_same_after_storing(tmp_path: Path) -> None:
    found = learn_familiarity(pooled(400, 1), pooled(200, 2))
    assert found is not None
    assert read_familiarity(tmp_path) is None
    (tmp_path / FAMILIAR).write_bytes(stored_familiarity(found))
    read = read_familiarity(tmp_path)
    assert read is not None
    assert read.distances(pooled(50, 6)) == pytest.approx(found.distances(pooled(50, 6)), rel=1e-3)
    (tmp_path / FAMILIAR).write_bytes(stored_familiarity(found._replace(mean=torch.zeros(3))))
    with pytest.raises(CheckpointError, match="is damaged"):
        read_familiarity(tmp_path)


def test_no_photos_are_no_summary() -> None:
    assert learn_familiarity(pooled(1, 1), pooled(1, 1)) is None


def test_a_training_leaves_a_summary_that_makes_the_model_doubt_other_photos(tmp_path: Path) -> None:
    caption_training(caption_recipe(tmp_path), tmp_path / "model").run(stop_at=12)
    model = Captioner.load(tmp_path / "model")
    photos = images(drawn())
    told = model.doubts(photos, model.encode_photos(photos))
    assert told.count("") >= len(told) - 1
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    odd = [Image.fromarray(noise), Image.new("RGB", (64, 64), (9, 200, 9)), photos[0].resize((640, 10))]
    told = model.doubts(odd, model.encode_photos(odd))
    assert told[0] == UNFAMILIAR
    assert "of one colour" in told[1]
    assert "64 times as long as it is wide" in told[2]
    (tmp_path / "model" / FAMILIAR).unlink()
    assert Captioner.load(tmp_path / "model").doubts(odd[:1], model.encode_photos(odd[:1])) == [""]
