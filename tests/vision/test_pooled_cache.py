"""Pooled vectors of a changing folder of photos."""

import os
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor

from seq2seq.vision import pooled_cache
from seq2seq.vision.config import ImageConfig
from seq2seq.vision.encoder_checkpoint import LoadedImageEncoder
from seq2seq.vision.image_encoder import ImageFeatures, TinyEncoder
from seq2seq.vision.pooled_cache import cache_file, photo_vectors
from tests.tiny import fill


class Counting(TinyEncoder):
    """A tiny encoder that counts the photos that it looks at."""

    looked = 0

    def forward(self, photos: Tensor) -> ImageFeatures:
        """Look, and count."""
        self.looked += len(photos)
        return super().forward(photos)


@pytest.fixture
def trunk() -> LoadedImageEncoder:
    encoder = Counting(ImageConfig(name="tiny", size=75, classes=0))
    fill(encoder)
    return LoadedImageEncoder(encoder, "abc", "tiny")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "holiday"
    made.mkdir()
    for number in range(11):
        draw(made / f"{number:02}.png", number)
    return made


def draw(path: Path, number: int) -> None:
    Image.new("RGB", (40, 30), (number * 20, 100, 255 - number * 20)).save(path)


def looked(trunk: LoadedImageEncoder) -> int:
    assert isinstance(trunk.encoder, Counting)
    return trunk.encoder.looked


def test_a_photo_that_changes_while_it_is_looked_at_is_looked_at_again(
    trunk: LoadedImageEncoder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos, cache = sorted(folder.iterdir()), cache_file(folder)
    read = pooled_cache.read_photo

    def read_and_change(path: Path) -> Image.Image:
        found = read(path)
        if path == photos[3]:
            draw(path, 10)
            os.utime(path, ns=(1, 10**18))
        return found

    monkeypatch.setattr(pooled_cache, "read_photo", read_and_change)
    photo_vectors(trunk, photos, cache)
    monkeypatch.setattr(pooled_cache, "read_photo", read)
    again = photo_vectors(trunk, photos, cache)
    assert looked(trunk) == 12
    assert torch.equal(again.pooled[3], again.pooled[10])


def test_a_second_time_nothing_is_looked_at(trunk: LoadedImageEncoder, folder: Path) -> None:
    photos, cache = sorted(folder.iterdir()), cache_file(folder)
    first = photo_vectors(trunk, photos, cache)
    assert looked(trunk) == 11
    again = photo_vectors(trunk, photos, cache)
    assert looked(trunk) == 11
    assert again.photos == photos
    assert torch.equal(first.pooled, again.pooled)
    assert cache == folder.parent / "holiday.pooled.safetensors"
    assert len(list(folder.iterdir())) == 11


def test_each_photo_has_the_vector_that_it_has_alone(trunk: LoadedImageEncoder, folder: Path) -> None:
    photos = sorted(folder.iterdir())
    together = photo_vectors(trunk, photos).pooled
    for row, photo in enumerate(photos):
        assert torch.allclose(photo_vectors(trunk, [photo]).pooled[0], together[row], atol=2e-3)


def test_only_new_and_changed_photos_are_looked_at_again(trunk: LoadedImageEncoder, folder: Path) -> None:
    cache = cache_file(folder)
    photo_vectors(trunk, sorted(folder.iterdir()), cache)
    (folder / "03.png").unlink()
    draw(folder / "05.png", 12)
    os.utime(folder / "05.png", (1, 1))
    draw(folder / "50.png", 3)
    photos = sorted(folder.iterdir())
    found = photo_vectors(trunk, photos, cache)
    assert looked(trunk) == 13
    assert torch.equal(found.pooled, photo_vectors(trunk, photos).pooled)


def test_what_is_no_photo_is_skipped_with_a_sentence(trunk: LoadedImageEncoder, folder: Path) -> None:
    (folder / "04.png").write_text("not a photo")
    found = photo_vectors(trunk, sorted(folder.iterdir()), cache_file(folder))
    assert len(found.photos) == len(found.pooled) == 10
    assert len(found.skipped) == 1
    assert "04.png" in found.skipped[0]
    assert folder / "04.png" not in found.photos


def test_a_cache_of_another_encoder_or_a_damaged_one_is_written_anew(
    trunk: LoadedImageEncoder, folder: Path
) -> None:
    photos, cache = sorted(folder.iterdir()), cache_file(folder)
    photo_vectors(trunk._replace(digest="def"), photos, cache)
    photo_vectors(trunk, photos, cache)
    assert looked(trunk) == 22
    cache.write_bytes(b"rubbish")
    photo_vectors(trunk, photos, cache)
    assert looked(trunk) == 33
    photo_vectors(trunk, photos, cache)
    assert looked(trunk) == 33


def test_where_nothing_can_be_kept_the_search_goes_on(trunk: LoadedImageEncoder, folder: Path) -> None:
    found = photo_vectors(trunk, sorted(folder.iterdir()), folder / "nowhere" / "cache.safetensors")
    assert len(found.photos) == 11


def test_no_photos_give_no_vectors(trunk: LoadedImageEncoder) -> None:
    assert photo_vectors(trunk, []).pooled.shape == (0, 8)
