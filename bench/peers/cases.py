"""What is measured: every case in one list, and the input that all systems get."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
    online: bool = False  #: one step of a stream at a time, without learning
    by_default: bool = True
    only: tuple[str, ...] = ()  #: systems that take part; none: all

    @property
    def hidden(self) -> int:
        return sum(self.sizes[1:-1])


def recurrent(steps: int, percent: int) -> Case:
    return Case(f"recurrent-T{steps}-{percent}%", (700, 256, 20), 128, steps, percent / 100, "cuba_lif", True)


def wide(n: int, density: float) -> Case:
    label = "5%" if density else "dense"
    return Case(f"wide-{n}-{label}", (n, n, 10), 16, 500, density, by_default=n < 10000)


FASHION = Case("fashion", (784, 512, 10), 256, 40, 0.38, "cuba_lif", once=True, updates=4)
CASES = (
    FASHION,
    recurrent(250, 3),
    Case("online", (100, 256, 2), 1, 2000, 0.05, recurrent=True, threads=1, online=True),
    Case("online-eprop", (100, 256, 2), 1, 2000, 0.05, recurrent=True, threads=1, online=True, only=("backspike",)),
    Case("deep-fast_sigmoid", (512,) * 6 + (10,), 64, 100, 0.05),
    Case("deep-triangle", (512,) * 6 + (10,), 64, 100, 0.05, surrogate="triangle"),
    wide(512, 0.05), wide(512, 0),
    replace(FASHION, name="fashion-1-thread", threads=1),
    replace(recurrent(250, 3), name="recurrent-T250-3%-1-thread", threads=1),
    wide(4096, 0.05), wide(4096, 0),
    recurrent(1000, 3), recurrent(100, 3), recurrent(250, 8), recurrent(250, 1),
    *(replace(recurrent(steps, percent), by_default=False) for steps in (100, 1000) for percent in (8, 1)),
    wide(16384, 0.05), wide(16384, 0),
)


def tiny(case: Case) -> Case:
    """The same case at a size that takes no time."""
    return replace(case, sizes=(24, *(16 for _ in case.sizes[1:-1]), case.sizes[-1]), batch=4, updates=1,
                   steps=30 if case.online else 12, density=case.density and max(case.density, 0.2))


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
