"""What visitors hand over: checked whole when it comes in, kept in a room of its own, gone with the session."""

import io
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from filelock import FileLock
from streamlit.testing.v1 import AppTest

from pages.shared import cache, models, uploads
from seq2seq.checkpoint_config import set_alpha
from seq2seq.errors import CheckpointError
from tests.pages import test_translate
from tests.pages.test_translate import OpenPage

run = test_translate.run  # the fixture


def refused(data: bytes) -> str:
    """Return why an upload is refused; nothing of it is left then."""

    def script(data: bytes) -> None:
        import streamlit

        from pages.shared import models, uploads
        from seq2seq.errors import CheckpointError

        def files() -> set[str]:
            return {str(path) for path in uploads._room().folder.rglob("*")}

        before = files()
        try:
            models.add_upload("a.zip", data)
        except CheckpointError as problem:
            streamlit.text(str(problem))
        streamlit.text(f"{len(files() - before)} files left")

    app = AppTest.from_function(script, args=(data,), default_timeout=60).run()
    assert not app.exception
    assert app.text[-1].value == "0 files left"
    return str(app.text[0].value)


def packed(folder: Path, **more: bytes) -> bytes:
    """Return a checkpoint folder as a zip, with files of other contents or more of them."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        contents = {path.name: path.read_bytes() for path in folder.iterdir()} | more
        for name, data in contents.items():
            archive.writestr(f"model/{name}", data)
    return file.getvalue()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"config.json": b"{}"}, "config.json: the key 'source' is missing"),
        ({"history.jsonl": b'{"valid": 5}\n'}, "history.jsonl, line 1"),
        ({"calibration.json": b"[]"}, "calibration.json"),
        ({"lengths.json": b"\xff\xfe"}, "lengths.json is not UTF-8"),
        ({"searches.json": b"{}"}, "searches.json"),
        ({"weights.safetensors": b"PK"}, "weights.safetensors is damaged"),
        ({"config.json": b" " * 70_000}, "config.json unpacks to more than 0.0625 MB"),
    ],
)
def test_whatever_would_break_later_is_refused_when_it_comes_in(
    tiny_checkpoint: Path, more: dict[str, bytes], says: str
) -> None:
    told = refused(packed(tiny_checkpoint, **more))
    assert says in told
    assert len(told) <= 300
    assert "/tmp" not in told
    assert "seq2seq-uploads" not in told


def test_only_the_files_of_a_checkpoint_are_unpacked(tiny_checkpoint: Path) -> None:
    def script(data: bytes) -> None:
        import streamlit

        from pages.shared import models, uploads

        name = models.add_upload("mine.zip", data)
        streamlit.text(name)
        streamlit.text(" ".join(sorted(path.name for path in models.folder(name).iterdir())))
        streamlit.text(str(uploads._room().folder))

    data = packed(tiny_checkpoint, **{"zeros.bin": bytes(10**6), ".htaccess": b"x"})
    app = AppTest.from_function(script, args=(data,), default_timeout=60).run()
    assert not app.exception
    assert app.text[0].value == "mine"
    assert app.text[1].value == "README.md config.json source.model target.model weights.safetensors"


def test_a_session_keeps_a_few_uploads_and_the_disk_some_room(
    tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def script(data: bytes) -> None:
        import streamlit

        from pages.shared import models, uploads
        from seq2seq.errors import CheckpointError

        for _ in range(uploads.MOST_OF_A_SESSION + 1):
            try:
                streamlit.text(models.add_upload("mine.zip", data))
            except CheckpointError as problem:
                streamlit.text(str(problem))

    data = packed(tiny_checkpoint)
    app = AppTest.from_function(script, args=(data,), default_timeout=60).run()
    names = [text.value for text in app.text]
    assert names[:2] == ["mine", "mine-uploaded"]
    assert "a session keeps no more" in names[-1]
    monkeypatch.setattr(uploads, "MOST_ON_SERVER", 10)
    assert "as many uploads as it can" in refused(data)
    monkeypatch.setattr(uploads, "MOST_ON_SERVER", 2**40)
    monkeypatch.setattr(uploads, "LEAST_FREE", 2**60)
    assert "nearly full" in refused(data)


def test_an_upload_goes_with_its_session_and_so_do_its_answers(tiny_checkpoint: Path) -> None:
    def script(data: bytes) -> None:
        import streamlit

        from pages.shared import models, uploads
        from seq2seq.search import SearchOptions

        name = models.add_upload("mine.zip", data)
        models.translations(name, ("il fait froid",), SearchOptions())
        streamlit.session_state["room"] = uploads._room()

    app = AppTest.from_function(script, args=(packed(tiny_checkpoint),), default_timeout=60).run()
    assert not app.exception
    room = app.session_state["room"]
    kept = cache.store()
    assert room.folder.is_dir()
    assert any(key.owner == room.owner for key in kept._kept)
    uploads._leave(room)  # what Streamlit calls when the session ends
    assert not room.folder.exists()
    assert not any(key.owner == room.owner for key in kept._kept)


def test_a_server_sweeps_what_dead_servers_left_and_nothing_of_the_living(tmp_path: Path) -> None:
    dead, living = tmp_path / "dead", tmp_path / "living"
    for folder in (dead, living):
        (folder / "room").mkdir(parents=True)
    with FileLock(living / "lock").acquire(timeout=0):
        program = (
            "from pathlib import Path; from pages.shared import uploads\n"
            f"for each in {[str(dead), str(living)]!r}: uploads._sweep(Path(each))"
        )
        subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2])
        assert (living / "room").is_dir()
    assert not dead.exists()


def test_a_model_that_is_gone_is_a_sentence(
    run: OpenPage, tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(tiny_checkpoint, tmp_path / "models" / "fleeting")
    monkeypatch.setattr(sys, "argv", ["app.py", "--models", str(tmp_path / "models")])
    assert not run(text="il fait froid", model="fleeting").exception
    shutil.rmtree(tmp_path / "models" / "fleeting")
    app = run(text="il fait froid", model="fleeting")
    assert not app.exception
    assert "fleeting”, which is not here" in app.info[0].value
    with pytest.raises(CheckpointError, match="no model called 'fleeting' here any more"):
        models.folder("fleeting")


def test_another_alpha_in_the_config_is_noticed(
    run: OpenPage, tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(tiny_checkpoint, tmp_path / "models" / "mine"))
    monkeypatch.setattr(sys, "argv", ["app.py", "--models", str(tmp_path / "models")])
    run(text="il fait froid", model="mine")
    before = models.named("mine")
    set_alpha(folder, 1.75)
    after = models.named("mine")
    assert (before.value.config.alpha, after.value.config.alpha) == (0.6, 1.75)
    assert before.key != after.key


def test_a_zip_can_not_write_outside_its_folder(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a/config.json", "{}")
        archive.writestr("a/../../../evil.txt", "x")
    folder = tmp_path / "room" / "model"
    with zipfile.ZipFile(io.BytesIO(packed.getvalue())) as archive:
        uploads.unpack(archive, folder)
    assert sorted(file.name for file in folder.iterdir()) == ["config.json"]
    assert not (tmp_path / "evil.txt").exists()


def test_a_damaged_zip_is_one_clear_error() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/config.json", "{}" + " " * 5000)
    damaged = bytearray(packed.getvalue())
    damaged[len("a/config.json") + 30 : len("a/config.json") + 40] = b"\xff" * 10
    assert "zip the folder again" in refused(bytes(damaged))
