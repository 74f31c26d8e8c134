"""Which build of torch `make app` takes."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

FILE = Path(__file__).parents[1] / "tools" / "install.py"


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("install", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(module, "has_gpu", lambda: False)
    monkeypatch.setattr(module, "cpu_build", lambda: None)
    monkeypatch.delenv(module.INDEX, raising=False)
    return module


def test_the_range_is_that_of_the_project(install: ModuleType) -> None:
    assert install.torch_range().startswith("torch>=")


def test_a_gpu_gets_the_default_build(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(install, "has_gpu", lambda: True)
    monkeypatch.setattr(install, "cpu_build", lambda: "torch==9+cpu")
    assert install.torch_arguments() == []
    assert "GPU" in capsys.readouterr().out


def test_an_index_that_is_given_comes_first(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "cpu_build", lambda: "torch==9+cpu")
    monkeypatch.setenv(install.INDEX, "https://example.org/cpu")
    assert install.torch_arguments() == ["--index-url", "https://example.org/cpu", install.torch_range()]


def test_a_cpu_build_of_pips_own_indexes_is_next(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "cpu_build", lambda: "torch==9+cpu")
    assert install.torch_arguments() == ["torch==9+cpu"]


def test_without_one_the_default_build_is_named_with_its_size(
    install: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert install.torch_arguments() == []
    assert "6 GB" in capsys.readouterr().out


def test_a_torch_that_is_installed_stays(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install.importlib.util, "find_spec", lambda _: sys)
    assert install.torch_arguments() == []
