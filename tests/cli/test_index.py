"""index, and what evaluate then says more."""

import gzip
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from seq2seq.cli import main
from seq2seq.explain import index_folder, load_neighbours, load_seen
from tests.tiny import PAIRS


def run(*words: str | Path) -> Result:
    """Run a verb."""
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def folder(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    """A copy of the tiny checkpoint."""
    return shutil.copytree(tiny_checkpoint, tmp_path / "tiny")


@pytest.fixture
def train(tmp_path: Path) -> Path:
    """A gzipped training set."""
    file = tmp_path / "train.tsv.gz"
    file.write_bytes(gzip.compress("".join(f"{source}\t{target}\n" for source, target in PAIRS).encode()))
    return file


def test_index_adds_both_files_and_says_how_good_they_are(folder: Path, train: Path) -> None:
    result = run("index", "--model", folder, train)
    assert result.exit_code == 0, result.output
    assert "recall at 10: decoder" in result.stdout
    assert f"{len(PAIRS)} sentences" in result.stdout
    assert load_neighbours(folder) is not None
    seen = load_seen(folder)
    assert seen is not None
    assert all(seen.classify(source).novelty == "seen" for source, _ in PAIRS)
    assert not [file for file in folder.iterdir() if file.name.startswith(".")]
    assert run("info", folder).exit_code == 0


def test_without_files_the_recipe_says_what_was_trained_on(folder: Path) -> None:
    (folder / "train.toml").write_text(
        "[data]\ngrammar = 60\nvalid_pairs = 10\n[training.schedule]\nkind = 'one-cycle'\nupdates = 20\n",
        encoding="utf-8",
    )
    result = run("index", "--model", folder)
    assert result.exit_code == 0, result.output
    seen = load_seen(folder)
    assert seen is not None
    assert 30 < len(seen) <= 60


def test_evaluate_splits_its_scores_before_the_last_line(folder: Path, train: Path, tmp_path: Path) -> None:
    test = tmp_path / "test.tsv"
    test.write_text(
        "Il fait froid dehors.\ta\nIl fait chaud dehors.\tb\nTu manges bien ici.\tc\n", encoding="utf-8"
    )
    plain = run("evaluate", "--model", folder, test).stdout
    assert "in training" not in plain
    assert run("index", "--model", folder, train).exit_code == 0
    lines = run("evaluate", "--model", folder, test).stdout.splitlines()
    assert lines[-1] == plain.splitlines()[-1]
    start = next(i for i, line in enumerate(lines) if "in training" in line)
    assert [line.split()[:2] for line in lines[start + 1 : start + 4]] == [
        ["seen", "1"],
        ["near", "1"],
        ["new", "1"],
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "is empty"), ("no tab\n", "line 1 has no tab"), ("Oui.\tYes.\n", "two is the least")],
)
def test_a_wrong_file_is_one_line_and_nothing_is_written(
    folder: Path, tmp_path: Path, text: str, says: str
) -> None:
    file = tmp_path / "wrong.tsv"
    file.write_text(text, encoding="utf-8")
    before = sorted(folder.iterdir())
    result = run("index", "--model", folder, file)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert says in result.stderr
    assert sorted(folder.iterdir()) == before


def test_without_files_and_without_a_recipe_one_line_says_so(folder: Path) -> None:
    result = run("index", "--model", folder)
    assert result.exit_code == 2
    assert "train.toml" in result.stderr


def test_damaged_files_are_one_line(folder: Path, train: Path) -> None:
    index_folder(folder).mkdir()
    (index_folder(folder) / "seen.safetensors").write_bytes(b"rubbish")
    result = run("evaluate", "--model", folder, train)
    assert result.exit_code == 2
    assert "seen.safetensors is damaged" in result.stderr
    assert result.stderr.count("\n") == 1
