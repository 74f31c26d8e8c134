"""Scores by length that are kept beside a checkpoint."""

import json
import shutil
from pathlib import Path

import pytest

from seq2seq.errors import CheckpointError
from seq2seq.evaluation import by_length
from seq2seq.evaluation.stored import FILE, LengthScores, length_scores, read_lengths, save_lengths

SOURCES = ["a " * count for count in (2, 3, 7, 20)]
TEXTS = [f"the cat number {number} sat down here" for number in range(4)]


@pytest.fixture
def folder(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    """A checkpoint of its own."""
    return shutil.copytree(tiny_checkpoint, tmp_path / "model")


def scores(folder: Path) -> LengthScores:
    """Return a perfect test of four pairs."""
    return length_scores(folder, by_length(SOURCES, TEXTS, TEXTS), test="test.tsv", beam_size=5, alpha=0.6)


def test_what_is_saved_is_read_back(folder: Path) -> None:
    assert read_lengths(folder) is None
    saved = scores(folder)
    save_lengths(folder, saved)
    assert read_lengths(folder) == saved
    assert [(band.name, band.pairs, band.bleu) for band in saved.bands] == [
        ("1–5", 2, 100.0),
        ("6–10", 1, 100.0),
        ("11–15", 0, None),
        ("16+", 1, 100.0),
    ]
    assert saved.test == "test.tsv"
    assert "tok:13a" in saved.bleu_signature


def test_a_test_of_other_weights_is_refused(folder: Path) -> None:
    save_lengths(folder, scores(folder))
    values = json.loads((folder / FILE).read_text(encoding="utf-8"))
    (folder / FILE).write_text(json.dumps(values | {"weights": "0" * 16}), encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"other weights.*evaluate --save-lengths"):
        read_lengths(folder)


@pytest.mark.parametrize("change", [{"bands": []}, {"unknown": 1}, {"format": 2}, {"test": ""}, {"beam_size": 0}])
def test_a_damaged_file_is_one_sentence(folder: Path, change: dict[str, object]) -> None:
    values = scores(folder).model_dump() | change
    (folder / FILE).write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(CheckpointError, match=FILE):
        read_lengths(folder)


def test_bands_that_overlap_are_refused(folder: Path) -> None:
    values = scores(folder).model_dump()
    bands = [band | {"shortest": 1} for band in values["bands"]]
    (folder / FILE).write_text(json.dumps(values | {"bands": bands}), encoding="utf-8")
    with pytest.raises(CheckpointError, match="overlap"):
        read_lengths(folder)
