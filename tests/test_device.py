"""What --device does: the same everywhere. The GPU's half runs where there is one."""

from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from seq2seq.checkpoint import read_checkpoint
from seq2seq.cli import main
from seq2seq.training.card import recipe_toml
from tests.training.recipes import recipe

LINES = "Le chien dort.\n\nJe suis ici. Où est-il ?\n"
WITHOUT_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
DEVICES = pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=WITHOUT_GPU)])


def run(*words: object, lines: str = "") -> str:
    result = CliRunner().invoke(main, [str(word) for word in words], input=lines)
    assert result.exit_code == 0, result.output
    return result.stdout


@DEVICES
@pytest.mark.parametrize("search", [("--beam-size", 1), ("--beam-size", 4, "--coverage", 0.3, "--no-repeat", 2)])
def test_every_device_translates_alike(tiny_checkpoint: Path, device: str, search: tuple[object, ...]) -> None:
    words = ("translate", "--model", tiny_checkpoint, *search)
    assert run(*words, "--device", device, lines=LINES) == run(*words, lines=LINES)


@DEVICES
def test_every_device_trains_to_a_checkpoint_that_any_reads(tmp_path: Path, device: str) -> None:
    (tmp_path / "recipe.toml").write_text(recipe_toml(recipe(tmp_path)))
    run("train", tmp_path / "recipe.toml", "--out", tmp_path / "model", "--device", device)
    weights = read_checkpoint(tmp_path / "model").model.state_dict()
    assert all(value.device.type == "cpu" and value.isfinite().all() for value in weights.values())
    assert run("translate", "--model", tmp_path / "model", lines=LINES).count("\n") == 3
