"""SpikingJelly: `LIFNode`, multi-step on its torch backend (the one for CPUs); recurrent layers step by step.

It has no current-based LIF among its layers: those cases run on LIFNode, which is less work than the others do."""

from __future__ import annotations

from importlib.metadata import version as version_of
from typing import Any

import cases
import torch
import torch_model
from spikingjelly.activation_based import functional, neuron, surrogate

version = version_of("spikingjelly")
OURS = {"surrogates": {"fast_sigmoid": ("fast_sigmoid", 1.0, 1.0),  # SuperSpike has a width of 1
                       "triangle": ("triangle", cases.WIDTH, 1 / cases.WIDTH)}}  # and this one an area of 1
TAU = 1 / (1 - cases.BETA)


class Model(torch_model.Model):
    def __init__(self, case: cases.Case) -> None:
        super().__init__(case)
        kind = (surrogate.PiecewiseQuadratic(1 / cases.WIDTH) if case.surrogate == "triangle" else
                surrogate.SuperSpike(1.0))
        mode = "s" if case.recurrent else "m"
        self.cells = torch.nn.ModuleList(neuron.LIFNode(TAU, False, 1.0, None, kind, True, step_mode=mode)
                                         for _ in range(case.populations))
        self.out = neuron.LIFNode(TAU, False, 1e9, None, step_mode="m", store_v_seq=True)
        n = case.sizes[1]
        self.back = torch.nn.Linear(n, n, bias=False) if case.recurrent else None

    def hidden(self, k: int, current: torch.Tensor) -> torch.Tensor:
        if self.back is None:
            return self.cells[k](current)
        s, spikes = torch.zeros_like(current[0]), []
        for c in current.unbind(0):
            s = self.cells[k](c + self.back(s))
            spikes.append(s)
        return torch.stack(spikes)

    def readout(self, current: torch.Tensor) -> torch.Tensor:
        self.out(current)
        return self.out.v_seq

    def forward(self, x: torch.Tensor, count: bool = False) -> torch.Tensor:
        functional.reset_net(self)
        return super().forward(x, count)


def stream(case: cases.Case) -> Any:
    model = Model(case)
    model.out.step_mode = "s"
    s = torch.zeros(1, case.sizes[1])

    def step(row: torch.Tensor) -> torch.Tensor:
        nonlocal s
        s = model.cells[0](model.dense[0](row) + model.back(s))
        model.out(model.dense[1](s))
        return model.out.v

    return torch_model.stream(step)


training, gradient = torch_model.programs(Model)
