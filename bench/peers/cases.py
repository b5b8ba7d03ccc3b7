"""What is measured: every case in one list, and the input that all systems get."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

BETA = float(np.exp(-1 / 20.0))  # what a membrane keeps in a step of 1 ms: tau_m = 20 ms
SYN = float(np.exp(-1 / 5.0))  # and a synaptic current: tau_syn = 5 ms
GAIN = float(1 / 5 * np.exp(-1 / 20) * np.expm1(1 / 20 - 1 / 5) / (1 / 20 - 1 / 5))  # of it to the membrane
POOL = 0.6  # of a threshold, what a pool adds for one spike
WIDTH = 0.5  # of the surrogate, in units of the threshold


@dataclass(frozen=True)
class Window:
    """A convolution that leaves the grid as large as it is, or a pool that sums; a population follows each."""

    pool: bool
    kernel: int
    source: tuple[int, int, int]  #: channels, height, width
    channels: int  #: of the population that follows

    @property
    def target(self) -> tuple[int, int, int]:
        _, *grid = self.source
        height, width = ((n - self.kernel) // self.kernel + 1 if self.pool else n for n in grid)
        return self.channels, height, width

    @property
    def rows(self) -> int:
        """Of its weights: what a neuron takes from."""
        return self.kernel**2 * self.source[0]


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
    stack: str = ""  #: of convolutions and pools before the layers of `sizes`: "16C5-P2" has 16 channels of 5 by 5, a pool
    grid: tuple[int, ...] = ()  #: channels, height and width of the input, where there is a stack

    @property
    def windows(self) -> list[Window]:
        found: list[Window] = []
        for word in filter(None, self.stack.split("-")):
            channels, _, kernel = word.rpartition("C" if "C" in word else "P")
            source = found[-1].target if found else (self.grid[0], self.grid[1], self.grid[2])
            found.append(Window("P" in word, int(kernel), source, int(channels or source[0])))
        return found

    @property
    def dense(self) -> list[tuple[int, int]]:
        """Sources and targets of the dense layers."""
        sizes = (prod(self.windows[-1].target) if self.stack else self.sizes[0], *self.sizes[1:])
        return list(zip(sizes, sizes[1:], strict=False))

    @property
    def populations(self) -> int:
        """Hidden ones."""
        return len(self.windows) + len(self.sizes) - 2

    @property
    def hidden(self) -> int:
        return sum(prod(w.target) for w in self.windows) + sum(self.sizes[1:-1])

    @property
    def neuron_steps(self) -> int:
        """Of hidden neurons, in one training step."""
        return self.batch * self.steps * self.hidden

    @property
    def weights(self) -> int:
        return sum(a * b for a, b in self.dense) + sum(w.rows * w.channels for w in self.windows if not w.pool)


def read_cases() -> tuple[Case, ...]:
    """Those of ../cases.json, which bench_cases reads too; `like` takes what is not said from another case."""
    known: dict[str, dict[str, Any]] = {}
    for entry in json.loads((Path(__file__).parent.parent / "cases.json").read_text()):
        known[entry["name"]] = {**known.get(entry.pop("like", ""), {}), **entry}
    return tuple(Case(**{k: tuple(v) if isinstance(v, list) else v for k, v in c.items()}) for c in known.values())


CASES = read_cases()


def tiny(case: Case) -> Case:
    """The same case at a size that takes no time."""
    grid = (case.grid[0], 10, 10) if case.stack else ()
    return replace(case, grid=grid, sizes=(prod(grid) if grid else 24, *(16 for _ in case.sizes[1:-1]), case.sizes[-1]), batch=4, updates=1,
                   every=case.every and 5, delay=min(case.delay, 5), steps=30 if case.online else 12,
                   density=case.density and max(case.density, 0.2))


def samples(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Input [steps, batch, channels] and labels [batch]; the same in every process. Of a grid: height, width, channels."""
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


def drawn(case: Case, rng: np.random.Generator, rows: int, columns: int, first: bool) -> np.ndarray:
    """Such that neurons which take from `rows` sources fire."""
    rate = (case.density / case.steps if case.once else case.density or 1.0) if first else 0.03
    gain = 1.12 if case.cell == "cuba_lif" else 1.0  # the synapse smooths its input
    return rng.normal(0, gain / np.sqrt(10 * rate * rows), (rows, columns)).astype(np.float32)


def weights(case: Case) -> list[np.ndarray]:
    """Initial weights [sources, targets] of each dense layer, such that hidden neurons fire; recurrent ones are each
    system's own affair. After windows the sources are height, width, channels."""
    rng = np.random.default_rng(2)
    return [drawn(case, rng, a, b, k == 0 and not case.stack) for k, (a, b) in enumerate(case.dense)]


def kernels(case: Case) -> list[np.ndarray | None]:
    """Initial weights [height * width * channels in, channels out] of each convolution; None of a pool."""
    rng = np.random.default_rng(5)
    return [None if w.pool else drawn(case, rng, w.rows, w.channels, k == 0) for k, w in enumerate(case.windows)]


def delays(case: Case) -> list[np.ndarray]:
    """Initial delays [sources, targets] of each layer, in steps."""
    rng = np.random.default_rng(4)
    return [rng.uniform(0, case.delay, (a, b)).astype(np.float32)
            for a, b in case.dense]
