"""Features of photos: computed once, resumed exactly, never mixed up between encoders."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from seq2seq.errors import DataError
from seq2seq.vision import features
from seq2seq.vision.config import ImageConfig
from seq2seq.vision.encoder_checkpoint import LoadedImageEncoder
from seq2seq.vision.features import RECORD, FeatureStore, build_feature_store, open_feature_store, readable
from seq2seq.vision.image_encoder import build_image_encoder
from seq2seq.vision.photos import photo_files


@pytest.fixture
def trunk() -> LoadedImageEncoder:
    torch.manual_seed(1)
    encoder = build_image_encoder(ImageConfig(name="tiny", size=80, classes=0)).eval()
    return LoadedImageEncoder(encoder, "abc", "tiny")


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "photos"
    folder.mkdir()
    generator = np.random.default_rng(1)
    for number in range(40):
        pixels = generator.integers(0, 256, (30, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02}.png")
    return photo_files(folder)


def same(one: FeatureStore, other: FeatureStore) -> bool:
    return one.names == other.names and all(
        np.array_equal(getattr(one, part), getattr(other, part)) for part in ("regions", "pooled")
    )


def test_features_are_what_the_encoder_sees(trunk: LoadedImageEncoder, photos: list[Path], tmp_path: Path) -> None:
    found = build_feature_store(trunk, photos, tmp_path / "features")
    assert found.names == [path.name for path in photos]
    assert found.grid == (8, 8)
    from seq2seq.vision.photos import read_photo
    from seq2seq.vision.pixels import squash

    seen = trunk.encoder(squash(read_photo(photos[7]))[None])
    assert np.allclose(found.regions[7], seen.regions[0].detach(), atol=1e-2)
    assert np.allclose(found.pooled[7], seen.pooled[0].detach(), atol=1e-2)
    assert found.rows(["03.png", "01.png"]) == [3, 1]
    with pytest.raises(DataError, match=r"x\.png is not among the 40"):
        found.rows(["x.png"])


def test_an_interrupted_run_goes_on(
    trunk: LoadedImageEncoder, photos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "_BATCH", 1)
    whole = build_feature_store(trunk, photos, tmp_path / "whole")
    write = features._write

    def stop_at_once(folder: Path, record: features.FeatureStoreRecord) -> None:
        write(folder, record)
        if record.done:
            raise KeyboardInterrupt

    monkeypatch.setattr(features, "_write", stop_at_once)
    with pytest.raises(KeyboardInterrupt):
        build_feature_store(trunk, photos, tmp_path / "parts")
    with pytest.raises(DataError, match="20 of 40"):
        open_feature_store(tmp_path / "parts")
    monkeypatch.setattr(features, "_write", write)
    assert same(build_feature_store(trunk, photos, tmp_path / "parts"), whole)


def test_a_damaged_photo_is_left_out(trunk: LoadedImageEncoder, photos: list[Path], tmp_path: Path) -> None:
    photos[5].write_bytes(b"no photo")
    found = build_feature_store(trunk, photos, tmp_path / "features")
    assert found.names == [path.name for path in photos if path != photos[5]]
    assert len(found.regions) == len(found.pooled) == 39
    assert same(build_feature_store(trunk, photos, tmp_path / "features"), found)


def test_other_encoders_and_other_photos_are_refused(
    trunk: LoadedImageEncoder, photos: list[Path], tmp_path: Path
) -> None:
    build_feature_store(trunk, photos, tmp_path / "features")
    with pytest.raises(DataError, match="another image encoder"):
        build_feature_store(trunk._replace(digest="other"), photos, tmp_path / "features")
    with pytest.raises(DataError, match="other photos"):
        build_feature_store(trunk, photos[1:], tmp_path / "features")
    for path in photos:
        path.write_bytes(b"")
    with pytest.raises(DataError, match="no photo that can be read"):
        build_feature_store(trunk, photos, tmp_path / "none")


def test_features_of_another_program_open_too(tmp_path: Path) -> None:
    np.save(tmp_path / "regions.npy", np.ones((2, 3, 3, 4), np.float16))
    (tmp_path / "photos.txt").write_text("a.jpg\nb.jpg\n")
    found = open_feature_store(tmp_path)
    assert (found.grid, found.regions.shape, found.pooled.shape, found.encoder) == ((3, 3), (2, 9, 4), (2, 4), "")
    (tmp_path / "photos.txt").write_text("a.jpg\n")
    with pytest.raises(DataError, match="differ in length"):
        open_feature_store(tmp_path)
    (tmp_path / RECORD).write_text("{}")
    with pytest.raises(DataError, match="is missing"):
        open_feature_store(tmp_path)


def test_photos_of_another_data_set_with_the_same_names_are_told_apart(
    trunk: LoadedImageEncoder, photos: list[Path], tmp_path: Path
) -> None:
    build_feature_store(trunk, photos, tmp_path / "features")
    copied = tmp_path / "copied"
    copied.mkdir()
    for path in photos:
        (copied / path.name).write_bytes(path.read_bytes())
    build_feature_store(trunk, photo_files(copied), tmp_path / "features")  # the same bytes are the same photos
    Image.new("RGB", (30, 30), "red").save(copied / photos[5].name)
    with pytest.raises(DataError, match="features of other photos"):
        build_feature_store(trunk, photo_files(copied), tmp_path / "features")


def test_an_unreadable_photo_among_the_first_is_skipped_like_any_other(
    trunk: LoadedImageEncoder, photos: list[Path], tmp_path: Path
) -> None:
    for path in photos[:3]:
        path.write_bytes(b"no photo")
    assert len(readable(photos, 4)) == 4
    found = build_feature_store(trunk, photos, tmp_path / "features")
    assert found.names == [path.name for path in photos[3:]]
    with pytest.raises(DataError, match="no photo that can be read"):
        readable(photos[:3], 4)
