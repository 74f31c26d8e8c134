"""What the container runs, without a daemon: its files in a fresh folder, its command, its health check."""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STEPS = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8")).splitlines()
NOBODY = 65534


def steps(word: str) -> list[str]:
    return [line.removeprefix(f"{word} ") for line in STEPS if line.startswith(f"{word} ")]


def copied(folder: Path) -> None:
    """Copy what the Dockerfile copies, if the context has it."""
    rules = [
        line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")
    ]
    context = [rule.removeprefix("!") for rule in rules if rule.startswith("!")]
    for step in steps("COPY"):
        *sources, target = [word for word in shlex.split(step) if not word.startswith("--")]
        for source in sources:
            assert any(source == one or source.startswith(f"{one}/") for one in context), f"{source} is left out"
            there = folder / (target + Path(source).name if target.endswith("/") else target)
            there.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, there, dirs_exist_ok=True, ignore=lambda _, names: _left_out(names))
            else:
                shutil.copy(ROOT / source, there)


def _left_out(names: list[str]) -> list[str]:
    return [name for name in names if fnmatch(name, "__pycache__")]


def can_be_another(folder: Path) -> bool:
    """Return whether another user may run this Python here."""
    if not hasattr(os, "getuid") or os.getuid():
        return False
    asked = subprocess.run([sys.executable, "-c", ""], user=NOBODY, cwd=folder, check=False, capture_output=True)
    return asked.returncode == 0


def test_the_container_serves_from_a_folder_that_it_may_not_write(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("container")
    copied(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    values = dict(pair.split("=", 1) for step in steps("ENV") for pair in shlex.split(step))
    values = {name: value for name, value in values.items() if name not in ("HOME", "PATH")}
    _, *command = json.loads(next(line for line in steps("CMD") if line.startswith("[")))
    for path in folder.rglob("*"):
        path.chmod(path.stat().st_mode & ~0o222)
    folder.chmod(0o555)
    try:
        another = {"user": NOBODY} if can_be_another(folder) else {}
    except PermissionError:
        another = {}
    process = subprocess.Popen(
        [sys.executable, *command, "--server.port", port],
        cwd=folder,
        env={**os.environ, **values, "HOME": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **another,
    )
    check = json.loads(next(line for line in STEPS if "urlopen" in line).partition("CMD ")[2])
    check = [sys.executable, *(word.replace("8501", port) for word in check[1:])]
    try:
        until = time.monotonic() + 60
        while subprocess.run(check, check=False, capture_output=True).returncode and time.monotonic() < until:
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.3)
        assert subprocess.run(check, check=False, capture_output=True).returncode == 0
    finally:
        process.terminate()
        said = process.communicate(timeout=60)[0]
    assert "Traceback" not in said


def test_the_container_runs_as_a_user_by_number_and_listens_on_all_addresses() -> None:
    assert steps("USER") == ["1000"]
    assert any("STREAMLIT_SERVER_ADDRESS=0.0.0.0" in step for step in steps("ENV"))
    assert steps("ARG") == ["TORCH_INDEX"]  # the index of CPU builds is given, never written down


def test_steps_that_need_no_network_succeed(tmp_path: Path) -> None:
    without = next(step for step in steps("RUN") if step.startswith("test -n"))
    for index, code in (("", 1), ("https://example.org/cpu", 0)):
        done = subprocess.run(
            ["sh", "-c", without],
            env={**os.environ, "TORCH_INDEX": index},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code
        assert ("get-started" in done.stdout) == (code == 1)
    copied(tmp_path)
    compiled = next(step for step in steps("RUN") if "compileall" in step).replace("python", sys.executable, 1)
    subprocess.run(["sh", "-c", compiled], cwd=tmp_path, check=True)
