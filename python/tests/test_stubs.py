"""The stubs and the package under mypy, and what a type checker tells a user."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import backspike

pytest.importorskip("mypy", reason="mypy is not installed")
CONFIGURATION = Path(__file__).parents[2] / "pyproject.toml"
RIGHT = """
import backspike as bs
net = bs.Network([bs.Dense(3, 4), bs.LIF(4, tau_m=20.0, learn=["tau_m"], surrogate="triangle", reset="to_value",
                                        activity=bs.Activity(l1=1e-4)),
                  bs.Dense(4, 2, delay=bs.Delay(25, per="source", width=bs.DelayWidth(from_=6.0))), bs.LeakyIntegrator(2, tau_m=bs.Parameter(30.0, learn=True))], dt=1.0)
accuracy: float = net.evaluate([[[0, 1, 0]]], [1]).accuracy
history = net.fit([[[0, 1, 0]]], [1], rule=bs.Rule("eprop", feedback="random"), optimiser=bs.Optimiser("adam"))
best: int = history.best_epoch
fast = bs.LIF(4)
graph = bs.Network([fast, bs.LIF(4, inputs="input"), bs.LeakyIntegrator(2, inputs=[fast, "hidden2"])], inputs=3,
                   connections=[bs.Connection(fast, "hidden2", "sparse", density=0.5, base_delay=1)])
"""
WRONG = """
import backspike as bs
bs.LIF(4, tau_n=20.0)
bs.LIF("four")
bs.LIF(4, reset="to_zero")
bs.Rule("bttp")
bs.Network([bs.LIF(4)]).fitt()
"""


def mypy(*arguments: str, folder: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mypy", "--config-file", str(CONFIGURATION), "--cache-dir", f"{folder}/cache"]
    package = Path(backspike.__file__).parent  # not resolved: in the build folder the sources are links
    return subprocess.run([*command, *arguments], capture_output=True, text=True, cwd=package.parent, check=False)


def test_the_package_and_its_stubs(tmp_path: Path) -> None:
    result = mypy("backspike", folder=str(tmp_path))
    assert result.returncode == 0, result.stdout


def test_right_programs_pass_and_wrong_ones_do_not(tmp_path: Path) -> None:
    (tmp_path / "right.py").write_text(RIGHT)
    (tmp_path / "wrong.py").write_text(WRONG)
    result = mypy(str(tmp_path / "right.py"), folder=str(tmp_path))
    assert result.returncode == 0, result.stdout
    lines = mypy(str(tmp_path / "wrong.py"), folder=str(tmp_path)).stdout
    for number in range(3, 8):
        assert f"wrong.py:{number}: error" in lines, lines
