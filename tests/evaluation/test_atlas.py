"""The search atlas: what is searched, what is best, and its two forms."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from seq2seq.checkpoint_config import read_config
from seq2seq.cli import main
from seq2seq.evaluation.atlas import Atlas, AtlasCell, markdown, read_atlas, survey
from seq2seq.viz import search_atlas
from tests.tiny import PAIRS


def cell(beam_size: int, alpha: float, bleu: float, empty: float = 0.0) -> AtlasCell:
    """Return a cell of an atlas."""
    return AtlasCell(beam_size=beam_size, alpha=alpha, bleu=bleu, chrf=50.0, length_ratio=0.9, empty=empty)


ATLAS = Atlas(
    weights=None,
    test="valid.tsv",
    sentences=10,
    bleu_signature="s",
    cells=(cell(1, 0.0, 40.0), cell(1, 1.0, 40.0), cell(5, 0.0, 41.0, empty=0.1), cell(5, 1.0, 42.5)),
)


def test_greedy_is_searched_once_and_each_beam_at_every_penalty() -> None:
    asked: list[tuple[int, float]] = []

    def translate(beam_size: int, alpha: float) -> tuple[list[str], list[bool]]:
        asked.append((beam_size, alpha))
        return ["the cat sat down here", ""], [True, True]

    cells = list(survey(translate, ["the cat sat down here", "a dog"], (1, 5), (0.0, 1.0)))
    assert asked == [(1, 0.0), (5, 0.0), (5, 1.0)]
    assert [(one.beam_size, one.alpha) for one in cells] == [(1, 0.0), (1, 1.0), (5, 0.0), (5, 1.0)]
    assert {one.empty for one in cells} == {0.5}
    assert cells[0].length_ratio == pytest.approx(5 / 7, abs=0.001)


def test_the_best_penalty_is_that_of_the_best_bleu_and_of_equal_ones_the_smallest() -> None:
    assert ATLAS.best_alpha(5) == 1.0
    assert ATLAS.best_alpha(1) == 0.0


def test_the_table_marks_the_best_and_tells_of_empty_outputs() -> None:
    lines = markdown(ATLAS).splitlines()
    assert lines[0] == "| α | greedy | beam 5 |"
    assert lines[2] == "| 0 | 40.00 / 0.900 | 41.00 / 0.900 (10.0% empty) |"
    assert lines[3] == "| 1 | 40.00 / 0.900 | **42.50** / 0.900 |"


@pytest.mark.parametrize("dark", [False, True])
def test_the_figure_has_a_label_in_each_cell_and_frames_the_best(dark: bool) -> None:
    figure = search_atlas(ATLAS, dark=dark)
    assert [list(row) for row in figure.data[0].z] == [[40.0, 41.0], [40.0, 42.5]]
    assert [one.text.split("<br>")[0] for one in figure.layout.annotations] == [
        "<b>40.0</b>", "<b>40.0</b>", "<b>41.0</b>", "<b>42.5</b>"
    ]  # fmt: skip
    (frame,) = figure.layout.shapes
    assert (frame.x0, frame.x1) == (0.51, 1.49)


def test_the_verb_keeps_the_atlas_and_the_penalty_it_chose(tiny_checkpoint: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "model")
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("".join(f"{source}\t{target}\n" for source, target in PAIRS), encoding="utf-8")
    words = ["atlas", "--model", str(folder), "--beam-size", "1", "--beam-size", "3", "--alpha", "0.2", "--alpha"]
    result = CliRunner().invoke(main, [*words, "1.1", "--sentences", "4", "--save", "--set-alpha", str(pairs)])
    assert result.exit_code == 0, result.output
    kept = read_atlas(folder)
    assert kept is not None
    assert (kept.sentences, kept.beam_sizes, kept.alphas) == (4, [1, 3], [0.2, 1.1])
    assert read_config(folder).alpha == kept.best_alpha(3)
    assert markdown(kept) in result.stdout


def test_a_penalty_that_no_model_can_have_is_refused_before_any_work(tiny_checkpoint: Path, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("un\tone\n", encoding="utf-8")
    result = CliRunner().invoke(
        main, ["atlas", "--model", str(tiny_checkpoint), "--alpha", "4", "--set-alpha", str(pairs)]
    )
    assert result.exit_code == 2
    assert result.stderr == "Error: 4 can't be a model's own length penalty; choose from -1 to 3.\n"


def test_greedy_alone_has_no_penalty_to_choose(tiny_checkpoint: Path, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("un\tone\n", encoding="utf-8")
    words = ["atlas", "--model", str(tiny_checkpoint), "--beam-size", "1", "--set-alpha", str(pairs)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
