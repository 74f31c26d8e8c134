"""Attention compared with greying out."""

from pathlib import Path

import pytest
import torch

from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.vision.captioning.captioner import Captioner
from seq2seq.vision.captioning.pointing import _spearman, pointing
from seq2seq.vision.captioning.pointing_record import POINTING, read_pointing
from tests.photos import drawn, images, tiny_captioner


def test_ranks_agree_whatever_the_values() -> None:
    up = torch.tensor([0.1, 0.2, 0.3, 0.4])
    assert _spearman(up, torch.tensor([-9.0, 0.0, 1.0, 100.0])) == pytest.approx(1)
    assert _spearman(up, -up) == pytest.approx(-1)
    assert _spearman(up, torch.tensor([1.0, 0.0, 3.0, 2.0])) == pytest.approx(0.6)


def test_every_content_word_of_every_caption_counts(tmp_path: Path) -> None:
    tiny_captioner(tmp_path / "model")
    model = Captioner.load(tmp_path / "model")
    photos = images(drawn())[:3]
    found = pointing(model, photos, "drawn")
    assert found.photos == 3
    assert 0 < found.words <= sum(len(best[0].text.split()) for best in model.caption(photos))
    assert -1 <= found.rank_agreement <= 1
    assert found.by_chance == found.first / model.config.model.regions
    with pytest.raises(ConfigError, match="no content word"):
        pointing(model, [], "none")
    kept = tmp_path / "model" / POINTING
    assert read_pointing(kept.parent) is None
    kept.write_text(found.model_dump_json(), encoding="utf-8")
    assert read_pointing(kept.parent) == found
    kept.write_text(found.model_copy(update={"weights": "other"}).model_dump_json(), encoding="utf-8")
    with pytest.raises(CheckpointError, match="other weights"):
        read_pointing(kept.parent)
    kept.write_text("{}", encoding="utf-8")
    with pytest.raises(CheckpointError):
        read_pointing(kept.parent)
