"""The regimes of the laboratory: what each decay does, and that runs of one seed differ in the forcing alone."""

import math
from pathlib import Path

import pytest
import torch

from seq2seq.cli.train import recipe_file
from seq2seq.training import Training, read_recipe
from seq2seq.training.lab.regimes import (
    ALWAYS,
    NEVER,
    RunName,
    changes,
    half_at,
    regimes,
    runs,
    snapshot_updates,
    title,
)
from seq2seq.training.recipe import Forcing
from seq2seq.training.schedules import forcing_ratio

UPDATES = 4000


def forcing(regime: str, updates: int = UPDATES) -> Forcing:
    """Return the forcing of a regime, by the lab's own recipe."""
    return read_recipe(recipe_file("lab"), changes(RunName(regime, 1), updates)).forcing.ratio


@pytest.mark.parametrize(
    ("regime", "start", "half", "end"),
    [
        (ALWAYS, 1.0, 1.0, 1.0),
        ("ratio-0.75", 0.75, 0.75, 0.75),
        (NEVER, 0.0, 0.0, 0.0),
        ("linear", 1.0, 0.5, 0.0),
        ("exponential", 1.0, math.sqrt(0.02), 0.02),
        ("inverse-sigmoid", 0.997, 0.5, 0.003),
    ],
)
def test_each_regime_forces_as_its_name_says(regime: str, start: float, half: float, end: float) -> None:
    for update, ratio in ((0, start), (UPDATES // 2, half), (UPDATES, end)):
        assert forcing_ratio(forcing(regime), update) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize("update", [10.0, 500.0, 2000.0, 50_000.0])
def test_the_inverse_sigmoid_is_a_half_where_it_should_be(update: float) -> None:
    k = half_at(update)
    assert k / (k + math.exp(update / k)) == pytest.approx(0.5)


def test_sixteen_runs_of_ten_regimes_three_of_them_with_three_seeds() -> None:
    named = runs(UPDATES)
    assert len(set(named)) == len(named) == 16
    assert len(regimes(UPDATES)) == 10
    seeds = {regime.name: len(regime.seeds) for regime in regimes(UPDATES)}
    assert {name for name, count in seeds.items() if count == 3} == {ALWAYS, "ratio-0.5", "inverse-sigmoid"}


def test_two_regimes_flip_otherwise() -> None:
    by_sequence = read_recipe(recipe_file("lab"), changes(RunName("sequence-0.5", 1), 10)).forcing
    sampled = read_recipe(recipe_file("lab"), changes(RunName("sampled-0.5", 1), 10)).forcing
    assert (by_sequence.flip, by_sequence.feedback) == ("sequence", "argmax")
    assert (sampled.flip, sampled.feedback) == ("token", "sample")


@pytest.mark.parametrize("updates", [1, 12, 4000])
def test_snapshots_rise_to_the_end_and_are_kept_by_one_run_alone(updates: int) -> None:
    kept = snapshot_updates(updates)
    assert list(kept) == sorted(set(kept))
    assert kept[-1] == updates
    assert len(kept) <= 12
    assert not any("moments" in change for change in changes(RunName(NEVER, 1), updates))


def test_runs_of_one_seed_share_first_weights_and_order_of_data(tmp_path: Path) -> None:
    lines = "".join(f"le mot {n}\tthe word {n}\n" for n in range(200))
    for name in ("train", "valid"):
        (tmp_path / f"{name}.tsv").write_text(lines, encoding="utf-8")
    made = []
    for run in (RunName(ALWAYS, 2), RunName(NEVER, 2), RunName(ALWAYS, 3)):
        data = (f'data.train=["{tmp_path}/train.tsv"]', f'data.valid=["{tmp_path}/valid.tsv"]')
        small = ("text.source_size=300", "text.target_size=300")
        recipe = read_recipe(recipe_file("lab"), (*changes(run, 10), *data, *small))
        made.append(Training(recipe, tmp_path / str(run)))
    first, same, other = made
    assert all(torch.equal(a, b) for a, b in zip(first.model.parameters(), same.model.parameters(), strict=True))
    assert any(
        not torch.equal(a, b) for a, b in zip(first.model.parameters(), other.model.parameters(), strict=True)
    )
    order = [next(training.task.batches.epoch(0)).source for training in made]
    assert torch.equal(order[0], order[1])
    assert not torch.equal(order[0], order[2])


def test_an_unknown_regime_is_called_by_its_name() -> None:
    assert title("always") == "always forced"
    assert title("mine") == "mine"
