"""The verb export-page: what it writes, and what it refuses."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from seq2seq.cli import main
from tests.course.lessons import LESSON
from tests.exported.models import write_tiny


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("models") / "tiny")


def export(out: Path, *words: str | Path) -> Result:
    return CliRunner().invoke(main, ["export-page", "--out", str(out), *map(str, words)])


def test_a_page_is_written_and_its_size_is_said(tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    result = export(out, "--model", tiny)
    assert result.exit_code == 0, result.output
    assert (
        result.stdout
        == f"{out} has {len(out.read_bytes()) / 1e6:.1f} MB and translates by itself; open it in a browser.\n"
    )
    assert "A <em>model</em>" in out.read_text(encoding="utf-8")


def test_lessons_are_packed_in_and_those_that_cant_be_computed_are_named(tiny: Path, tmp_path: Path) -> None:
    lessons = tmp_path / "lessons"
    lessons.mkdir()
    (lessons / "one.toml").write_text(LESSON, encoding="utf-8")
    (lessons / "two.toml").write_text(LESSON.replace('model = "tiny"', 'model = "absent"'), encoding="utf-8")
    result = export(tmp_path / "page.html", "--model", tiny, "--lessons", lessons)
    assert result.exit_code == 0, result.output
    assert "Left out: " in result.stderr
    assert "two.toml" in result.stderr
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert '"name":"one"' in page
    assert '"name":"two"' not in page


def test_what_is_wrong_is_said_in_one_line(tiny: Path, tmp_path: Path) -> None:
    for words, says in (
        (["--model", tiny, "--model", tiny], "Two of the models translate fr-en"),
        (["--model", tmp_path], "has no config.json"),
        (["--model", tiny, "--lessons", tmp_path / "none"], "has no lesson"),
        ([], "Missing option '--model'"),
    ):
        result = export(tmp_path / "page.html", *words)
        assert result.exit_code == 2
        assert says in result.stderr
        assert not (tmp_path / "page.html").exists()
    assert export(tmp_path / "no" / "page.html", "--model", tiny).exit_code == 2
