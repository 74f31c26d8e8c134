"""The training of a photo search: the loss by hand, a toy problem learnt, and going on after a stop."""

import json
import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from seq2seq.config import parse
from seq2seq.errors import CheckpointError, ConfigError, DataError
from seq2seq.training import Training
from seq2seq.training.progress import read_progress
from seq2seq.training.recipe import Averaging
from seq2seq.training.task import Setup
from seq2seq.vision.features import FeatureStore
from seq2seq.vision.retrieval.recipe import SearchRecipe
from seq2seq.vision.retrieval.search import PhotoSearch
from seq2seq.vision.retrieval.task import SearchBatch, SearchTask, ranking_loss

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


def training(recipe: SearchRecipe, out: Path, *, resume: bool = False) -> Training[SearchBatch]:
    made = partial(SearchTask, features=(features(photos(4)), features(photos(1))))
    return Training(recipe, out, resume=resume, task=made)


def learnt(recipe: SearchRecipe, out: Path) -> PhotoSearch:
    training(recipe, out).run()
    return PhotoSearch.load(out)


def test_a_toy_world_is_learnt_exactly(recipe: SearchRecipe, tmp_path: Path) -> None:
    search = learnt(recipe, tmp_path / "search")
    lines = (tmp_path / "search" / "history.jsonl").read_text().splitlines()
    assert {name: each["recall_1"] for name, each in json.loads(lines[-1])["valid"].items()} == {
        "photos": 1,
        "captions": 1,
    }
    seen = features(photos(1))
    best = search.rank("a boat on the grass", seen.pooled)[0]
    assert seen.names[best.photo] == "boat-grass-0.jpg"
    assert {one.word for one in search.nearest_words(seen.pooled[best.photo], 2, captioned=True)} == {
        "boat",
        "grass",
    }


def test_a_word_without_captions_has_the_place_of_its_like(recipe: SearchRecipe, tmp_path: Path) -> None:
    words = recipe.words.model_copy(update={"epochs": 25, "rate": 0.3})
    search = learnt(recipe.model_copy(update={"words": words}), tmp_path / "search")
    assert search.words.numbers(["hound"])[0] >= search.config.captioned
    vectors = search.model.each_word().detach()
    dog, hound, boat, tree = (vectors[search.words.numbers([word])[0]] for word in ("dog", "hound", "boat", "tree"))
    assert float(dog @ hound) > max(float(boat @ hound), float(tree @ hound))


@pytest.mark.parametrize("stop_at", [2, 4, 7])
def test_a_training_that_was_stopped_ends_as_if_it_had_not(
    recipe: SearchRecipe, tmp_path: Path, stop_at: int
) -> None:
    whole = training(recipe, tmp_path / "whole")
    whole.run()
    training(recipe, tmp_path / "parts").run(stop_at)
    parts = training(recipe, tmp_path / "parts", resume=True)
    assert parts.progress.epoch == stop_at
    parts.run()
    assert same_files(tmp_path / "whole", tmp_path / "parts")
    assert len((tmp_path / "parts" / "history.jsonl").read_text().splitlines()) == whole.plan.end


@pytest.mark.parametrize("update", [3, 40])
def test_a_training_that_was_stopped_within_an_epoch_ends_as_if_it_had_not(
    recipe: SearchRecipe, tmp_path: Path, update: int
) -> None:
    training(recipe, tmp_path / "whole").run()
    stopped = training(recipe, tmp_path / "parts")
    stopped.run(stop=lambda: stopped.progress.update == update)
    assert read_progress(stopped.folder).batch > 0
    training(recipe, tmp_path / "parts", resume=True).run()
    assert same_files(tmp_path / "whole", tmp_path / "parts")


def same_files(first: Path, second: Path) -> bool:
    """Return whether weights and histories, but for their times, are the same."""
    histories = [
        [json.loads(line) | {"core_minutes": 0} for line in (each / "history.jsonl").read_text().splitlines()]
        for each in (first, second)
    ]
    files = [(each / "weights.safetensors").read_bytes() for each in (first, second)]
    return histories[0] == histories[1] and files[0] == files[1]


def test_the_checkpoint_is_the_mean_of_the_last_epochs(recipe: SearchRecipe, tmp_path: Path) -> None:
    averaged = recipe.model_copy(update={"averaging": Averaging(count=3)})
    training(averaged, tmp_path / "mean").run()
    snapshots = sorted((tmp_path / "mean.training" / "snapshots").iterdir(), key=lambda path: int(path.stem))
    assert len(snapshots) == 3
    mean = torch.stack([load_file(path)["joint.photo.bias"] for path in snapshots]).mean(0)
    found = PhotoSearch.load(tmp_path / "mean").model.photo.bias
    torch.testing.assert_close(found, mean, atol=1e-3, rtol=1e-3)


def test_a_training_without_gain_ends_early(recipe: SearchRecipe, tmp_path: Path) -> None:
    joint = recipe.joint.model_copy(update={"rate": 1e-30, "patience": 2})
    still = training(recipe.model_copy(update={"joint": joint}), tmp_path / "search")
    still.run()
    assert (still.progress.epoch, still.progress.finished) == (recipe.words.epochs + 3, True)
    assert (tmp_path / "search" / "weights.safetensors").is_file()


def test_photos_of_held_out_words_are_not_learnt_from_and_measured(recipe: SearchRecipe, tmp_path: Path) -> None:
    data = recipe.data.model_copy(update={"held_out": ("cat", "zebra")})
    search = learnt(recipe.model_copy(update={"data": data}), tmp_path / "search")
    assert search.words.numbers(["cat"])[0] >= search.config.captioned
    card = (tmp_path / "search" / "README.md").read_text()
    assert re.search(r"Held-out words, AUC over validation photos: cat [01]\.\d\d, zebra nan", card)


def test_what_cannot_be_resumed_is_one_sentence(recipe: SearchRecipe, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no training to resume"):
        training(recipe, tmp_path / "nothing", resume=True)
    training(recipe, tmp_path / "search").run(1)
    joint = recipe.joint.model_copy(update={"margin": 0.3})
    with pytest.raises(ConfigError, match=r"another recipe: joint\.margin"):
        training(recipe.model_copy(update={"joint": joint}), tmp_path / "search", resume=True)
    others = partial(SearchTask, features=(features(photos(4), "def"), features(photos(1), "def")))
    with pytest.raises(ConfigError, match="was started with other data"):
        Training(recipe, tmp_path / "search", resume=True, task=others)
    (tmp_path / "search.training" / "state.safetensors").write_bytes(b"rubbish")
    with pytest.raises(CheckpointError, match="damaged"):
        training(recipe, tmp_path / "search", resume=True)


def test_features_of_two_encoders_and_captions_of_other_photos_are_refused(
    recipe: SearchRecipe, tmp_path: Path
) -> None:
    setup = Setup(tmp_path)
    with pytest.raises(ConfigError, match="two image encoders"):
        SearchTask(recipe, setup, (features(photos(4)), features(photos(1), "def")))
    with pytest.raises(DataError, match="describes none of the photos"):
        SearchTask(recipe, setup, (features(["dog-snow-9.jpg"]), features(photos(1))))


def test_the_shares_of_a_batch_make_up_its_gradients(recipe: SearchRecipe, tmp_path: Path) -> None:
    """Each process computes the loss of its own captions, against those of all."""
    task = SearchTask(recipe, Setup(tmp_path), (features(photos(4)), features(photos(1))))
    for number in (0, recipe.words.epochs):
        batch = next(task.batches.epoch(number))

        def gradients(shares: list[SearchBatch], batch: SearchBatch = batch) -> dict[str, torch.Tensor]:
            task.model.zero_grad(set_to_none=True)
            for share in shares:
                task.objective(share, batch, 0).loss.backward()
            found = ((name, each.grad) for name, each in task.model.named_parameters() if each.grad is not None)
            return {name: grad.to_dense() if grad.is_sparse else grad for name, grad in found}

        whole, parts = gradients([batch]), gradients([batch.share(rank, 3) for rank in range(3)])
        for name, gradient in whole.items():
            torch.testing.assert_close(parts[name], gradient, atol=1e-6, rtol=1e-4)


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
