"""train and find-rate on sentences of the built-in grammar."""

import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pydantic import BaseModel
from safetensors.torch import load_file

from seq2seq.cli import main
from seq2seq.cli.train import recipe_file
from seq2seq.errors import ConfigError
from seq2seq.training import Recipe, Training, read_recipe, training_folder
from seq2seq.training.keys import recipe_tables
from seq2seq.translator import Translator
from seq2seq.vision.captioning.recipe import CaptionRecipe
from seq2seq.vision.distillation.recipe import ImageEncoderRecipe
from seq2seq.vision.retrieval.recipe import SearchRecipe


def train(recipe: Path, out: Path, *words: str) -> Result:
    """Run the verb."""
    return CliRunner().invoke(main, ["train", str(recipe), "--out", str(out), *words])


def fails(result: Result, *says: str) -> None:
    """Check that one line on stderr says what is wrong."""
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert all(part in result.stderr for part in says), result.stderr


def test_a_resumed_training_ends_with_the_weights_of_an_unbroken_one(recipe: Path, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert train(recipe, whole).exit_code == 0
    Training(read_recipe(recipe), broken).run(stop_at=3)
    resumed = train(recipe, broken, "--resume")
    assert resumed.exit_code == 0, resumed.output
    assert "8 updates" in resumed.stdout
    first, second = (load_file(folder / "weights.safetensors") for folder in (whole, broken))
    assert all(first[name].equal(second[name]) for name in first)
    assert Translator.load(broken).translate(["Il fait froid."])[0].text is not None
    assert "finished already" in train(recipe, broken, "--resume").stdout


@contextmanager
def ctrl_c_after(path: Path) -> Iterator[None]:
    """Press Ctrl-C once `path` is there."""
    left = threading.Event()

    def press() -> None:
        while not path.exists() and not left.is_set():
            time.sleep(0.01)
        if not left.is_set():
            os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    try:
        yield
    finally:
        left.set()
        thread.join()


def test_ctrl_c_keeps_the_state_and_says_how_to_go_on(recipe: Path, tmp_path: Path) -> None:
    out, endless = tmp_path / "out", ("--set", "training.schedule.updates=1000000")
    before = signal.getsignal(signal.SIGINT)
    with ctrl_c_after(out / "config.json"):
        result = train(recipe, out, *endless)
    assert result.exit_code == 130
    assert "--resume goes on from update " in result.stderr.splitlines()[-1]
    assert signal.getsignal(signal.SIGINT) == before
    changed = read_recipe(recipe, (endless[1],))
    stopped = Training(changed, out, resume=True)
    assert f"update {stopped.progress.update:,}." in result.stderr


def test_a_folder_in_use_is_never_written_over(recipe: Path, tmp_path: Path) -> None:
    used = tmp_path / "used"
    used.mkdir()
    (used / "thesis.txt").write_text("years of work", encoding="utf-8")
    fails(train(recipe, used), "already there")
    assert (used / "thesis.txt").exists()
    out = tmp_path / "out"
    assert train(recipe, out).exit_code == 0
    fails(train(recipe, out), "--resume")


def test_resuming_what_never_began_or_began_otherwise_is_one_line(recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    fails(train(recipe, out, "--resume"), "no training to resume")
    Training(read_recipe(recipe), out).run(stop_at=1)
    assert training_folder(out).is_dir()
    fails(train(recipe, out, "--resume", "--set", "training.clip=2.0"), "another recipe")


@pytest.mark.parametrize("blocks", [2, 14, 40])
def test_a_full_disk_is_one_line(recipe: Path, tmp_path: Path, blocks: int) -> None:
    """A limit on the size of files fails where a full disk would; which file it hits first depends on it."""
    words = [sys.executable, "-m", "seq2seq", "train", str(recipe), "--out", str(tmp_path / "out")]
    limited = ["sh", "-c", f"ulimit -f {blocks} && exec {shlex.join(words)}"]
    result = subprocess.run(limited, capture_output=True, text=True, check=False)
    assert result.returncode == 2, result.stderr
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert "File too large" in result.stderr


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("model.nonsense=1", "unknown key 'model.nonsense'"),
        ("training.seed=-1", "training.seed = -1"),
        ("model.cell=elman", "model.cell = 'elman'"),
        ("model.cell", "has no ="),
        ("data.grammar.more=1", "grammar is a value"),
        ("training.label_smoothing=nan", "finite"),
    ],
)
def test_a_wrong_set_names_the_key(recipe: Path, tmp_path: Path, change: str, says: str) -> None:
    fails(train(recipe, tmp_path / "out", "--set", change), says)


def test_a_bad_recipe_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[data\n", encoding="utf-8")
    fails(train(tmp_path / "bad.toml", tmp_path / "out"), "is not TOML")
    fails(train(tmp_path, tmp_path / "out"), "is a folder")
    fails(train(Path("nonsense"), tmp_path / "out"), "quick-start", "shipped recipe")


@pytest.mark.parametrize(
    ("record", "names"),
    [
        (
            Recipe,
            {
                "attention",
                "autoencoder",
                "en-fr",
                "en-fr-further",
                "en-fr-longer",
                "fr-en",
                "fr-en-everyday",
                "fr-en-further",
                "fr-en-large",
                "lab",
                "new-decoder",
                "quick-start",
                "typos",
                "words",
            },
        ),
        (CaptionRecipe, {"captions", "captions-reward"}),
        (ImageEncoderRecipe, {"inception"}),
        (SearchRecipe, {"search"}),
    ],
)
def test_a_wrong_name_lists_the_recipes_of_its_kind(record: type[BaseModel], names: set[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        recipe_file("nonsense", record)
    assert set(re.findall(r"\((.*)\)", str(caught.value))[0].split(", ")) == names


def test_a_wrong_device_is_one_line(recipe: Path, tmp_path: Path) -> None:
    fails(train(recipe, tmp_path / "out", "--device", "abacus"), "'abacus' is not a device")


@pytest.mark.parametrize("record", [Recipe, CaptionRecipe, SearchRecipe, ImageEncoderRecipe])
def test_every_key_of_a_recipe_is_explained(record: type[BaseModel]) -> None:
    tables = recipe_tables(record)
    dumb = [f"{table.name}.{key.name}" for table in tables for key in table.keys if not key.meaning]
    assert dumb == []
    assert all(table.meaning for table in tables)
    assert {"data", "averaging"} <= {table.name for table in tables}


@pytest.mark.parametrize(
    ("verb", "shown"),
    [
        ("train", 'cell = "lstm"   one of "rnn", "gru", "lstm"'),
        ("train-search", 'features = "data/features"'),
        ("train-trunk", "batch_photos = 32"),
        ("train-trunk", "[[stages]]"),
    ],
)
def test_keys_are_printed_without_a_recipe(verb: str, shown: str) -> None:
    result = CliRunner().invoke(main, [verb, "--keys"])
    assert result.exit_code == 0
    assert shown in result.stdout.splitlines()


def test_find_rate_prints_a_table_and_writes_table_and_figure(recipe: Path, tmp_path: Path) -> None:
    table, figure = tmp_path / "rates.tsv", tmp_path / "rates.html"
    words = ["find-rate", str(recipe), "--updates", "30", "--out", str(table), "--figure", str(figure)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0].split() == ["rate", "loss", "smoothed"]
    assert "rate of" in result.stdout.splitlines()[-1]
    assert table.read_text(encoding="utf-8").splitlines()[0] == "rate\tloss\tsmoothed"
    page = figure.read_text(encoding="utf-8")
    assert "learning rate of the decoder" in page
    assert 'src="http' not in page


def test_find_rate_refuses_an_impossible_file_before_any_work(recipe: Path, tmp_path: Path) -> None:
    fails(CliRunner().invoke(main, ["find-rate", str(recipe), "--out", str(tmp_path)]), "is a folder")
    fails(
        CliRunner().invoke(main, ["find-rate", str(recipe), "--out", str(tmp_path / "no" / "f")]),
        "can't be written",
    )
