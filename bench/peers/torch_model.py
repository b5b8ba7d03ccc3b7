"""What the systems built on PyTorch share: input products over all steps at once, training step, stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cases
import numpy as np
import torch
from torch import nn

torch.set_flush_denormal(True)


def kernel_of(weight: np.ndarray, window: cases.Window) -> torch.Tensor:
    """Our [height * width * channels in, channels out] as [channels out, channels in, height, width]."""
    k = window.kernel
    return torch.from_numpy(weight).reshape(k, k, window.source[0], window.channels).permute(3, 2, 0, 1)


class Pool(nn.Module):
    """What a spike of each place of a window adds up to."""

    def __init__(self, kernel: int, scale: float) -> None:
        super().__init__()
        self.kernel, self.factor = kernel, cases.POOL / scale * kernel**2

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.avg_pool2d(x, self.kernel) * self.factor


def window_module(window: cases.Window, weight: np.ndarray | None, scale: float) -> nn.Module:
    if weight is None:
        return Pool(window.kernel, scale)
    made = nn.Conv2d(window.source[0], window.channels, window.kernel, padding=window.kernel // 2, bias=False)
    with torch.no_grad():
        made.weight.copy_(kernel_of(weight, window) / scale)
    return made.to(memory_format=torch.channels_last)


class Model(nn.Module):
    """Convolutions, pools and dense layers between populations. A system adds `hidden` and `readout`, which run a population over [steps,
    batch, neurons], and `scale`: its weights are ours over it."""

    scale = 1.0
    readout_scale = 1.0

    def __init__(self, case: cases.Case) -> None:
        super().__init__()
        self.case = case
        self.windows = nn.ModuleList(window_module(window, w, self.scale)
                                     for window, w in zip(case.windows, cases.kernels(case), strict=True))
        self.dense = nn.ModuleList(nn.Linear(a, b, bias=False) for a, b in case.dense)
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
        if self.case.stack:
            x = x.unflatten(-1, (*self.case.grid[1:], self.case.grid[0]))
        for k, layer in enumerate((*self.windows, *self.dense[:-1])):
            x = self.hidden(k, self.over_steps(k, layer, x))
            if count:
                self.spikes += x.detach().sum().item()
        return self.readout(self.dense[-1](x.flatten(2))).mean(0)

    def over_steps(self, k: int, layer: nn.Module, x: torch.Tensor) -> torch.Tensor:
        """All steps at once: [steps, batch, neurons] or [steps, batch, height, width, channels], the order in memory in
        which PyTorch's convolutions are fastest on processors: up to 2.6 times faster than channels first."""
        if k >= len(self.windows):
            return layer(x.flatten(2))
        return layer(x.flatten(0, 1).permute(0, 3, 1, 2)).permute(0, 2, 3, 1).unflatten(0, x.shape[:2])


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
    if case.stack:
        return model.windows[0].weight.grad.permute(2, 3, 1, 0).flatten(0, 2).numpy(), model.spikes
    return model.dense[0].weight.grad.numpy().T, model.spikes


def programs(made: type[Model]) -> tuple[Callable[[cases.Case], Any], Callable[[cases.Case], Any]]:
    """The `training` and `gradient` of a system whose model is of this class."""
    return lambda case: training(made(case), case), lambda case: gradient(made(case), case)


def stream(step: Callable[[torch.Tensor], Any]) -> Callable[[np.ndarray], Any]:
    """Rows of NumPy to a step [1, inputs] without autograd."""
    torch.set_grad_enabled(False)
    return lambda row: step(torch.from_numpy(row)[None])
