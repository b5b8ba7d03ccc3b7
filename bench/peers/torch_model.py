"""What the systems built on PyTorch share: input products over all steps at once, training step, stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cases
import numpy as np
import torch
from torch import nn

torch.set_flush_denormal(True)


class Model(nn.Module):
    """Dense layers between populations. A system adds `hidden` and `readout`, which run a population over [steps,
    batch, neurons], and `scale`: its weights are ours over it."""

    scale = 1.0
    readout_scale = 1.0

    def __init__(self, case: cases.Case) -> None:
        super().__init__()
        self.case = case
        self.dense = nn.ModuleList(nn.Linear(a, b, bias=False)
                                   for a, b in zip(case.sizes, case.sizes[1:], strict=False))
        with torch.no_grad():
            for k, (layer, w) in enumerate(zip(self.dense, cases.weights(case), strict=True)):
                last = k == len(self.dense) - 1
                layer.weight.copy_(torch.from_numpy(w.T.copy()) / (self.readout_scale if last else self.scale))
        self.spikes = 0.0

    def hidden(self, k: int, current: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError

    def readout(self, current: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError

    def forward(self, x: torch.Tensor, count: bool = False) -> torch.Tensor:
        for k, layer in enumerate(self.dense[:-1]):
            x = self.hidden(k, layer(x))
            if count:
                self.spikes += x.detach().sum().item()
        return self.readout(self.dense[-1](x)).mean(0)


def training(model: Model, case: cases.Case) -> Callable[[], None]:
    x, labels = (torch.from_numpy(a) for a in cases.samples(case))
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-4, fused=True)

    def run() -> None:
        for _ in range(case.updates):
            optimiser.zero_grad()
            nn.functional.cross_entropy(model(x), labels).backward()
            optimiser.step()

    return run


def gradient(model: Model, case: cases.Case) -> tuple[np.ndarray, float]:
    x, labels = (torch.from_numpy(a) for a in cases.samples(case))
    nn.functional.cross_entropy(model(x, count=True), labels).backward()
    return model.dense[0].weight.grad.numpy().T, model.spikes


def programs(made: type[Model]) -> tuple[Callable[[cases.Case], Any], Callable[[cases.Case], Any]]:
    """The `training` and `gradient` of a system whose model is of this class."""
    return lambda case: training(made(case), case), lambda case: gradient(made(case), case)


def stream(step: Callable[[torch.Tensor], Any]) -> Callable[[np.ndarray], Any]:
    """Rows of NumPy to a step [1, inputs] without autograd."""
    torch.set_grad_enabled(False)
    return lambda row: step(torch.from_numpy(row)[None])
