"""Trainings that are stopped, resumed and started twice; and how --set is read."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from seq2seq.checkpoint_config import read_config
from seq2seq.cli import main
from seq2seq.data import Languages, Pair, prepare, write_pairs
from seq2seq.errors import CheckpointError
from seq2seq.training import read_recipe, training_folder
from seq2seq.training.progress import read_progress
from seq2seq.training.resuming import exclusive_lock
from tests.cli.conftest import RECIPE
from tests.cli.test_train import fails
from tests.data.test_table import PAIRS

ROOT = Path(__file__).parents[2]


def train(*words: object) -> Result:
    return CliRunner().invoke(main, ["train", *map(str, words)])


def started(recipe: Path, out: Path, *words: str) -> "subprocess.Popen[bytes]":
    """Start a training in a process of its own that would take minutes."""
    longer = ("--set", "training.schedule.updates=100000", "--threads", "1")
    command = [sys.executable, "-m", "seq2seq", "train", str(recipe), "--out", str(out), *longer, *words]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def wait_for(path: Path) -> None:
    end = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < end, f"{path} did not come"
        time.sleep(0.02)


def test_a_second_training_of_one_output_is_refused_and_a_dead_one_is_not_in_the_way(
    recipe: Path, tmp_path: Path
) -> None:
    out = tmp_path / "model"
    first = started(recipe, out)
    try:
        wait_for(training_folder(out) / "progress.json")
        fails(train(recipe, "--out", out), "Another process is training", "name another --out")
        fails(train(recipe, "--out", out, "--resume"), "Another process is training")
    finally:
        os.kill(first.pid, signal.SIGKILL)
        first.communicate()
    fails(train(recipe, "--out", out), "add --resume")
    fails(train(recipe, "--out", out, "--resume"), "training.schedule.updates (was 100000, is 8)")


def test_a_refused_start_leaves_nothing_behind(recipe: Path, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("Dear")
    before = sorted(path.name for path in tmp_path.iterdir())
    fails(train(recipe, "--out", tmp_path / "letters"), "already there")
    fails(train(recipe, "--out", tmp_path / "new", "--resume"), "holds no training to resume")
    fails(train(recipe, "--out", tmp_path / "new", "--set", "data.train=none.tsv", "--set", "data.valid=none.tsv"))
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    with pytest.raises(CheckpointError, match="can't be written"), exclusive_lock(tmp_path / "tiny.toml" / "model"):
        pass


@pytest.mark.parametrize("out", [".", "/"])
def test_a_place_without_a_name_is_no_output(
    recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    monkeypatch.chdir(tmp_path)
    fails(train(recipe, "--out", out), "name a new one for the checkpoint")
    fails(train("--out", out, "--resume"), "name a new one for the checkpoint")


def test_sigterm_is_a_first_ctrl_c(recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "model"
    process = started(recipe, out)
    wait_for(training_folder(out) / "progress.json")
    before = read_progress(training_folder(out)).update
    process.terminate()
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"--resume goes on from update" in said
    assert read_progress(training_folder(out)).update >= before


def test_a_resume_takes_the_run_s_own_recipe_and_may_ask_for_more(recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "model"
    assert train(recipe, "--out", out, "--set", "training.seed=7").exit_code == 0
    assert "has finished already" in train("--out", out, "--resume").output
    more = train("--out", out, "--resume", "--set", "training.schedule.updates=12")
    assert more.exit_code == 0, more.output
    assert read_progress(training_folder(out)).update == 12
    assert read_recipe(out / "train.toml").training.schedule.updates == 12
    updates = [json.loads(line)["update"] for line in (out / "history.jsonl").read_text().splitlines()]
    assert updates == sorted(updates)
    assert updates[-1] == 12
    fails(train("--out", tmp_path / "other"), "RECIPE is missing")
    fails(train("--out", tmp_path / "other", "--resume"), "holds no training to resume")


def test_another_recipe_is_refused_by_the_keys_that_differ(recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "model"
    assert train(recipe, "--out", out, "--set", "training.seed=7").exit_code == 0
    fails(train(recipe, "--out", out, "--resume"), "training.seed (was 7, is 1)", "Leave the recipe out")
    changed = ("--set", "training.schedule.updates=4", "--set", "model.cell=rnn", "--set", "training.clip=2")
    result = train("--out", out, "--resume", *changed)
    fails(result, "model.cell (was gru, is rnn), training.clip (was 1.0, is 2.0)", "updates (was 8, is 4)")


@pytest.mark.parametrize("form", ["{}", '["{}"]', "[{}]", "['{}']", '"{}"', "[ {} ]"])
def test_files_are_named_in_any_way_that_a_shell_leaves(tmp_path: Path, form: str) -> None:
    write_pairs(tmp_path / "t.tsv", PAIRS)
    (tmp_path / "tiny.toml").write_text(RECIPE)
    path = str(tmp_path / "t.tsv")
    made = read_recipe(tmp_path / "tiny.toml", (f"data.train={form.format(path)}", f"data.valid={path}"))
    assert made.data.train == made.data.valid == (Path(path),)
    assert made.data.grammar == 0, "naming files switches the built-in grammar off"


@pytest.mark.parametrize("text", [r"C:\Users\me\train.tsv", r"data\mine\train.tsv", r"\\server\new\table.tsv"])
@pytest.mark.parametrize("form", ['["{}"]', "{}", "[{}]", '"{}"'])
def test_windows_paths_keep_their_backslashes(tmp_path: Path, text: str, form: str) -> None:
    (tmp_path / "tiny.toml").write_text(RECIPE)
    made = read_recipe(tmp_path / "tiny.toml", (f"data.train={form.format(text)}", "data.valid=v.tsv"))
    assert made.data.train == (Path(text),)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("model.embedding=true", "embedding = true is not possible"),
        ("training.snapshot_updates=3", "training.snapshot_updates = 3 is not possible: Write a list in brackets"),
        ("training.snapshot_updates=[true]", "snapshot_updates = [True] is not possible"),
        ("model.dropout=true", "dropout = true is not possible"),
        ("text.source_size=10000000000000000000", "source_size is not possible: the number is too large"),
        ("text.source_size=300000", "less than or equal to 200000"),
        ("training.batch_tokens=10000000000000000000000000000000", "the number is too large"),
        ("training.batch_tokens=2000000", "less than or equal to 1000000"),
        ("data.train=\udcff.tsv", "the value is not UTF-8"),
        ("training.seed", "has no ="),
        ("data.train=[true,2020-01-01]", "train = [True, datetime.date(2020, 1, 1)] is not possible"),
        (f"data.train=[[0x{'f' * 5000}]]", "a number of thousands of digits is not possible"),
        ("text.source_size=8", "can't hold this text"),
    ],
)
def test_values_that_can_not_be_are_one_sentence_in_the_recipe_s_own_words(
    recipe: Path, tmp_path: Path, change: str, says: str
) -> None:
    kind = ("--set", "text.kind=bpe") if says.startswith("can't hold") else ()
    result = train(recipe, "--out", tmp_path / "model", "--set", change, *kind)
    fails(result, says)
    assert "tuple" not in result.stderr
    assert "coverage" not in result.stderr
    assert not (tmp_path / "model").exists()


def test_the_languages_beside_the_pairs_name_the_model(tmp_path: Path) -> None:
    write_pairs(tmp_path / "pairs.tsv", [*PAIRS, *(Pair(f"Hola {n}.", f"Hello {n}.") for n in range(200))])
    prepare(tmp_path / "data", Languages("es", "en"), [str(tmp_path / "pairs.tsv")], columns=("es", "en"))
    (tmp_path / "tiny.toml").write_text(RECIPE)
    words = [f"data.{part}={tmp_path / 'data' / part}.tsv" for part in ("train", "valid")]
    made = read_recipe(tmp_path / "tiny.toml", tuple(words))
    assert (made.data.source, made.data.target) == ("es", "en")
    asked = read_recipe(tmp_path / "tiny.toml", (*words, "data.source=pt"))
    assert (asked.data.source, asked.data.target) == ("pt", "en")
    result = train(tmp_path / "tiny.toml", "--out", tmp_path / "m", *(x for w in words for x in ("--set", w)))
    assert result.exit_code == 0, result.output
    assert read_config(tmp_path / "m").source == "es"
    assert "validation pairs: scores of so few jump by chance" in result.stderr


def test_training_pairs_of_one_target_are_refused_before_any_work(recipe: Path, tmp_path: Path) -> None:
    write_pairs(tmp_path / "one.tsv", [Pair(source, "Yes.") for source, _ in PAIRS])
    files = ("--set", f"data.train={tmp_path / 'one.tsv'}", "--set", f"data.valid={tmp_path / 'one.tsv'}")
    result = train(recipe, "--out", tmp_path / "model", *files)
    *warnings, error = result.stderr.splitlines()
    assert result.exit_code == 2
    assert "All 210 training pairs have the target 'Yes.'" in error
    assert any("210 of 210 validation sources stand in training" in warning for warning in warnings)


def test_a_link_is_the_same_output_as_what_it_leads_to(recipe: Path, tmp_path: Path) -> None:
    out, link = tmp_path / "model", tmp_path / "link"
    link.symlink_to(out)
    with exclusive_lock(out):
        fails(train(recipe, "--out", link), "Another process is training")


def test_an_empty_file_name_is_refused_in_a_sentence(recipe: Path, tmp_path: Path) -> None:
    fails(train(recipe, "--out", tmp_path / "model", "--set", "data.train="), "name files for both")
