"""average and info."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result
from safetensors.torch import load_file

from seq2seq.checkpoint import read_checkpoint, write_checkpoint
from seq2seq.cli import main


def run(*words: str | Path) -> Result:
    """Run a verb."""
    return CliRunner().invoke(main, [str(word) for word in words])


def other(tiny_checkpoint: Path, folder: Path, shift: float) -> Path:
    """Write a copy of the checkpoint whose weights are shifted."""
    read = read_checkpoint(tiny_checkpoint)
    with torch.no_grad():
        for parameter in read.model.parameters():
            parameter.add_(shift)
    write_checkpoint(folder, read.config, read.model, read.source, read.target, {})
    return folder


def test_the_average_lies_in_the_middle(tiny_checkpoint: Path, tmp_path: Path) -> None:
    shifted = other(tiny_checkpoint, tmp_path / "shifted", 0.5)
    result = run("average", tmp_path / "mean", tiny_checkpoint, shifted)
    assert result.exit_code == 0, result.output
    first, mean = (load_file(folder / "weights.safetensors") for folder in (tiny_checkpoint, tmp_path / "mean"))
    for name in first:
        torch.testing.assert_close(mean[name].float(), first[name].float() + 0.25, atol=2e-3, rtol=0)
    assert run("translate", "--model", tmp_path / "mean", "--text", "Oui.").exit_code == 0


def test_unlike_checkpoints_are_named_and_nothing_is_written(tiny_checkpoint: Path, tmp_path: Path) -> None:
    unlike = other(tiny_checkpoint, tmp_path / "unlike", 0.0)
    config = json.loads((unlike / "config.json").read_text(encoding="utf-8"))
    (unlike / "config.json").write_text(json.dumps(config | {"target": "de"}), encoding="utf-8")
    result = run("average", tmp_path / "mean", tiny_checkpoint, unlike)
    assert result.exit_code == 2
    assert "unlike has another target" in result.stderr
    assert not (tmp_path / "mean").exists()


def test_average_never_writes_over_a_folder(tiny_checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine", encoding="utf-8")
    assert run("average", tmp_path, tiny_checkpoint, tiny_checkpoint).exit_code == 2
    assert (tmp_path / "note.txt").exists()


def test_info_names_languages_every_layer_and_the_card(tiny_checkpoint: Path) -> None:
    result = run("info", tiny_checkpoint)
    assert result.exit_code == 0, result.output
    assert "fr to en" in result.stdout
    weights = load_file(tiny_checkpoint / "weights.safetensors")
    total = sum(value.numel() for value in weights.values())
    assert all(name in result.stdout for name in weights)
    assert f"{total:,}" in result.stdout
    assert "# A model for tests" in result.stdout


def test_info_shows_data_and_the_last_validation(tiny_checkpoint: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "trained")
    valid = {"forced_loss": 1.5, "accuracy": 0.7, "bleu": 42.0, "chrf": 60.0}
    lines = [
        {"update": 10, "valid": valid | {"bleu": 1.0}},
        {"update": 15, "loss": 1.0},
        {"update": 20, "valid": valid},
    ]
    (folder / "history.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    (folder / "train.toml").write_text(
        "[data]\ngrammar = 1500\n[training.schedule]\nkind = 'one-cycle'\nupdates = 20\n", encoding="utf-8"
    )
    shown = " ".join(run("info", folder).stdout.split())
    assert "update 20: greedy BLEU 42.00, chrF 60.00, forced loss 1.500, token accuracy 70.0%" in shown
    assert "1,500 sentences of the built-in grammar" in shown


@pytest.mark.parametrize("broken", ["config.json", "weights.safetensors", "source.model", "history.jsonl"])
def test_a_damaged_folder_is_one_line(tiny_checkpoint: Path, tmp_path: Path, broken: str) -> None:
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "broken")
    (folder / broken).write_bytes(b"rubbish")
    result = run("info", folder)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert broken in result.stderr
