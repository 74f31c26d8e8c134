"""A checkpoint that a test may add files to."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def writable_checkpoint(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    """A copy of the tiny checkpoint."""
    return shutil.copytree(tiny_checkpoint, tmp_path / "tiny")
