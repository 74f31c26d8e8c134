"""Folders that are replaced whole: readers, kills and rights."""

import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from seq2seq.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from seq2seq.checkpoint_config import WEIGHTS, set_alpha
from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.folders import CONFIG, exchange, identity, new_folder, read_whole, write_file
from seq2seq.translator import Translator


def rewrite(checkpoint: Checkpoint, folder: Path, card: str) -> None:
    write_checkpoint(
        folder, checkpoint.config, checkpoint.model, checkpoint.source, checkpoint.target, {"README.md": card}
    )


def test_a_reader_in_a_loop_always_finds_a_whole_folder(translator: Translator, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    rewrite(translator.checkpoint, folder, "0")
    found: list[str] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                found.append(read_checkpoint(folder).digest)
            except CheckpointError as problem:  # not left to end the thread unseen
                found.append(str(problem))

    reader = threading.Thread(target=read)
    reader.start()
    written = 0
    while written < 40 or len(found) < 20:
        rewrite(translator.checkpoint, folder, str(written))
        written += 1
    done.set()
    reader.join()
    assert set(found) == {translator.checkpoint.digest}
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


WRITE_FOR_EVER = """
import sys
from pathlib import Path
from seq2seq.checkpoint import read_checkpoint, write_checkpoint
source, folder = map(Path, sys.argv[1:])
read = read_checkpoint(source)
while True:
    write_checkpoint(folder, read.config, read.model, read.source, read.target, {"README.md": "again"})
    print(".", flush=True)
"""


def test_a_kill_at_any_moment_leaves_a_whole_folder(tiny_checkpoint: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    rewrite(read_checkpoint(tiny_checkpoint), folder, "first")
    digest = read_checkpoint(folder).digest
    command = [sys.executable, "-c", WRITE_FOR_EVER, str(tiny_checkpoint), str(folder)]
    for number in range(4):
        with subprocess.Popen(command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            assert writer.stdout.read(1) == b"."  # it has begun, and goes on
            time.sleep(0.003 * number)
            writer.kill()
        assert read_checkpoint(folder).digest == digest


def test_what_a_killed_writer_left_behind_goes_with_a_later_write(translator: Translator, tmp_path: Path) -> None:
    left = tmp_path / ".model.0123abcd.draft"
    left.mkdir()
    (left / WEIGHTS).write_bytes(b"half")
    os.utime(left, (time.time() - 7200, time.time() - 7200))
    (tmp_path / ".modelling-notes").mkdir()
    rewrite(translator.checkpoint, tmp_path / "model", "")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".modelling-notes", "model"]


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_rights_follow_the_umask(translator: Translator, tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        rewrite(translator.checkpoint, tmp_path / "model", "card")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "model").stat().st_mode) == 0o777 & ~umask
    for file in (tmp_path / "model").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o666 & ~umask, file.name


def test_two_names_are_exchanged_in_one_step_or_not_at_all(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    if exchange(tmp_path / "one", tmp_path / "other"):
        assert [path.name for path in (tmp_path / "one").iterdir()] == ["other"]
    assert not exchange(tmp_path / "one", tmp_path / "nowhere")


def test_an_error_of_the_body_is_not_called_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), new_folder(tmp_path / "model"):
        (tmp_path / "no such file").read_bytes()


def test_a_reader_gives_up_only_if_nothing_has_changed(tmp_path: Path) -> None:
    tries = []

    def read() -> str:
        tries.append(identity(tmp_path))
        if len(tries) < 3:
            (tmp_path / str(len(tries))).touch()
            time.sleep(0.01)
            raise CheckpointError("half")
        return "whole"

    assert read_whole(tmp_path, read) == "whole"

    def fail() -> str:
        raise CheckpointError("damaged")

    with pytest.raises(CheckpointError, match="damaged"):
        read_whole(tmp_path, fail)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    write_file(tmp_path / "a.txt", "old")
    with pytest.raises(UnicodeEncodeError):
        write_file(tmp_path / "a.txt", "\ud800")
    with pytest.raises(OSError, match="No such file"):
        write_file(tmp_path / "nowhere" / "a.txt", "new")
    with pytest.raises(IsADirectoryError) as caught:
        write_file(tmp_path, "new")
    assert caught.value.filename == str(tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.txt": "old"}


def test_setting_alpha_leaves_nothing_behind(translator: Translator, tmp_path: Path) -> None:
    rewrite(translator.checkpoint, tmp_path / "model", "")
    names = {path.name for path in (tmp_path / "model").iterdir()}
    set_alpha(tmp_path / "model", 1.25)
    assert read_checkpoint(tmp_path / "model").config.alpha == 1.25
    assert {path.name for path in (tmp_path / "model").iterdir()} == names >= {CONFIG}


def test_an_error_names_the_file_that_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        write_file(tmp_path / "nowhere" / "a.txt", "new")
    assert caught.value.filename == str(tmp_path / "nowhere" / "a.txt")


@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_one_and_what_it_leads_to_is_replaced(there: bool, tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    if there:
        real.mkdir()
    link.symlink_to(real)
    with new_folder(link) as draft:
        (draft / CONFIG).write_text("{}")
    assert link.is_symlink()
    assert (real / CONFIG).read_text() == "{}"
    assert {path.name for path in tmp_path.iterdir()} == {"real", "link"}


@pytest.mark.parametrize("folder", [None, 5, b"fr-en"])
def test_what_is_no_path_is_refused(folder: Any) -> None:
    with pytest.raises(ConfigError, match="path of a checkpoint folder"):
        Translator.load(folder)
