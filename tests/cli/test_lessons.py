"""The verb check-lessons: what holds, what does not and for which sentences it would, what is missing."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from seq2seq.cli import main
from tests.course.lessons import LESSON


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "lessons"
    made.mkdir()
    return made


def check(model: Path, folder: Path, *more: str) -> Result:
    return CliRunner().invoke(main, ["check-lessons", "--model", str(model), "--lessons", str(folder), *more])


def test_lessons_that_hold_are_said_to(tiny_checkpoint: Path, folder: Path) -> None:
    (folder / "one.toml").write_text(LESSON, encoding="utf-8")
    result = check(tiny_checkpoint, folder, "--facts")
    assert result.exit_code == 0, result.output
    assert "one: holds" in result.stdout
    assert "step 1  reads.1 = ⟨start⟩" in result.stdout


def test_the_model_at_hand_takes_the_place_of_the_lessons(tiny_checkpoint: Path, folder: Path) -> None:
    (folder / "one.toml").write_text(LESSON.replace('model = "tiny"', 'model = "another"'), encoding="utf-8")
    assert check(tiny_checkpoint, folder).exit_code == 0


def test_what_does_not_hold_is_named_with_sentences_for_which_it_would(
    tiny_checkpoint: Path, folder: Path, tmp_path: Path
) -> None:
    (folder / "one.toml").write_text(LESSON.replace('"steps >= 1"', '"count >= 1"'), encoding="utf-8")
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("Où est le chien ?\tWhere is the dog?\n", encoding="utf-8")
    result = check(tiny_checkpoint, folder, "--sentences", str(pairs))
    assert result.exit_code == 2
    assert "one: 1 of 2 steps do not hold" in result.stdout
    assert "one.toml, line 12: there is no fact 'count'" in result.stdout
    assert "would hold for: none of the sentences tried" in result.stdout
    assert result.stderr.splitlines()[-1].startswith("Error: 1 points do not hold")


def test_a_model_that_is_missing_is_skipped_and_said(tiny_checkpoint: Path, folder: Path) -> None:
    show = '{ kind = "models", source = "Je suis froid.", models = ["elsewhere"] }'
    text = LESSON.replace('{ kind = "inputs", source = "Je suis froid." }', show)
    (folder / "one.toml").write_text(text, encoding="utf-8")
    result = check(tiny_checkpoint, folder)
    assert result.exit_code == 0, result.output
    assert "one: holds, 1 of 2 steps skipped" in result.stdout
    assert "Skipped: 1 steps" in result.stderr
    assert "there is no model elsewhere" in result.stdout


@pytest.mark.parametrize("what", ["no lessons", "no model", "no toml"])
def test_bad_input_is_one_sentence(tiny_checkpoint: Path, folder: Path, what: str) -> None:
    if what != "no lessons":
        (folder / "one.toml").write_text(LESSON if what == "no model" else "title = [", encoding="utf-8")
    result = check(tiny_checkpoint.parent / "none" if what == "no model" else tiny_checkpoint, folder)
    assert result.exit_code == 2
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("Error")]
    assert "Traceback" not in result.output
    assert line.endswith(".")


def test_sentences_are_named_for_which_a_step_would_hold(
    tiny_checkpoint: Path, folder: Path, tmp_path: Path
) -> None:
    text = LESSON.replace('kind = "pieces"\nsource = "Je suis froid."', 'kind = "pieces"\nsource = "Je"')
    text = text.replace('why = "That is why."\n', 'why = "That is why."\nholds = ["words > 2"]\n')
    (folder / "one.toml").write_text(text, encoding="utf-8")
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("Oui.\tYes.\nOù est le chien ?\tWhere is the dog?\n", encoding="utf-8")
    result = check(tiny_checkpoint, folder, "--sentences", str(pairs))
    assert "step 2 would hold for: Où est le chien ?" in result.stdout
