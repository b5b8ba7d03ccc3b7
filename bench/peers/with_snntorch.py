"""snnTorch: `Leaky`, `Synaptic` and their recurrent forms in a loop over time."""

from __future__ import annotations

from typing import Any

import cases
import snntorch as snn
import torch
import torch_model
from snntorch import surrogate

version = snn.__version__
OURS = {"reset_strength": 1 / cases.BETA}  # the reset comes a step later: docs/python/peers.md


def triangle(u: torch.Tensor, error: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
    return error * (1 - u.abs() / cases.WIDTH).clamp(min=0)  # its own "triangular" has no compact support


class Model(torch_model.Model):
    def __init__(self, case: cases.Case) -> None:
        self.scale = 1 / cases.GAIN if case.cell == "cuba_lif" else 1.0  # Synaptic adds the whole current
        super().__init__(case)
        grad = (surrogate.custom_surrogate(triangle) if case.surrogate == "triangle"
                else surrogate.fast_sigmoid(1 / cases.WIDTH))
        rest = {"spike_grad": grad, "reset_mechanism": "subtract"}
        again = {"linear_features": case.sizes[1]} if case.recurrent else {}
        kinds = {("lif", False): snn.Leaky, ("cuba_lif", False): snn.Synaptic, ("lif", True): snn.RLeaky,
                 ("cuba_lif", True): snn.RSynaptic}
        kind = kinds[case.cell, case.recurrent]
        constants = {"beta": cases.BETA} | ({"alpha": cases.SYN} if case.cell == "cuba_lif" else {})
        self.cells = torch.nn.ModuleList(kind(**constants, **rest, **again) for _ in range(case.populations))
        self.out = snn.Leaky(cases.BETA, reset_mechanism="none")

    def hidden(self, k: int, current: torch.Tensor) -> torch.Tensor:
        cell, case, spikes = self.cells[k], self.case, []
        zero = torch.zeros_like(current[0])
        state = ([zero] if case.recurrent else []) + [zero] * (2 if case.cell == "cuba_lif" else 1)
        for c in current.unbind(0):
            s, *rest = cell(c, *state)
            state = ([s] if case.recurrent else []) + rest
            spikes.append(s)
        return torch.stack(spikes)

    def readout(self, current: torch.Tensor) -> torch.Tensor:
        y, out = torch.zeros_like(current[0]), []
        for c in current.unbind(0):
            _, y = self.out(c, y)
            out.append(y)
        return torch.stack(out)


def stream(case: cases.Case) -> Any:
    model = Model(case)
    s = v = torch.zeros(1, case.sizes[1])
    y = torch.zeros(1, case.sizes[-1])

    def step(row: torch.Tensor) -> torch.Tensor:
        nonlocal s, v, y
        s, v = model.cells[0](model.dense[0](row), s, v)
        _, y = model.out(model.dense[1](s), y)
        return y

    return torch_model.stream(step)


training, gradient = torch_model.programs(Model)
