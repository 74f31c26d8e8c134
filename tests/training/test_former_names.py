"""Recipes with the names that keys had in earlier versions, and trainings that were begun with them."""

from pathlib import Path

import pytest

from seq2seq.digests import digest
from seq2seq.training.recipe import read_recipe
from seq2seq.training.resuming import fingerprint_of, is_fingerprint_of

OLD = Path(__file__).parents[1] / "recorded" / "quick-start-0.1.0.toml"
DIGEST = "46961ddf821af0d3"  # of the recipe, as 0.1.0 wrote it into a training's state


def test_former_keys_are_read_as_the_present_ones_with_a_warning() -> None:
    with pytest.warns(FutureWarning, match="The key rise is called warmup now"):
        found = read_recipe(OLD)
    assert found.training.schedule.warmup == 0.15


@pytest.mark.parametrize("name", ["rise", "warmup"])
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_a_change_counts_by_either_name(name: str) -> None:
    found = read_recipe(OLD, (f"training.schedule.{name}=0.25",))
    assert found.training.schedule.warmup == 0.25


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_a_training_of_an_earlier_version_knows_its_recipe_again() -> None:
    recipe = read_recipe(OLD)
    assert digest(recipe.former_json().encode()) == DIGEST
    assert is_fingerprint_of(DIGEST, recipe)
    assert is_fingerprint_of(fingerprint_of(recipe), recipe)
    assert not is_fingerprint_of(DIGEST, read_recipe(OLD, ("training.seed=2",)))
