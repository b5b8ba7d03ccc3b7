"""What is measured: every case in one list, and the input that all systems get."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

BETA = float(np.exp(-1 / 20.0))  # what a membrane keeps in a step of 1 ms: tau_m = 20 ms
SYN = float(np.exp(-1 / 5.0))  # and a synaptic current: tau_syn = 5 ms
GAIN = float(1 / 5 * np.exp(-1 / 20) * np.expm1(1 / 20 - 1 / 5) / (1 / 20 - 1 / 5))  # of it to the membrane
WIDTH = 0.5  # of the surrogate, in units of the threshold


@dataclass(frozen=True)
class Case:
    name: str
    sizes: tuple[int, ...]  #: inputs, hidden layers, outputs; the outputs are leaky integrators
    batch: int
    steps: int
    density: float  #: share of input places that are 1; 0: Gaussian noise everywhere
    cell: str = "lif"  #: or cuba_lif
    recurrent: bool = False
    surrogate: str = "fast_sigmoid"  #: or triangle
    once: bool = False  #: each channel fires once at most, `density` is the share that does
    threads: int = 2
    updates: int = 1  #: training steps in one timed repetition
    every: int = 0  #: steps between checkpoints, where the system has them; 0: everything is kept
    arithmetic: str = ""  #: [rule] arithmetic, of the system that has it; "": its default
    delay: int = 0  #: steps, the largest delay of the synapses, each of which learns its own; 0: there are none
    width: float = 0.5  #: steps, of the kernel around a delay
    memory: bool = False  #: what matters is its peak: one repetition
    online: bool = False  #: one step of a stream at a time
    learns: bool = False  #: online: with learning
    by_default: bool = True
    only: tuple[str, ...] = ()  #: systems that take part; none: all

    @property
    def hidden(self) -> int:
        return sum(self.sizes[1:-1])

    @property
    def neuron_steps(self) -> int:
        """Of hidden neurons, in one training step."""
        return self.batch * self.steps * self.hidden

    @property
    def weights(self) -> int:
        return sum(a * b for a, b in zip(self.sizes, self.sizes[1:], strict=False))


def read_cases() -> tuple[Case, ...]:
    """Those of ../cases.json, which bench_cases reads too; `like` takes what is not said from another case."""
    known: dict[str, dict[str, Any]] = {}
    for entry in json.loads((Path(__file__).parent.parent / "cases.json").read_text()):
        if "stack" in entry:  # convolutions: the engine alone
            continue
        known[entry["name"]] = {**known.get(entry.pop("like", ""), {}), **entry}
    return tuple(Case(**{k: tuple(v) if isinstance(v, list) else v for k, v in c.items()}) for c in known.values())


CASES = read_cases()


def tiny(case: Case) -> Case:
    """The same case at a size that takes no time."""
    return replace(case, sizes=(24, *(16 for _ in case.sizes[1:-1]), case.sizes[-1]), batch=4, updates=1,
                   every=case.every and 5, delay=min(case.delay, 5), steps=30 if case.online else 12,
                   density=case.density and max(case.density, 0.2))


def samples(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Input [steps, batch, channels] and labels [batch]; the same in every process."""
    rng = np.random.default_rng(1)
    shape = (case.steps, case.batch, case.sizes[0])
    if case.once:  # latency code: the time of the one spike of each channel that is not dark
        time = rng.integers(0, case.steps, shape[1:])
        time[rng.random(shape[1:]) >= case.density] = -1
        x = (np.arange(case.steps)[:, None, None] == time).astype(np.float32)
    elif case.density:
        x = (rng.random(shape, np.float32) < case.density).astype(np.float32)
    else:
        x = rng.standard_normal(shape, np.float32)
    return x, rng.integers(0, case.sizes[-1], case.batch)


def weights(case: Case) -> list[np.ndarray]:
    """Initial weights [sources, targets] of each layer, such that hidden neurons fire; recurrent ones are each
    system's own affair."""
    rng = np.random.default_rng(2)
    rates = [case.density / case.steps if case.once else case.density or 1.0] + [0.03] * len(case.sizes)
    gain = 1.12 if case.cell == "cuba_lif" else 1.0  # the synapse smooths its input
    return [rng.normal(0, gain / np.sqrt(10 * rate * a), (a, b)).astype(np.float32)
            for a, b, rate in zip(case.sizes, case.sizes[1:], rates, strict=False)]


def delays(case: Case) -> list[np.ndarray]:
    """Initial delays [sources, targets] of each layer, in steps."""
    rng = np.random.default_rng(4)
    return [rng.uniform(0, case.delay, (a, b)).astype(np.float32)
            for a, b in zip(case.sizes, case.sizes[1:], strict=False)]
