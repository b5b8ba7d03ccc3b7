"""norse: `LIFBoxCell` for LIF, `LIFCell` for current-based LIF, `LIFRecurrentCell` where it is recurrent."""

from __future__ import annotations

from importlib.metadata import version as version_of
from typing import Any

import cases
import norse.torch as norse
import torch
import torch_model
from norse.torch.functional.leaky_integrator_box import LIBoxParameters
from norse.torch.functional.lif import LIFParameters
from norse.torch.functional.lif_box import LIFBoxParameters
from norse.torch.functional.reset import reset_subtract
from norse.torch.module.leaky_integrator_box import LIBoxCell

version = version_of("norse")
STEP = 1e-3  # s
SCALE = 1 - cases.BETA
OURS = {"surrogates": {kind: (kind, 1.0, 1.0) for kind in ("fast_sigmoid", "triangle")},  # theirs have a width of 1
        "detach_reset": False, "scale": SCALE}


def tensor(x: float) -> torch.Tensor:
    return torch.tensor(x, dtype=torch.float32)


class Model(torch_model.Model):
    readout_scale = SCALE

    def __init__(self, case: cases.Case) -> None:
        self.scale = SCALE / cases.GAIN if case.cell == "cuba_lif" else SCALE
        super().__init__(case)
        method = {"method": "triangle" if case.surrogate == "triangle" else "super", "alpha": 1.0}
        inverse = SCALE / STEP
        box = LIFBoxParameters(tensor(inverse), tensor(0.0), tensor(1.0), tensor(0.0), reset_method=reset_subtract,
                               **method)
        lif = LIFParameters(tensor((1 - cases.SYN) / STEP), tensor(inverse), tensor(0.0), tensor(1.0), tensor(0.0),
                            **method)
        n = case.sizes[1]

        def cell() -> torch.nn.Module:
            if case.recurrent:
                return norse.LIFRecurrentCell(n, n, lif, dt=STEP)
            return norse.LIFCell(lif, dt=STEP) if case.cell == "cuba_lif" else norse.LIFBoxCell(box, dt=STEP)

        self.cells = torch.nn.ModuleList(cell() for _ in range(case.populations))
        if case.recurrent:  # its own input product is that of the dense layer, done for all steps at once elsewhere
            self.cells[0] = norse.LIFRecurrentCell(case.sizes[0], n, lif, dt=STEP)
            with torch.no_grad():
                self.cells[0].input_weights.copy_(self.dense[0].weight)
        self.out = LIBoxCell(LIBoxParameters(tensor(inverse), tensor(0.0)), dt=STEP)

    def forward(self, x: torch.Tensor, count: bool = False) -> torch.Tensor:
        if not self.case.recurrent:
            return super().forward(x, count)
        return self.readout(self.dense[-1](self.hidden(0, x))).mean(0)

    def hidden(self, k: int, current: torch.Tensor) -> torch.Tensor:
        spikes, state = [], None
        for c in current.unbind(0):
            s, state = self.cells[k](c, state)
            spikes.append(s)
        return torch.stack(spikes)

    def readout(self, current: torch.Tensor) -> torch.Tensor:
        trace, state = [], None
        for c in current.unbind(0):
            y, state = self.out(c, state)
            trace.append(y)
        return torch.stack(trace)


def stream(case: cases.Case) -> Any:
    model, state, memory = Model(case), None, None

    def step(row: torch.Tensor) -> torch.Tensor:
        nonlocal state, memory
        s, state = model.cells[0](row, state)
        y, memory = model.out(model.dense[1](s), memory)
        return y

    return torch_model.stream(step)


training, gradient = torch_model.programs(Model)
