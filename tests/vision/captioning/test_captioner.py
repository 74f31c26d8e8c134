"""A captioner: what it says of photos, alone or together, and what it refuses."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

import seq2seq
from seq2seq.checkpoint import CONFIG
from seq2seq.errors import CheckpointError, ConfigError, PhotoError
from seq2seq.search import Beam
from seq2seq.trace import Trace, make_edit
from seq2seq.vision.captioning.captioner import Captioner
from tests.photos import drawn, images, photo, tiny_captioner, tiny_image_encoder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_captioner(tmp_path_factory.mktemp("models") / "captions")


@pytest.fixture(scope="module")
def captioner(folder: Path) -> Captioner:
    return Captioner.load(folder)


def test_photos_together_are_captioned_as_one_by_one(captioner: Captioner) -> None:
    photos = images(drawn())
    options = captioner.options(Beam(size=3, alpha=0.5), n_best=3)
    together = captioner.caption(photos, options)
    alone = [captioner.caption([one], options)[0] for one in photos]
    assert [[one.text for one in each] for each in together] == [[one.text for one in each] for each in alone]
    assert len({each[0].text for each in together}) > 1
    assert captioner.caption([], options) == []


def test_threads_share_a_captioner_and_get_their_own_traces(captioner: Captioner) -> None:
    photos = images(drawn())
    one_by_one = [captioner.trace(each, beam_size=2) for each in photos]
    with ThreadPoolExecutor(4) as pool:
        at_once = list(pool.map(lambda each: captioner.trace(each, beam_size=2), photos))
    assert [trace.to_json() for trace in at_once] == [trace.to_json() for trace in one_by_one]


def test_a_trace_of_a_photo_tells_what_the_caption_tells(captioner: Captioner) -> None:
    picture = photo("red", "left", (300, 100))
    trace = captioner.trace(picture, name="red.png", beam_size=3)
    again = Trace.from_json(trace.to_json())
    assert again == trace
    assert trace.source.kind == "photo"
    assert (trace.source.width, trace.source.height, trace.source.grid) == (300, 100, (7, 7))
    best = captioner.caption([picture], captioner.options(Beam(size=3, alpha=captioner.config.alpha)))[0][0]
    assert trace.best.text == best.text
    assert trace.best.log_prob == pytest.approx(best.log_prob, abs=1e-4)
    assert trace.expanded.attention is not None
    assert all(sum(row) == pytest.approx(1, abs=0.01) and len(row) == 49 for row in trace.expanded.attention)


def test_the_forced_score_is_that_of_the_search(captioner: Captioner) -> None:
    image_features = captioner.encode_photos(images(drawn()))
    best = [each[0] for each in captioner.caption_features(image_features)]
    scored = captioner.score(image_features, [one.text for one in best])
    finished = [row for row, one in enumerate(best) if one.finished]
    assert finished
    for row in finished:
        assert sum(scored[row]) == pytest.approx(best[row].log_prob, abs=1e-3)
    with pytest.raises(ConfigError, match="1 captions do not fit"):
        captioner.score(image_features, ["a box"])


def test_a_hidden_region_is_grey_before_the_encoder_looks(captioner: Captioner) -> None:
    picture = photo("red", "left")
    plain = captioner.trace(picture)
    hidden = captioner.trace(picture, hidden=range(1, 50))
    grey = captioner.trace(photo("blue", "right"), hidden=range(1, 50))
    assert len(hidden.source.greyed) == 49
    assert hidden.best == grey.best
    assert plain.expanded.attention != hidden.expanded.attention
    with pytest.raises(PhotoError, match="no region 50"):
        captioner.trace(picture, hidden=[50])


def test_an_edit_forces_the_words_of_a_photos_caption(captioner: Captioner) -> None:
    picture = photo("green", "right")
    word = captioner.checkpoint.target.encode("blue")[0]
    edited = captioner.trace(picture, edits=[make_edit([word])])
    assert all(one.text.startswith("blue") for one in edited.hypotheses)


def test_labels_come_with_probabilities(captioner: Captioner) -> None:
    labels = captioner.labels(captioner.encode_photos(images(drawn()[:2])), 2)
    assert [len(each) for each in labels] == [2, 2]
    assert all(1 >= each[0].probability >= each[1].probability >= 0 for each in labels)


def test_another_trunk_is_refused(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "captions")
    with pytest.raises(CheckpointError, match="needs the image encoder trunk"):
        Captioner.load(tmp_path / "captions")
    tiny_image_encoder(tmp_path / "trunk", 0.3)
    with pytest.raises(CheckpointError, match="is another image encoder than the one"):
        Captioner.load(tmp_path / "captions")
    Captioner.load(tmp_path / "captions", image_encoder=folder.parent / "trunk")


def test_another_preprocessing_is_refused(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder.parent, tmp_path / "models")
    path = tmp_path / "models" / "captions" / CONFIG
    values = json.loads(path.read_text(encoding="utf-8"))
    values["trunk"]["image"]["pixels"] = "-1..1"
    path.write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(CheckpointError, match="is another image encoder"):
        Captioner.load(path.parent)


def test_a_translator_and_a_captioner_are_told_apart(folder: Path, tiny_checkpoint: Path) -> None:
    with pytest.raises(CheckpointError, match="holds a captioning model"):
        seq2seq.load(folder)
    with pytest.raises(CheckpointError, match="holds a translation model"):
        seq2seq.load_captioner(tiny_checkpoint)
    with pytest.raises(CheckpointError, match="holds an image encoder"):
        seq2seq.load_captioner(folder.parent / "trunk")
    assert isinstance(seq2seq.load_captioner(folder), Captioner)


def test_a_damaged_decoder_is_refused(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder.parent, tmp_path / "models")
    copy = tmp_path / "models" / "captions"
    weights = copy / "weights.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(bytes(data))
    with pytest.raises(CheckpointError, match=r"is not the file that was saved here|no numbers"):
        Captioner.load(copy)


def test_what_was_seen_does_not_depend_on_the_others(captioner: Captioner) -> None:
    photos = images(drawn())
    together = captioner.encode_photos(photos)
    for row, each in enumerate(photos):
        assert torch.allclose(captioner.encode_photos([each]).regions[0], together.regions[row], atol=1e-5)
    with pytest.raises(ConfigError, match="no photo"):
        captioner.encode_photos([])
