"""Plain PyTorch with the delays of the package DCLS, a dilated 1-d convolution with learnable spacings over time, as in
Hammouamri, Khalfaoui-Hassani & Masquelier (2023): one Gaussian of learned position for each synapse."""

from __future__ import annotations

from importlib.metadata import version as version_of

import cases
import numpy as np
import torch
import torch_model
import with_pytorch
from DCLS.construct.modules import Dcls1d

version = version_of("DCLS")
OURS = with_pytorch.OURS
LEAST_WIDTH = 0.27  # what the package adds to its widths


def delayed(case: cases.Case, weight: np.ndarray, delay: np.ndarray) -> Dcls1d:
    """The connection with our weights, delays and width. A spike's delay is the distance to the kernel's last place."""
    bins = case.delay + 1
    layer = Dcls1d(*weight.shape, kernel_count=1, dilated_kernel_size=bins, bias=False, version="gauss")
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weight.T.copy())[..., None])
        layer.P.copy_(torch.from_numpy(case.delay - delay.T - bins // 2)[None, ..., None])
        layer.SIG.fill_(case.width - LEAST_WIDTH)
    layer.SIG.requires_grad_(False)
    return layer


class Model(with_pytorch.Model):
    def __init__(self, case: cases.Case) -> None:
        super().__init__(case)
        del self.dense
        self.connections = torch.nn.ModuleList(delayed(case, w, d) for w, d in
                                               zip(cases.weights(case), cases.delays(case), strict=True))

    def current(self, k: int, x: torch.Tensor) -> torch.Tensor:
        """[steps, batch, sources] to [steps, batch, targets]: nothing arrives before it was sent."""
        padded = torch.nn.functional.pad(x.permute(1, 2, 0), (self.case.delay, 0))
        return self.connections[k](padded).permute(2, 0, 1)

    def forward(self, x: torch.Tensor, count: bool = False) -> torch.Tensor:
        last = len(self.connections) - 1
        for k in range(last):
            x = self.hidden(k, self.current(k, x))
            if count:
                self.spikes += x.detach().sum().item()
        return self.readout(self.current(last, x)).mean(0)


def gradient(case: cases.Case) -> tuple[np.ndarray, float]:
    """Of the first weights and of their delays, and the hidden spikes."""
    model = Model(case)
    x, labels = (torch.from_numpy(a) for a in cases.samples(case))
    torch.nn.functional.cross_entropy(model(x, count=True), labels).backward()
    first = model.connections[0]
    return np.stack([first.weight.grad[..., 0].numpy().T, -first.P.grad[0, ..., 0].numpy().T]), model.spikes


training, _ = torch_model.programs(Model)
