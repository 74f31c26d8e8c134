"""Imports run one way, and each heavy library stays where it belongs."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "seq2seq"
# Each may import what stands above it, and its own kind.
ORDER = [
    {"errors", "allocation", "digests", "version"},
    {"config", "distributed", "folders"},
    {"history", "weights"},
    {"text"},
    {"data"},
    {"models"},
    {"search"},
    {"trace"},
    {"scoring", "translation"},
    {"checkpoint_config"},
    {"checkpoint", "session", "foreign", "segments", "translator"},
    {"evaluation"},
    {"training"},
    {"vision"},
    {"loading"},
    {"explain"},
    {"viz"},
    {"exported"},
    {"course"},
    {"cli", "__main__"},
]
RANK = {name: rank for rank, names in enumerate(ORDER) for name in names}
FILES = sorted(PACKAGE.rglob("*.py"))
PAGES = sorted(path for path in (ROOT / "pages").rglob("*.py") if path.name != "__init__.py")


def imported(path: Path) -> Iterator[str]:
    """Yield the dotted name of every module that a file imports, inside of functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            assert node.module is not None
            # `from seq2seq import data` imports seq2seq.data
            whole = node.module == "seq2seq"
            yield from (f"seq2seq.{alias.name}" for alias in node.names) if whole else [node.module]


def part(path: Path) -> str:
    """Return the folder or module of the package that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(path: Path) -> None:
    own = part(path)
    if own == "__init__":  # the public face
        return
    for module in imported(path):
        if module.startswith("seq2seq."):
            other = module.split(".")[1]
            assert RANK[other] <= RANK[own], f"{own} imports {other}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_libraries_stay_where_they_belong(path: Path) -> None:
    used = {module.split(".")[0] for module in imported(path)}
    assert "streamlit" not in used
    assert "plotly" not in used or part(path) == "viz"
    assert "torchvision" not in used or part(path) == "vision"
    assert not used & {"onnx", "onnxruntime"} or part(path) == "models"
    assert not used & {"pickle", "dill", "joblib"}


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if path.name != "__main__.py"],  # that one is run, never imported
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_importing_a_module_does_nothing(path: Path) -> None:
    """At the top of a file stand imports, definitions and values; the only calls make values."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Expr):
            assert isinstance(node.value, ast.Constant), f"line {node.lineno} does something"
        if isinstance(node, ast.If):
            assert "TYPE_CHECKING" in ast.unparse(node.test)
        assert not isinstance(node, ast.For | ast.While | ast.With | ast.Try), f"line {node.lineno}"


def test_every_part_has_its_place_in_the_order() -> None:
    assert {part(path) for path in FILES} - {"__init__"} <= RANK.keys()


COMPUTES = ("torch", "torchvision", "captum", "onnxruntime")
DRAWS = ("pandas", "numpy", "plotly.graph_objects")


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        (["seq2seq", "seq2seq.trace", "seq2seq.viz", "seq2seq.viz.replay"], (*COMPUTES, *DRAWS)),
        (["app", "pages.translate", "pages.course"], (*COMPUTES, "pandas")),
        (["app", *(str(path.relative_to(ROOT).with_suffix("")).replace("/", ".") for path in PAGES)], COMPUTES),
    ],
    ids=["toolkit", "first pages", "pages"],
)
def test_heavy_libraries_wait_until_something_computes(modules: list[str], heavy: tuple[str, ...]) -> None:
    program = (
        "import importlib, sys\n"
        f"for module in {modules}:\n    importlib.import_module(module)\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True, timeout=120
    )
    assert found.stdout.splitlines()[-1] == "[]"
