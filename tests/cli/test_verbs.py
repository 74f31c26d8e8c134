"""The group of verbs: help, errors and exit codes."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from seq2seq.cli import main
from seq2seq.cli.verbs import VERBS
from seq2seq.version import VERSION

ROOT = Path(__file__).resolve().parents[2]


def run(*words: str | bytes, stdin: bytes = b"", folder: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run the command line as a program of its own, from any folder."""
    command = [sys.executable, "-m", "seq2seq", *words]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, input=stdin, capture_output=True, cwd=folder, env=environment, timeout=120)


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_each_verb_has_an_example(verb: str) -> None:
    result = CliRunner().invoke(main, [verb, "--help"])
    assert result.exit_code == 0
    assert "Example" in result.output
    assert f"python -m seq2seq {verb}" in result.output


def test_the_help_names_every_verb() -> None:
    result = CliRunner().invoke(main, [])
    assert result.exit_code == 0
    assert all(f"  {verb}  " in result.output for verb in VERBS)


def test_the_help_of_the_group_imports_no_verb() -> None:
    program = "import sys; from seq2seq.cli.verbs import main\n" \
              "try: main(['--help'])\n" \
              "except SystemExit: print([m for m in sys.modules if m.startswith('seq2seq.cli.')])"  # fmt: skip
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert result.stdout.splitlines()[-1] == "['seq2seq.cli.verbs']"


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "seq2seq.version.VERSION"}
    assert CliRunner().invoke(main, ["--version"]).output == f"seq2seq {VERSION}\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["transalte"], "Did you mean 'translate'"),
        (["--nonsense"], "No such option"),
        (["translate"], "Missing option '--model'"),
        (["translate", "--model", "m", "--beam-size", "0"], "--beam-size"),
        (["translate", "--model", "m", "--text", "a", "--top-k", "3"], "belongs to --sample"),
        (["translate", "--model", "m", "--text", "a", "--sample", "--alpha", "1"], "leave --alpha out"),
        (["translate", "--model", "m", "--text", "a", "--sample", "--groups", "2"], "leave --groups out"),
        (["translate", "--model", "m", "--text", "a", "--diversity", "2"], "belongs to --groups"),
        (["trace", "--model", "m", "a", "--diversity", "2"], "belongs to --groups"),
        (["trace", "--from", "m", "--no-repeat", "2"], "leave out --no-repeat"),
        (["translate", "--model", "m", "--text", "a", "--n-best", "6"], "raise --beam-size"),
        (["translate", "--model", "m", "--text", "a", "--n-best", "2", "--format", "text"], "tsv or jsonl"),
        (["translate", "--model", "m", "--text", "a", "file"], "use one"),
        (["average", "out", "one"], "at least two"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(words: list[str], says: str) -> None:
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert says in result.stderr


def test_bytes_that_are_not_text_on_the_command_line_are_left_out(tiny_checkpoint: Path, tmp_path: Path) -> None:
    model = ("--model", str(tiny_checkpoint))
    dirty = run("translate", *model, "--text", b"Il \xfffait\xc3 froid.", "--format", "text", folder=tmp_path)
    assert (dirty.returncode, dirty.stderr) == (0, b"")
    clean = CliRunner().invoke(main, ["translate", *model, "--text", "Il fait froid."])
    assert dirty.stdout == clean.stdout_bytes


@pytest.mark.parametrize(
    "words",
    [
        ("translate", "--model", b"/no\xffwhere", "--text", "a"),
        ("trace", "--model", "MODEL", b"\xff\xfe"),
    ],
)
def test_bad_words_are_one_line_without_a_traceback(words: tuple[str | bytes, ...], tiny_checkpoint: Path) -> None:
    result = run(*(str(tiny_checkpoint) if word == "MODEL" else word for word in words))
    assert result.returncode == 2
    assert result.stderr.startswith(b"Error: ")
    assert result.stderr.count(b"\n") == 1


def test_a_reader_who_leaves_ends_the_program_quietly(tiny_checkpoint: Path) -> None:
    command = [sys.executable, "-m", "seq2seq", "translate", "--model", str(tiny_checkpoint), "--text", "a"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    reading, writing = os.pipe()
    os.close(reading)
    result = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, env=environment, timeout=120)
    os.close(writing)
    assert (result.returncode, result.stderr) == (0, b"")
