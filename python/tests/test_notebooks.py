"""Every notebook runs from top to bottom, and what it asserts holds."""

import json
import os
from pathlib import Path

import pytest

matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")
matplotlib.use("Agg")

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "docs/python/notebooks").glob("*.ipynb"))


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def code_of(path):
    return ["".join(cell["source"]) for cell in cells(path) if cell["cell_type"] == "code"]


def test_there_are_notebooks():
    assert len(NOTEBOOKS) == 3


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_runs(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "__main__"}
    for number, code in enumerate(code_of(path)):
        exec(compile(code, f"{path.name}, code cell {number}", "exec"), namespace)
    matplotlib.pyplot.close("all")
    assert not os.listdir(tmp_path)  # nothing is left in the reader's folder


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_asserts_something_and_is_kept_without_outputs(path):
    assert any("assert " in code for code in code_of(path))
    for cell in cells(path):
        assert not cell.get("outputs") and not cell.get("execution_count")
