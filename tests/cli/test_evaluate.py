"""evaluate: its table and its last line."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from seq2seq.cli import main
from seq2seq.evaluation import corpus_scores
from seq2seq.evaluation.searches import read_searches
from seq2seq.evaluation.stored import read_lengths
from seq2seq.translator import Translator
from tests.tiny import PAIRS


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """A test set of a dozen pairs."""
    file = tmp_path / "pairs.tsv"
    file.write_text("".join(f"{source}\t{target}\n" for source, target in PAIRS), encoding="utf-8")
    return file


def test_the_last_line_has_bleu_and_chrf_with_signatures(
    tiny_checkpoint: Path, translator: Translator, pairs: Path
) -> None:
    result = CliRunner().invoke(main, ["evaluate", "--model", str(tiny_checkpoint), str(pairs)])
    assert result.exit_code == 0, result.output
    texts = [one.text for one in translator.translate([source for source, _ in PAIRS])]
    last = result.stdout.splitlines()[-1]
    assert last == str(corpus_scores(texts, [target for _, target in PAIRS]))
    assert last.startswith("BLEU = ")
    assert "tok:13a" in last
    assert "chrF2 = " in last


def test_the_table_counts_every_pair_by_the_length_of_its_source(tiny_checkpoint: Path, pairs: Path) -> None:
    result = CliRunner().invoke(main, ["evaluate", "--model", str(tiny_checkpoint), "--beam-size", "1", str(pairs)])
    rows = [line.split() for line in result.stdout.splitlines()[1:5]]
    assert [row[0] for row in rows] == ["1-5", "6-10", "11-15", "16+"]
    assert sum(int(row[1]) for row in rows) == len(PAIRS)


def test_a_model_against_itself_does_not_differ(tiny_checkpoint: Path, pairs: Path) -> None:
    words = ["evaluate", "--model", str(tiny_checkpoint), "--against", str(tiny_checkpoint), str(pairs)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    assert "+0.00  p = 1.0000, may well be chance" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("BLEU = ")


def test_a_wrong_other_folder_is_one_line_before_any_work(
    tiny_checkpoint: Path, pairs: Path, tmp_path: Path
) -> None:
    words = ["evaluate", "--model", str(tiny_checkpoint), "--against", str(tmp_path / "none"), str(pairs)]
    result = CliRunner().invoke(main, words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1


def test_scores_by_length_are_kept_on_request(tiny_checkpoint: Path, pairs: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "model")
    words = ["evaluate", "--model", str(folder), "--beam-size", "1", "--save-lengths", str(pairs)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    kept = read_lengths(folder)
    assert kept is not None
    assert (kept.test, kept.beam_size, kept.alpha) == ("pairs.tsv", 1, Translator.load(folder).config.alpha)
    assert [band.pairs for band in kept.bands] == [int(line.split()[1]) for line in result.stdout.splitlines()[1:5]]


def test_what_the_beam_changes_is_kept_on_request(tiny_checkpoint: Path, pairs: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "model")
    words = ["evaluate", "--model", str(folder), "--beam-size", "3", "--save-searches", str(pairs)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    kept = read_searches(folder)
    assert kept is not None
    assert (kept.beam_size, kept.sentences, kept.test) == (3, len(PAIRS), "pairs.tsv")
    assert f"{kept.share:.1%} of the sentences differ" in result.stdout
    greedy = CliRunner().invoke(main, [*words[:4], "1", "--save-searches", str(pairs)])
    assert greedy.exit_code == 2
    assert greedy.stderr.count("\n") == 1
