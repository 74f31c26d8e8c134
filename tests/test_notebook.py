"""The notebook: its cells run from the first to the last, wherever it is opened."""

import json
from pathlib import Path
from typing import Any

import pytest

FILE = Path(__file__).parents[1] / "docs" / "notebook.ipynb"


def test_its_cells_run_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cells = [cell for cell in json.loads(FILE.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    names: dict[str, Any] = {}
    for number, cell in enumerate(cells):
        code = "".join(cell["source"]).replace("UPDATES = 1500", "UPDATES = 20")
        exec(compile(code, f"cell {number + 1}", "exec"), names)
    assert names["UPDATES"] == 20
    assert names["trace"].best.text is not None
    assert all(not cell["outputs"] for cell in cells)  # so that a change is read as one
