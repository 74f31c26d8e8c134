"""The training of a photo search: the loss by hand, a toy problem learnt, and going on after a stop."""

from pathlib import Path

import numpy as np
import pytest
import torch

from seq2seq.config import parse
from seq2seq.errors import CheckpointError, ConfigError, DataError
from seq2seq.vision.features import FeatureStore
from seq2seq.vision.retrieval.recipe import SearchRecipe
from seq2seq.vision.retrieval.search import PhotoSearch, write_search
from seq2seq.vision.retrieval.task import SearchTraining, ranking_loss

THINGS = ("dog", "cat", "boat", "tree", "car", "child")
PLACES = ("snow", "beach", "street", "grass")
WIDTH = len(THINGS) + len(PLACES)


def features(names: list[str], trunk: str = "abc") -> FeatureStore:
    """Return photos that show what their names say: thing-place-number.jpg."""
    pooled = np.zeros((len(names), WIDTH), np.float16)
    for row, name in enumerate(names):
        thing, place, _ = name.split("-")
        pooled[row, THINGS.index(thing)] = 1
        pooled[row, len(THINGS) + PLACES.index(place)] = 1
    noise = np.random.default_rng(1).normal(0, 0.02, pooled.shape)
    return FeatureStore(names, pooled[:, None], (pooled + noise).astype(np.float16), (1, 1), trunk)


def photos(count: int) -> list[str]:
    return [f"{thing}-{place}-{i}.jpg" for thing in THINGS for place in PLACES for i in range(count)]


def write_captions(path: Path, names: list[str]) -> Path:
    lines = []
    for name in names:
        thing, place, _ = name.split("-")
        lines += [f"x\t{name}\tA {thing} on the {place} .", f"x\t{name}\tThere is a {thing} , {place} around it ."]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def recipe(tmp_path: Path) -> SearchRecipe:
    # The word hound has the company that dog has, and no caption has it.
    sentences = [f"The {animal} barks at the door.\tx" for animal in ("dog", "hound")] * 2
    sentences += [f"A {animal} likes its bone and basket.\tx" for animal in ("dog", "hound")]
    sentences += [f"I saw a {thing} in the {place} today.\tx" for thing in THINGS for place in PLACES]
    (tmp_path / "sentences.tsv").write_text("".join(f"{line}\n" for line in sentences), encoding="utf-8")
    values = {
        "data": {
            "sentences": [tmp_path / "sentences.tsv"],
            "photos": tmp_path,
            "valid_photos": tmp_path,
            "captions": write_captions(tmp_path / "train.tsv", photos(4)),
            "valid_captions": write_captions(tmp_path / "valid.tsv", photos(1)),
            "min_count": 1,
        },
        "words": {"epochs": 4, "batch": 64, "drawn": 16, "frequent": 1.0},
        "joint": {"width": 12, "word": 10, "epochs": 12, "batch": 24, "rate": 0.02, "warmup": 10},
    }
    return parse(SearchRecipe, values, "the recipe")


def training(recipe: SearchRecipe, folder: Path, *, resume: bool = False) -> SearchTraining:
    return SearchTraining(recipe, (features(photos(4)), features(photos(1))), folder, resume=resume)


def test_a_toy_world_is_learnt_exactly(recipe: SearchRecipe, tmp_path: Path) -> None:
    learnt = training(recipe, tmp_path / "state")
    learnt.run()
    found = learnt.measure()
    assert found.photos.recall_1 == 1
    assert found.captions.recall_1 == 1
    write_search(tmp_path / "search", None, learnt.model, learnt.words, (learnt.captioned, learnt.naming_words), {})
    search = PhotoSearch.load(tmp_path / "search")
    seen = features(photos(1))
    best = search.rank("a boat on the grass", seen.pooled)[0]
    assert seen.names[best.photo] == "boat-grass-0.jpg"
    assert {one.word for one in search.nearest_words(seen.pooled[best.photo], 2, captioned=True)} == {
        "boat",
        "grass",
    }


def test_a_word_without_captions_has_the_place_of_its_like(recipe: SearchRecipe, tmp_path: Path) -> None:
    words = recipe.words.model_copy(update={"epochs": 25, "rate": 0.3})
    learnt = training(recipe.model_copy(update={"words": words}), tmp_path / "state")
    learnt.run()
    assert learnt.words.numbers(["hound"])[0] >= learnt.captioned
    vectors = learnt.model.each_word().detach()
    dog, hound, boat, tree = (vectors[learnt.words.numbers([word])[0]] for word in ("dog", "hound", "boat", "tree"))
    assert float(dog @ hound) > max(float(boat @ hound), float(tree @ hound))


@pytest.mark.parametrize("stop_at", [2, 4, 7])
def test_a_training_that_was_stopped_ends_as_if_it_had_not(
    recipe: SearchRecipe, tmp_path: Path, stop_at: int
) -> None:
    whole = training(recipe, tmp_path / "whole")
    whole.run()
    training(recipe, tmp_path / "parts").run(stop_at)
    parts = training(recipe, tmp_path / "parts", resume=True)
    assert parts.epoch == stop_at
    parts.run()
    for (name, one), (_, other) in zip(whole.model.named_parameters(), parts.model.named_parameters(), strict=True):
        assert torch.equal(one, other), name
    histories = [(tmp_path / each / "history.jsonl").read_text().splitlines() for each in ("whole", "parts")]
    assert len(histories[0]) == len(histories[1]) == whole.epochs


def test_photos_of_held_out_words_are_not_learnt_from_and_measured(recipe: SearchRecipe, tmp_path: Path) -> None:
    data = recipe.data.model_copy(update={"held_out": ("cat", "zebra")})
    learnt = training(recipe.model_copy(update={"data": data}), tmp_path / "state")
    assert learnt.words.numbers(["cat"])[0] >= learnt.captioned
    learnt.run()
    held_out_auc = learnt.held_out_auc()
    assert 0 <= held_out_auc["cat"] <= 1
    assert np.isnan(held_out_auc["zebra"])


def test_what_cannot_be_resumed_is_one_sentence(recipe: SearchRecipe, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no training to resume"):
        training(recipe, tmp_path / "nothing", resume=True)
    training(recipe, tmp_path / "state").run(1)
    joint = recipe.joint.model_copy(update={"margin": 0.3})
    with pytest.raises(ConfigError, match="another recipe"):
        training(recipe.model_copy(update={"joint": joint}), tmp_path / "state", resume=True)
    (tmp_path / "state" / "state.safetensors").write_bytes(b"rubbish")
    with pytest.raises(CheckpointError, match="damaged"):
        training(recipe, tmp_path / "state", resume=True)


def test_features_of_two_encoders_and_captions_of_other_photos_are_refused(
    recipe: SearchRecipe, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="two image encoders"):
        SearchTraining(recipe, (features(photos(4)), features(photos(1), "def")), tmp_path / "state")
    with pytest.raises(DataError, match="describes none of the photos"):
        SearchTraining(recipe, (features(["dog-snow-9.jpg"]), features(photos(1))), tmp_path / "state")


# Row and column i belong together; photos 0 and 1 are one and the same.
COSINES = torch.tensor([[0.5, 0.9, 0.4], [0.1, 0.6, 0.2], [0.45, 0.3, 0.5]])
OWNER = torch.tensor([0, 0, 1])


def test_the_hardest_wrong_partner_by_hand() -> None:
    # Rows: 0.1 + 0.4 - 0.5 = 0, 0 (0.2 is far), 0.1 + 0.45 - 0.5 = 0.05. Columns: 0.1 + 0.45 - 0.5 = 0.05, 0, 0.
    assert float(ranking_loss(COSINES, OWNER, 0.1, hardest=True)) == pytest.approx(0.1 / 3, abs=1e-6)


def test_all_wrong_partners_by_hand() -> None:
    # Rows with margin 0.2: 0.1; 0; (0.15 + 0) / 2. Columns: 0.15; 0; (0.1 + 0) / 2.
    wanted = (0.1 + 0 + 0.075 + 0.15 + 0 + 0.05) / 3
    assert float(ranking_loss(COSINES, OWNER, 0.2, hardest=False)) == pytest.approx(wanted, abs=1e-6)


def test_a_batch_of_one_photo_alone_has_no_loss() -> None:
    assert float(ranking_loss(COSINES, torch.zeros(3), 0.2, hardest=False)) == 0
    assert float(ranking_loss(COSINES, torch.zeros(3), 0.2, hardest=True)) == 0
