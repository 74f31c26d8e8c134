"""The wheel: what a stranger gets who installs the package and works in a folder of their own."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from seq2seq.version import VERSION

ROOT = Path(__file__).resolve().parents[1]
TINY = [f"--set={each}" for each in ("training.schedule.updates=4", "data.grammar=300", "data.valid_pairs=20")]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with nothing but the wheel; what it depends on is lent by this one."""
    place = tmp_path_factory.mktemp("package")
    source = place / "source"  # a copy, since a build leaves files behind
    shutil.copytree(ROOT / "seq2seq", source / "seq2seq", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", place, source]
    subprocess.run(build, check=True, capture_output=True, cwd=place)
    (wheel,) = place.glob("*.whl")
    environment = place / "environment"
    venv.create(environment, with_pip=False)
    target = environment / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    python = environment / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", wheel]
    subprocess.run(install, check=True, capture_output=True)
    (target / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return environment / "bin"


def run(program: Path, *words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"OMP_NUM_THREADS": "1"}
    return subprocess.run([program, *words], capture_output=True, text=True, cwd=folder, env=clean, timeout=300)


def test_it_is_imported_from_where_it_was_installed(installed: Path, tmp_path: Path) -> None:
    says = "import seq2seq; print(seq2seq.__file__, seq2seq.viz.beam_tree.__name__)"
    found = run(installed / "python", "-c", says, folder=tmp_path)
    assert found.stderr == ""
    place, figure = found.stdout.split()
    assert Path(place).is_relative_to(installed.parent)
    assert figure == "beam_tree"


def test_a_recipe_that_ships_trains_in_another_folder(installed: Path, tmp_path: Path) -> None:
    found = run(installed / "seq2seq", "train", "quick-start", "--out", "model", *TINY, folder=tmp_path)
    assert found.returncode == 0, found.stderr
    said = run(installed / "seq2seq", "translate", "--model", "model", "--text", "il dort .", folder=tmp_path)
    assert said.returncode == 0, said.stderr
    assert len(said.stdout.splitlines()) == 1


def test_its_replay_page_and_types_come_along(installed: Path, tmp_path: Path) -> None:
    says = (
        "from importlib.resources import files; root = files('seq2seq'); "
        "print(*(path.is_file() for path in (root / 'py.typed', root / 'viz/stage/player.js', "
        "root / 'search/__init__.pyi')))"
    )
    assert run(installed / "python", "-c", says, folder=tmp_path).stdout.split() == ["True"] * 3


def test_it_says_its_version(installed: Path, tmp_path: Path) -> None:
    assert run(installed / "seq2seq", "--version", folder=tmp_path).stdout == f"seq2seq {VERSION}\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("info", "checkpoints/fr-en"), 0),
        (("trace", "--model", "checkpoints/fr-en", "Il pleut."), 0),
        (("caption", "--model", "checkpoints/captions-attention", "dog.jpg"), 2),
    ],
)
def test_without_the_extra_for_photos_one_sentence_names_it(words: tuple[str, ...], code: int) -> None:
    program = (
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name in ('torchvision', 'PIL', 'pi_heif'):\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Missing())\n"
        "from seq2seq.__main__ import run\n"
        f"sys.argv = ['seq2seq', *{words!r}]\n"
        "run()\n"
    )
    found = run(Path(sys.executable), "-c", program, folder=ROOT)
    assert found.returncode == code, found.stderr
    if code:
        assert found.stderr.count("\n") == 1
        assert "pip install 'seq2seq[vision]'" in found.stderr
