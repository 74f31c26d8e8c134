"""Checkpoint folders that are written: the old one stays until the new one is whole."""

from pathlib import Path

import pytest

from seq2seq.checkpoint import CONFIG, new_folder, write_checkpoint
from seq2seq.errors import CheckpointError
from seq2seq.text import Tokenizer
from tests.test_checkpoint import record
from tests.tiny import fill, lively_model


def test_a_failure_while_writing_leaves_the_old_folder(
    tmp_path: Path, tokenizers: tuple[Tokenizer, Tokenizer]
) -> None:
    source, target = tokenizers
    model = lively_model(len(source), len(target))
    folder = tmp_path / "model"
    write_checkpoint(folder, record(tokenizers, tied=False), model, source, target, {})
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises(CheckpointError, match="can't be written"):
        write_checkpoint(
            folder, record(tokenizers, tied=False), fill(model, 0.1), source, target, {"no/such/folder": ""}
        )
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    with pytest.raises(ZeroDivisionError), new_folder(folder) as draft:
        (draft / CONFIG).write_text(str(1 / 0))
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert list(tmp_path.iterdir()) == [folder], "nothing is left lying about"


def test_a_checkpoint_replaces_a_checkpoint(tmp_path: Path, tokenizers: tuple[Tokenizer, Tokenizer]) -> None:
    source, target = tokenizers
    model = lively_model(len(source), len(target))
    for card in ("old", "new"):
        extra = {"README.md": card, f"{card}.txt": ""}
        write_checkpoint(tmp_path / "model", record(tokenizers, tied=False), model, source, target, extra)
    assert (tmp_path / "model" / "README.md").read_text() == "new"
    assert not (tmp_path / "model" / "old.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_nothing_but_a_checkpoint_is_ever_replaced(tmp_path: Path, tokenizers: tuple[Tokenizer, Tokenizer]) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("Dear")
    (tmp_path / "notes.txt").write_text("notes")
    for name in ("letters", "notes.txt"):
        with pytest.raises(CheckpointError, match="already there"), new_folder(tmp_path / name):
            pass
    assert (tmp_path / "letters" / "dear.txt").read_text() == "Dear"
    assert (tmp_path / "notes.txt").read_text() == "notes"


def test_a_place_that_can_not_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(CheckpointError, match="can't be written"), new_folder(tmp_path / "file" / "model"):
        pass
