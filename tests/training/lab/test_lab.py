"""The laboratory as a whole: what it writes, that it goes on where it stopped, and what goes wrong."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from seq2seq.cli import main
from seq2seq.errors import CheckpointError
from seq2seq.training.lab import read_lab
from seq2seq.training.lab.record import FILE, curve_of, mean_and_spread
from seq2seq.translator import Translator
from tests import minilab


def test_the_record_holds_the_runs_and_what_is_kept_of_them(minilab_folder: Path) -> None:
    lab = read_lab(minilab_folder)
    assert lab is not None
    assert [run.name for run in lab.runs] == ["always-1", "always-2", "never-1"]
    assert lab.regimes == ["always", "never"]
    assert {run.updates for run in lab.runs} == {8}
    assert {run.folder for run in lab.runs} == {"always-1", None, "never-1"}
    kept = lab.kept("never")
    assert kept is not None
    assert kept.folder is not None
    assert Translator.load(minilab_folder / kept.folder).translate(["Il fait froid."])
    for run in lab.runs:
        assert run.curve.updates == (2, 4, 6, 8)
        assert run.curve.valid_updates == (4, 8)
        assert set(run.curve.ratio) == {1.0 if run.regime == "always" else 0.0}
        assert len(run.recovery) == 3
        assert run.exposure.sentences[0] == run.test.pairs == 80


def test_differences_are_tested_against_the_forced_run_of_the_same_seed(minilab_folder: Path) -> None:
    lab = read_lab(minilab_folder)
    assert lab is not None
    found = {run.name: (run.p_bleu, run.p_chrf) for run in lab.runs}
    assert found["always-1"] == found["always-2"] == (None, None)
    assert all(p is not None and 0 <= p <= 1 for p in found["never-1"])


def test_the_snapshots_of_the_watched_run_are_models(minilab_folder: Path) -> None:
    lab = read_lab(minilab_folder)
    assert lab is not None
    assert lab.watched == "always-1"
    updates = [one.update for one in lab.snapshots]
    assert updates == sorted(updates)
    assert updates[-1] == 8
    Translator.load(minilab_folder / lab.snapshots[0].folder)


def test_gradients_are_measured_for_each_cell_before_and_after(minilab_folder: Path) -> None:
    lab = read_lab(minilab_folder)
    assert lab is not None
    kinds = {(one.cell, one.attention, one.updates > 0) for one in lab.gradients}
    assert len(kinds) == len(lab.gradients) == 12
    assert len({len(one.norms) for one in lab.gradients}) == 1


def test_a_run_that_has_ended_is_not_trained_again(tmp_path: Path) -> None:
    words = minilab.prepare(tmp_path)
    CliRunner().invoke(main, [*words, "--only", "never-1"])
    weights = tmp_path / "work" / "never-1" / "weights.safetensors"
    before = weights.stat().st_mtime_ns
    result = CliRunner().invoke(main, [*words, "--only", "never-1"])
    assert result.exit_code == 0, result.output
    assert weights.stat().st_mtime_ns == before


def test_an_unknown_run_and_a_summary_of_nothing_are_one_line(tmp_path: Path) -> None:
    words = minilab.prepare(tmp_path)
    for extra in (["--only", "always-9"], ["--summary"]):
        result = CliRunner().invoke(main, [*words, *extra])
        assert result.exit_code == 2
        assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"format": 2, "data": "x", "vocabulary": "y", "runs": []}'])
def test_a_damaged_record_is_one_sentence(tmp_path: Path, text: str) -> None:
    assert read_lab(tmp_path) is None
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(CheckpointError, match=FILE):
        read_lab(tmp_path)


def test_curves_take_the_columns_of_a_history() -> None:
    lines = [
        {"update": 2, "loss": 3.0, "ratio": 0.5, "norms": {"encoder": 1.0, "decoder": 2.0}},
        {"update": 2, "valid": {"forced_loss": 2.5, "accuracy": 0.5, "bleu": 1.0, "chrf": 2.0}, "samples": []},
        {"update": 3, "epoch": 1, "tokens": 5},
    ]
    curve = curve_of(json.loads(json.dumps(lines)))
    assert (curve.updates, curve.loss, curve.ratio) == ((2,), (3.0,), (0.5,))
    assert (curve.encoder_norm, curve.decoder_norm) == ((1.0,), (2.0,))
    assert (curve.valid_updates, curve.bleu, curve.forced_loss) == ((2,), (1.0,), (2.5,))


def test_the_spread_of_seeds_is_their_standard_deviation() -> None:
    assert mean_and_spread([3.0]) == (3.0, None)
    mean, spread = mean_and_spread([1.0, 2.0, 3.0])
    assert (mean, spread) == (2.0, pytest.approx(1.0))
