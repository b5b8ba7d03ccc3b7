"""What the pages on Python show is what runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import backspike as bs

ROOT = Path(__file__).resolve().parents[2]
QUICK_START = ROOT / "examples/python/quick_start.py"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
fashion_mnist = Path("/usr/share/datasets/fashion-mnist")


def blocks(page):
    return BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))


def test_the_quick_start_page_shows_the_script():
    assert blocks("docs/python/quick_start.md") == [QUICK_START.read_text(encoding="utf-8")]
    assert len(QUICK_START.read_text(encoding="utf-8").splitlines()) < 15


@pytest.mark.skipif(not fashion_mnist.exists(), reason="dataset-fashion-mnist is not installed")
def test_the_quick_start_learns_what_its_page_says(tmp_path):
    ran = subprocess.run([sys.executable, QUICK_START], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert f"`{ran.stdout.strip()}`" in (ROOT / "docs/python/quick_start.md").read_text(encoding="utf-8")
    assert bs.load(str(tmp_path / "fashion_mnist.checkpoint")).outputs == 10


def test_the_metrics_page_says_what_comes_out():
    names, said = {}, 0
    for line in blocks("docs/metrics.md")[0].splitlines():
        code, _, comment = line.partition("#")
        if re.fullmatch(r" [\d.]+", comment):
            assert eval(code, names) == pytest.approx(float(comment))
            said += 1
        else:
            exec(code, names)
    assert said == 2


def test_every_snippet_of_the_overview_runs(tmp_path, monkeypatch):
    pytest.importorskip("scipy.sparse", reason="scipy is not installed")
    pytest.importorskip("matplotlib", reason="matplotlib is not installed").use("Agg")
    monkeypatch.chdir(tmp_path)
    names = {}
    for number, code in enumerate(blocks("docs/python/index.md")):
        exec(compile(code, f"index.md, snippet {number}", "exec"), names)
    assert names["net"].evaluate(names["data"]).accuracy > 0.6
    assert len(names["triplets"]) == 2 and names["camera"].channels == 16
    assert names["tensors"].rows[0][-1] == 2 * 5 * 20
