"""What a beam changes on a test set, as it is kept beside a model."""

import json
import shutil
from pathlib import Path

import pytest

from seq2seq.errors import CheckpointError
from seq2seq.evaluation.searches import FILE, SearchComparison, compare_searches, read_searches, save_searches

REFERENCES = ["the cat sat down", "a dog ran away fast", "it is cold outside now"]
GREEDY = ["the cat sat down", "a cat ran away fast", "it is cold outside now"]
BEAM = ["the cat sat down", "a dog ran away fast", "it is warm outside now"]


@pytest.fixture
def folder(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    """A checkpoint of its own."""
    return shutil.copytree(tiny_checkpoint, tmp_path / "model")


def comparison(folder: Path, beam: list[str]) -> SearchComparison:
    """Return the comparison of a beam's outputs with greedy's."""
    sources = ["un", "deux", "trois"]
    return compare_searches(folder, sources, REFERENCES, GREEDY, beam, test="t.tsv", beam_size=5, alpha=0.6)


def test_only_sentences_that_differ_are_kept_with_what_they_gain(folder: Path) -> None:
    found = comparison(folder, BEAM)
    assert [one.source for one in found.differing] == ["deux", "trois"]
    assert found.share == pytest.approx(2 / 3)
    gained, lost = found.differing
    assert gained.beam_chrf == 100.0
    assert gained.gain > 0 > lost.gain


def test_equal_searches_differ_nowhere_and_by_chance(folder: Path) -> None:
    found = comparison(folder, GREEDY)
    assert found.differing == ()
    assert [one.p for one in found.metrics] == [1.0, 1.0]


def test_what_is_saved_is_read_back_and_tied_to_the_weights(folder: Path) -> None:
    assert read_searches(folder) is None
    saved = comparison(folder, BEAM)
    save_searches(folder, saved)
    assert read_searches(folder) == saved
    values = json.loads((folder / FILE).read_text(encoding="utf-8"))
    (folder / FILE).write_text(json.dumps(values | {"weights": "0" * 16}), encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"other weights.*evaluate --save-searches"):
        read_searches(folder)
