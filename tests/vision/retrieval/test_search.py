"""PhotoSearch: ranking, nearest words, and its folder."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from seq2seq.checkpoint_config import WEIGHTS
from seq2seq.data.wordlist import WordList
from seq2seq.errors import CheckpointError, ShapeError, UnknownWordsError
from seq2seq.vision.captioning.checkpoint_config import ImageEncoderName
from seq2seq.vision.config import ImageConfig
from seq2seq.vision.retrieval.config import WORDS, JointConfig
from seq2seq.vision.retrieval.model import JointEmbedding
from seq2seq.vision.retrieval.search import PhotoSearch, write_search
from tests.tiny import fill

KNOWN = ("dog", "beach", "ball", "snow", "child", "truck")
TRUNK = ImageEncoderName(name="tiny", digest="0123456789abcdef", image=ImageConfig(name="tiny"))


def make(folder: Path) -> Path:
    """Write a search whose model has never learnt anything."""
    model = JointEmbedding(JointConfig(photo=8, word=6, joint=5), len(KNOWN))
    fill(model)
    write_search(folder, TRUNK, model, WordList(KNOWN), (4, 3), {"README.md": "# A search for tests\n"})
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("search") / "search")


@pytest.fixture(scope="module")
def search(folder: Path) -> PhotoSearch:
    return PhotoSearch.load(folder)


def photos(count: int = 7) -> torch.Tensor:
    return torch.rand(count, 8, generator=torch.Generator().manual_seed(3))


def test_a_ranking_holds_every_photo_once_best_first(search: PhotoSearch) -> None:
    found = search.rank("a Dog on the beach!", photos())
    assert sorted(one.photo for one in found) == list(range(7))
    cosines = [one.cosine for one in found]
    assert cosines == sorted(cosines, reverse=True)
    assert all(-1.001 < cosine < 1.001 for cosine in cosines)


def test_a_photo_ranked_alone_has_the_cosine_that_it_has_among_others(search: PhotoSearch) -> None:
    together = {one.photo: one.cosine for one in search.rank("child snow", photos())}
    for index, photo in enumerate(photos()):
        alone = search.rank("child snow", photo[None])
        assert alone[0].cosine == pytest.approx(together[index], abs=1e-6)


def test_order_capitals_and_unknown_words_do_not_count(search: PhotoSearch) -> None:
    assert torch.allclose(search.embed("dog, ball"), search.embed("Xyzzy BALL dog"), atol=1e-6)


def test_arrays_of_float16_rank_as_tensors_do(search: PhotoSearch) -> None:
    array = photos().numpy().astype(np.float16)
    tensor = torch.from_numpy(array.astype(np.float32))
    assert search.rank("truck", array) == search.rank("truck", tensor)


def test_photos_alike_stay_in_the_order_given(search: PhotoSearch) -> None:
    found = search.rank("truck", photos(1).repeat(4, 1))
    assert [one.photo for one in found] == [0, 1, 2, 3]


def test_no_photo_gives_an_empty_ranking(search: PhotoSearch) -> None:
    assert search.rank("truck", torch.zeros(0, 8)) == []


def test_nearest_words_have_the_cosine_of_a_search_for_them(search: PhotoSearch) -> None:
    near = search.nearest_words(photos()[2], 3)
    assert len(near) == 3
    assert [one.cosine for one in near] == sorted((one.cosine for one in near), reverse=True)
    for one in near:
        assert search.rank(one.word, photos()[2:3])[0].cosine == pytest.approx(one.cosine, abs=1e-5)


def test_nearest_words_can_be_those_of_captions_or_the_others(search: PhotoSearch) -> None:
    assert {one.word for one in search.nearest_words(photos()[0], 99, captioned=True)} == set(KNOWN[:3])
    assert {one.word for one in search.nearest_words(photos()[0], 99, captioned=False)} == set(KNOWN[4:])
    assert len(search.nearest_words(photos()[0], 99)) == len(KNOWN)


def test_unknown_words_are_named_once(search: PhotoSearch) -> None:
    assert search.unknown("A dog, a zebra and a zebra") == ["a", "zebra", "and"]
    assert search.unknown("") == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("zebra", "None of these English words is known: “zebra”"),
        ("dogg", "did you mean dog"),
        ("", "no word to search by"),
        ("?! …", "no word to search by"),
    ],
)
def test_words_that_are_all_unknown_are_one_clear_sentence(search: PhotoSearch, words: str, says: str) -> None:
    with pytest.raises(UnknownWordsError, match=says):
        search.rank(words, photos())


def test_vectors_of_another_width_are_refused(search: PhotoSearch) -> None:
    with pytest.raises(ShapeError, match=r"\(photos, 8\)"):
        search.rank("dog", torch.zeros(3, 9))
    with pytest.raises(ShapeError, match=r"\(photos, 8\)"):
        search.nearest_words(torch.zeros(9), 3)


def test_another_trunk_is_refused_in_one_sentence(search: PhotoSearch) -> None:
    search.check_image_encoder(TRUNK.digest)
    with pytest.raises(CheckpointError, match=r"trained on the image encoder tiny .* not on fedcba"):
        search.check_image_encoder("fedcba")


def test_eight_bits_keep_the_word_vectors(search: PhotoSearch) -> None:
    model = JointEmbedding(search.config.model, len(KNOWN))
    fill(model)
    kept, exact = search.model.words.weight.detach(), model.words.weight.detach()
    assert float((kept - exact).abs().max()) <= float(exact.abs().max()) / 127 * 0.51 + 1e-3
    assert torch.allclose(kept, exact, atol=0.01)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda folder: (folder / "config.json").unlink(), "no config.json"),
        (
            lambda folder: (folder / "config.json").write_text('{"kind": "translation"}'),
            "holds a translation model .* not a photo search",
        ),
        (lambda folder: (folder / "config.json").write_text("[1]"), "not a table of keys"),
        (lambda folder: (folder / "config.json").write_text("{"), "not JSON"),
        (lambda folder: (folder / WEIGHTS).unlink(), "half written"),
        (lambda folder: (folder / WEIGHTS).write_bytes(b"rubbish"), "damaged"),
        (lambda folder: (folder / WORDS).unlink(), "does not exist"),
        (lambda folder: (folder / WORDS).write_text("dog\n"), "not the file that was saved"),
        (lambda folder: set_key(folder, "captioned", 99), "tells of 3, 99 and more words"),
        (lambda folder: set_key(folder, "extra", 1), "unknown key 'extra'"),
    ],
)
def test_a_damaged_folder_is_one_sentence(tmp_path: Path, spoil: Callable[[Path], object], says: str) -> None:
    folder = make(tmp_path / "search")
    spoil(folder)
    with pytest.raises(CheckpointError, match=says):
        PhotoSearch.load(folder)


def set_key(folder: Path, key: str, value: object) -> None:
    values = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**values, key: value}))


def test_what_is_no_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="not a folder"):
        PhotoSearch.load(tmp_path / "nowhere")
