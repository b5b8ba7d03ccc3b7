"""The blocks of docs/python/coming_from_*.md, run from top to bottom."""

import pathlib
import re

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")

PAGES = pathlib.Path(__file__).parents[3] / "docs" / "python"


@pytest.mark.parametrize("peer", ["snntorch", "spikingjelly", "norse"])
def test_page(peer):
    pytest.importorskip(peer, reason=f"{peer} is not installed: pip install {peer}")
    blocks = re.findall(r"```python\n(.*?)```", (PAGES / f"coming_from_{peer}.md").read_text(), re.DOTALL)
    assert len(blocks) >= 5
    torch.manual_seed(1)
    names: dict = {}
    for block in blocks:
        exec(compile(block, f"coming_from_{peer}.md", "exec"), names)
