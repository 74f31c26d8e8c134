"""The store of runs and their processes, without a page."""

import json
import os
import signal
import subprocess
import threading
import time
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

from pages.shared.runs import process, store
from pages.shared.runs.follow import Status, read_status
from pages.shared.runs.names import is_id, new_id, nickname
from pages.shared.runs.process import BusyError
from pages.shared.runs.store import Run
from seq2seq.errors import ConfigError
from seq2seq.training import Training
from tests.pages.runs import OTHER, SECRET, alive, new_run, tiny_recipe, trained_run, write_history, write_log


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def reach(run: Run, reached: Callable[[Status], bool]) -> Status:
    """Return the run's status as soon as it is as wanted."""
    for _ in range(1200):
        status = read_status(run)
        if reached(status):
            return status
        time.sleep(0.05)
    pytest.fail(f"never reached; {status.state}: {(run.folder / process.LOG).read_text()}")


def test_a_run_that_is_killed_stopped_and_resumed_ends_with_the_weights_of_an_unbroken_one(tmp_path: Path) -> None:
    wanted = tiny_recipe(600, validate_every=60)
    Training(wanted, tmp_path / "whole").run()
    run = new_run(wanted=wanted)
    process.start(run)
    reach(run, lambda status: status.validated is not None and process.can_resume(run))
    record = process.last_process(run)
    assert record is not None
    os.killpg(record.pid, signal.SIGKILL)
    killed = reach(run, lambda status: not status.is_active)
    assert killed.state == "killed"
    assert 0 < process.saved_update(run) < 600
    process.start(run)
    reach(run, lambda status: status.update > killed.update)
    process.stop(run)
    stopped = reach(run, lambda status: not status.is_active)
    assert stopped.state == "stopped", (run.folder / process.LOG).read_text()
    assert stopped.update == process.saved_update(run) < 600
    process.start(run)
    assert reach(run, lambda status: not status.is_active).state == "finished"
    first, second = (
        load_file(folder / "weights.safetensors") for folder in (tmp_path / "whole", run.folder / "model")
    )
    assert all(first[name].equal(second[name]) for name in first)


def test_an_upload_is_split_and_trained_from(tmp_path: Path) -> None:
    lines = "".join(f"le chat {n} dort\tthe cat {n} sleeps\n" for n in range(300))
    values = tiny_recipe().model_dump(mode="json")
    values["data"] |= {"grammar": 0, "train": ["data/train.tsv"], "valid": ["data/valid.tsv"]}
    wanted = type(tiny_recipe()).model_validate(values)
    run = store.create("training", wanted, "mine", SECRET, lines.encode(), store.Languages("fr", "en"))
    process.start(run)
    assert reach(run, lambda status: not status.is_active).state == "finished"
    assert "/" not in json.loads((run.folder / "data" / "data.json").read_text())["corpora"][0]["name"]
    assert str(tmp_path) not in (run.folder / "model" / "train.toml").read_text()


def test_two_runs_at_once_and_one_for_each_visitor() -> None:
    mine, again, third = new_run(), new_run(), new_run("third")
    with alive(mine):
        with pytest.raises(BusyError, match="yours is still going on"):
            process.start(again)
        with alive(new_run(OTHER)), pytest.raises(BusyError, match="2 trainings are going on"):
            process.start(third)
    assert not process.is_alive(mine)


def test_of_many_who_start_at_the_same_moment_only_two_do(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [new_run(f"visitor-{number}") for number in range(6)]
    monkeypatch.setattr(process, "_script", lambda run: "exec sleep 60")
    outcomes: list[str] = []

    def begin(run: Run) -> None:
        try:
            process.start(run)
            outcomes.append("started")
        except BusyError:
            outcomes.append("busy")

    threads = [threading.Thread(target=begin, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        assert sorted(outcomes) == ["busy"] * 4 + ["started"] * 2
    finally:
        for run in runs:
            process.stop(run)
    for run in runs:
        reach(run, lambda status: not status.is_active)


def test_a_recycled_process_number_is_neither_alive_nor_signalled() -> None:
    run = new_run()
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        record = process.Process(pid=stranger.pid, started=0.0, update=0)
        (run.folder / "process.json").write_text(record.model_dump_json())
        assert read_status(run).state == "killed"
        process.stop(run)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_key_controls_its_run_and_no_other() -> None:
    first, second = new_run(), new_run()
    key = store.control_key(SECRET, first.id)
    assert store.may_control(first, key)
    assert not store.may_control(second, key)
    assert not store.may_control(first, store.control_key(OTHER, first.id))
    assert not store.may_control(first, "")
    written = (first.folder / "run.json").read_text()
    assert key not in written
    assert SECRET not in written
    assert {run.id for run in store.of_visitor(SECRET)} == {first.id, second.id}
    assert store.of_visitor(OTHER) == store.of_visitor("") == []


@given(st.text(max_size=30) | st.sampled_from(["..", "../../etc", "a-b-c", "brave-otter-0123456789ab/.."]))
def test_no_text_of_a_link_leads_out_of_the_folder(text: str) -> None:
    assert not is_id(text)
    assert store.find(text) is None
    assert store.model_folder(text) is None


def test_names_are_names_and_can_be_said() -> None:
    name = new_id()
    assert is_id(name)
    assert name.startswith(nickname(name))
    assert nickname(name).count("-") == 1


def test_only_complete_lines_are_read() -> None:
    run = new_run()
    write_history(run, {"update": 2, "loss": 1.0}, rest='{"update": 4, "lo')
    with alive(run):
        status = read_status(run)
    assert (status.state, status.update) == ("running", 2)


@pytest.mark.parametrize(
    ("log", "state", "message"),
    [
        ("update 4: ...\nError: model can't be written: No space left on device.\n", "failed", "No space left"),
        ("update 4: forced loss 2\n", "killed", ""),
        ("Traceback (most recent call last):\nValueError: x\n", "killed", ""),
    ],
)
def test_how_a_run_ended_is_read_from_what_it_left(log: str, state: str, message: str) -> None:
    run = new_run()
    write_history(run, {"update": 4, "loss": 1.0})
    write_log(run, log)
    status = read_status(run)
    assert status.state == state
    assert message in status.message


def test_a_diverged_run_is_told_from_its_history() -> None:
    run = new_run()
    write_history(run, {"update": 4, "loss": 1.0}, {"update": 5, "diverged": None})
    write_log(run, "Error: The loss is not a number any more\n")
    assert read_status(run).state == "diverged"


def test_the_time_left_is_measured() -> None:
    run = new_run()
    write_history(run, {"update": 2, "loss": 1.0})
    folder = run.folder / "model.training"
    (folder / "samples.tsv").touch()
    now = time.time()
    os.utime(folder / "samples.tsv", (now - 10, now - 10))
    record = process.Process(pid=1, started=now - 30, update=0)
    (run.folder / "process.json").write_text(record.model_dump_json())
    with alive(run):
        left = read_status(run).left
    assert left == pytest.approx(10 / 2 * (8 - 2), rel=0.1)


def test_a_checkpoint_is_packed_as_a_folder() -> None:
    run = trained_run()
    assert read_status(run).state == "finished"
    with zipfile.ZipFile(BytesIO(store.checkpoint_zip(run))) as archive:
        assert f"{run.id}/weights.safetensors" in archive.namelist()
    assert store.model_folder(run.id) == run.folder / "model"


def test_what_nobody_looks_at_goes_and_what_goes_on_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_script", lambda run: "exit 0")
    old, busy, fresh = new_run(), new_run(), new_run(OTHER)
    for run in (old, busy):
        os.utime(run.folder / "run.json", (0, 0))
    with alive(busy):
        process.start(fresh)
        assert not process.delete(busy)
    reach(fresh, lambda status: not status.is_active)
    assert store.find(old.id) is None
    assert store.find(busy.id) == busy
    assert process.delete(fresh)
    assert store.find(fresh.id) is None


def test_a_visitor_keeps_so_many_runs_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST", 2)
    new_run()
    new_run()
    new_run(OTHER)
    with pytest.raises(ConfigError, match="delete one"):
        new_run()


def test_a_full_disk_is_said_before_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LEAST_ROOM", 2**62)
    with pytest.raises(ConfigError, match="The disk of this app"):
        new_run()
