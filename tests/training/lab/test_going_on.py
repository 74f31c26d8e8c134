"""The verb `lab`: it goes on where it was stopped, also beside another one, and mixes no two laboratories."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner, Result

from seq2seq.cli import main
from seq2seq.training import Training, read_recipe, training_folder
from seq2seq.training.lab import RunName, read_lab
from seq2seq.training.lab.regimes import changes, runs, snapshot_updates
from seq2seq.training.lab.work import GRADIENTS, on_data
from seq2seq.training.progress import KEPT_CHECKPOINTS
from tests import minilab

UPDATES = 8
WALL_CLOCK = ("tokens_per_second", "core_minutes")
FIGURES = ("loss", "accuracy", "norms")  # means since the last line, which a stop cuts in two


def lab(words: list[str], *extra: str) -> Result:
    """Run the verb, which has to succeed."""
    result = CliRunner().invoke(main, [*words, *extra])
    assert result.exit_code == 0, result.output
    return result


def fails(words: list[str], *extra: str) -> str:
    """Run the verb, which has to fail, and return its one line."""
    result = CliRunner().invoke(main, [*words, *extra])
    assert result.exit_code == 2, result.output
    line = result.stderr.splitlines()[-1]
    assert line.startswith("Error: ")
    return line


def stopped(place: Path, name: RunName, update: int) -> Training:
    """Train a run of the lab below `place` as the verb does, and stop it after `update`."""
    recipe = read_recipe(place / "tiny.toml", (*on_data(place / "data"), *changes(name, UPDATES)))
    training = Training(recipe, place / "work" / str(name))
    training.run(stop_at=update)
    torch.manual_seed(12345)  # another process would stand elsewhere
    return training


def weights(place: Path, name: str) -> bytes:
    return (place / "work" / name / "weights.safetensors").read_bytes()


def history(place: Path, name: str) -> list[dict[str, Any]]:
    lines = (place / "work" / name / "history.jsonl").read_text(encoding="utf-8").splitlines()
    return [{k: v for k, v in json.loads(line).items() if k not in (*WALL_CLOCK, *FIGURES)} for line in lines]


def kept_snapshots(place: Path) -> dict[int, bytes]:
    folder = training_folder(place / "work" / "always-1") / KEPT_CHECKPOINTS
    return {int(one.name): (one / "weights.safetensors").read_bytes() for one in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs that nothing came between."""
    place = tmp_path_factory.mktemp("unbroken")
    lab(minilab.prepare(place), "--only", "always-1", "--only", "ratio-0.5-1", "--only", "sampled-0.5-1")
    return place


@pytest.mark.parametrize("name", ["ratio-0.5", "sampled-0.5"])
def test_a_run_that_was_stopped_becomes_what_it_would_have_become(
    unbroken: Path, tmp_path: Path, name: str
) -> None:
    words = minilab.prepare(tmp_path)
    stopped(tmp_path, RunName(name, 1), 5)
    lab(words, "--only", f"{name}-1")
    assert weights(tmp_path, f"{name}-1") == weights(unbroken, f"{name}-1")
    assert history(tmp_path, f"{name}-1") == history(unbroken, f"{name}-1")


def test_the_snapshots_of_a_stopped_run_are_those_of_an_unbroken_one(unbroken: Path, tmp_path: Path) -> None:
    words = minilab.prepare(tmp_path)
    training = stopped(tmp_path, RunName("always", 1), 3)
    draft = training.folder / KEPT_CHECKPOINTS / ".0000004-killed"  # as `kill -9` leaves it
    draft.mkdir()
    lab(words, "--only", "always-1")
    draft.rmdir()
    assert kept_snapshots(tmp_path) == kept_snapshots(unbroken)
    assert tuple(kept_snapshots(unbroken)) == snapshot_updates(UPDATES)
    draft.mkdir()
    lab(words, "--summary")
    record = read_lab(tmp_path / "lab")
    assert record is not None
    assert tuple(one.update for one in record.snapshots) == snapshot_updates(UPDATES)


def test_a_training_begun_anew_forgets_the_snapshots_of_the_old_one(tmp_path: Path) -> None:
    words = minilab.prepare(tmp_path)
    stopped(tmp_path, RunName("always", 1), 3)
    old = training_folder(tmp_path / "work" / "always-1")
    assert (old / KEPT_CHECKPOINTS / "0000003").is_dir()
    (old / "state.safetensors").unlink()  # killed before anything was saved
    lab(words, "--only", "always-1", "--updates", "40")
    assert tuple(kept_snapshots(tmp_path)) == snapshot_updates(40)
    assert 3 not in snapshot_updates(40)


def test_two_commands_train_side_by_side_what_one_would_train(unbroken: Path, tmp_path: Path) -> None:
    words = minilab.prepare(tmp_path)
    command = [sys.executable, "-m", "seq2seq", *words, "--threads", "1", "--only"]
    both = [subprocess.Popen([*command, name], stderr=subprocess.PIPE) for name in ("always-1", "ratio-0.5-1")]
    for one in both:
        _, told = one.communicate()
        assert one.returncode == 0, told.decode()
    for name in ("always-1", "ratio-0.5-1"):
        assert weights(tmp_path, name) == weights(unbroken, name)


def test_one_command_makes_the_whole_laboratory(tmp_path: Path) -> None:
    words = minilab.prepare(tmp_path)
    result = lab(words, "--updates", "2")
    record = read_lab(tmp_path / "lab")
    assert record is not None
    assert {run.name for run in record.runs} == {str(run) for run in runs(2)}
    assert result.stdout.count("test BLEU") == len(record.runs)
    assert {run.name for run in record.runs if run.folder} == {str(run) for run in runs(2) if run.seed == 1}
    assert all((run.p_bleu is None) == (run.regime == "always") for run in record.runs)
    assert all(one.stat().st_size < 1_000_000 for one in (tmp_path / "lab").rglob("*") if one.is_file())


def test_runs_of_different_budgets_are_never_measured_together(tmp_path: Path) -> None:
    words = minilab.prepare(tmp_path)
    lab(words, "--only", "always-1")
    assert "ended after 8 updates, not 4" in fails(words, "--only", "always-1", "--updates", "4")
    lab(words, "--only", "never-1", "--updates", "4")
    assert "differ in vocabulary, shape or budget" in fails(words, "--summary")
    assert read_lab(tmp_path / "lab") is None


@pytest.mark.parametrize("change", ["target_size = 309", "embedding = 10"])
def test_runs_of_other_vocabularies_or_shapes_are_never_measured_together(tmp_path: Path, change: str) -> None:
    words = minilab.prepare(tmp_path)
    lab(words, "--only", "always-1")
    key = change.split(" ")[0]
    recipe = tmp_path / "tiny.toml"
    lines = [change if line.startswith(key) else line for line in recipe.read_text(encoding="utf-8").splitlines()]
    recipe.write_text("\n".join(lines), encoding="utf-8")
    lab(words, "--only", "never-1")
    assert "differ in vocabulary, shape or budget" in fails(words, "--summary")


def test_measured_twice_it_is_the_same_and_gradients_of_another_budget_are_measured_anew(tmp_path: Path) -> None:
    words = minilab.prepare(tmp_path)
    lab(words, "--only", "never-1")
    lab(words, "--summary")
    first = read_lab(tmp_path / "lab")
    kept = (tmp_path / "work" / GRADIENTS).stat().st_mtime_ns
    lab(words, "--summary")
    assert read_lab(tmp_path / "lab") == first
    assert (tmp_path / "work" / GRADIENTS).stat().st_mtime_ns == kept
    lab(words, "--summary", "--updates", "12")
    record = read_lab(tmp_path / "lab")
    assert record is not None
    assert {one.updates for one in record.gradients} == {0, 3}


@pytest.mark.parametrize("text", ["", "[{}]", '[{"cell": "gru"}]'])
def test_damaged_gradients_are_one_sentence(tmp_path: Path, text: str) -> None:
    words = minilab.prepare(tmp_path)
    lab(words, "--only", "never-1")
    (tmp_path / "work" / GRADIENTS).write_text(text, encoding="utf-8")
    assert GRADIENTS in fails(words, "--summary")


def test_a_summary_measures_all_runs_or_none(tmp_path: Path) -> None:
    words = minilab.prepare(tmp_path)
    assert "leave --only out" in fails(words, "--summary", "--only", "never-1")


def test_a_data_folder_without_pairs_is_one_sentence(tmp_path: Path) -> None:
    words = minilab.prepare(tmp_path)
    (tmp_path / "data" / "train.tsv").unlink()
    assert "train.tsv" in fails(words, "--only", "never-1")
