"""trace: JSON or a page, from a model or from a file."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from seq2seq.cli import main
from seq2seq.trace import Trace
from seq2seq.translator import Translator
from seq2seq.viz.replay import replay_html


def run(*words: str | Path, stdin: str | bytes = "") -> Result:
    return CliRunner().invoke(main, ["trace", *map(str, words)], input=stdin)


def fails(result: Result, *says: str) -> None:
    """Check that one line on stderr says what is wrong."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert all(part in result.stderr for part in says), result.stderr


@pytest.fixture(scope="module")
def trace(translator: Translator) -> Trace:
    return translator.trace("Il fait froid.", beam_size=3)


@pytest.fixture
def saved(trace: Trace, tmp_path: Path) -> Path:
    """A trace, as the verb writes it."""
    path = tmp_path / "trace.json"
    path.write_text(trace.to_json() + "\n", encoding="utf-8")
    return path


def test_html_writes_the_page_of_the_search(tiny_checkpoint: Path, trace: Trace, tmp_path: Path) -> None:
    page = tmp_path / "cold.html"
    result = run("--model", tiny_checkpoint, "--beam-size", "3", "Il fait froid.", "--html", page)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{page} replays the search; open it in a browser.\n"
    assert page.read_text(encoding="utf-8") == replay_html(trace)


def test_a_saved_trace_needs_no_model(saved: Path, trace: Trace, tmp_path: Path) -> None:
    assert run("--from", saved, "--html", tmp_path / "a.html").exit_code == 0
    assert run("--from", "-", "--html", tmp_path / "b.html", stdin=saved.read_bytes()).exit_code == 0
    for name in ("a.html", "b.html"):
        assert (tmp_path / name).read_text(encoding="utf-8") == replay_html(trace)


def test_without_html_a_saved_trace_comes_out_as_it_was(saved: Path) -> None:
    assert run("--from", saved).stdout == saved.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "cut off"),
        (b"hello", "not a trace"),
        (b'{"a": 1}', "no version"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_what_is_no_trace_is_one_line_and_no_page(content: bytes, says: str, tmp_path: Path) -> None:
    path, page = tmp_path / "bad.json", tmp_path / "page.html"
    path.write_bytes(content)
    fails(run("--from", path, "--html", page), str(path), says)
    assert not page.exists()


def test_a_cut_off_trace_and_one_of_another_version_are_one_line(saved: Path, tmp_path: Path) -> None:
    text = saved.read_text(encoding="utf-8")
    bad = tmp_path / "bad.json"
    bad.write_text(text[: len(text) // 2], encoding="utf-8")
    fails(run("--from", bad, "--html", tmp_path / "x.html"), "bad.json", "cut off")
    bad.write_text(json.dumps(json.loads(text) | {"version": 2}), encoding="utf-8")
    fails(run("--from", bad), "version 2, this program reads 1")
    fails(run("--from", "-", stdin="{"), "Standard input", "cut off")


def test_a_missing_file_or_folder_is_one_line(saved: Path, tmp_path: Path) -> None:
    fails(run("--from", tmp_path / "none.json"), "does not exist")
    fails(run("--from", saved, "--html", tmp_path / "none" / "page.html"), "No such file")


def test_a_saved_trace_goes_with_neither_model_nor_sentence(saved: Path) -> None:
    fails(run("--from", saved, "Il dort."), "leave out SENTENCE")
    fails(run("--from", saved, "--model", "m", "--beam-size", "2"), "leave out --model and --beam-size")


def test_a_model_and_a_sentence_are_asked_for(tiny_checkpoint: Path) -> None:
    fails(run("Il dort."), "Missing option '--model'")
    fails(run("--model", tiny_checkpoint), "Missing argument 'SENTENCE'")
