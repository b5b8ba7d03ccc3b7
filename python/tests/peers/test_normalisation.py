"""Weights that are standardised, and batch normalisation that is folded, beside PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")

from torch import nn  # noqa: E402

import backspike as bs  # noqa: E402


def trained_norm(kind: type[Any], channels: int) -> Any:
    norm = kind(channels, eps=1e-3).eval()
    with torch.no_grad():
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.1, 2.0)
        norm.weight.normal_()
        norm.bias.normal_()
    return norm


@pytest.mark.parametrize("axis, layer, kind, shape", [
    (None, nn.Conv2d(3, 7, 3, padding=1), nn.BatchNorm2d, (2, 3, 6, 6)),
    (None, nn.Conv2d(4, 6, 3, groups=2, bias=False), nn.BatchNorm2d, (2, 4, 6, 6)),
    (None, nn.Conv1d(3, 5, 4), nn.BatchNorm1d, (2, 3, 11)),
    (1, nn.ConvTranspose2d(3, 5, 3, stride=2), nn.BatchNorm2d, (2, 3, 4, 4)),
    (0, nn.Linear(8, 5), nn.BatchNorm1d, (3, 8)),
])
def test_folding_does_what_both_did(axis: int | None, layer: Any, kind: type[Any], shape: tuple[int, ...]) -> None:
    torch.manual_seed(1)
    layer = layer.double()
    channels = layer.weight.shape[0 if axis is None else axis]
    norm = trained_norm(kind, channels).double()
    x = torch.randn(shape, dtype=torch.float64)
    with torch.no_grad():
        wanted = norm(layer(x))
        weight, bias = bs.fold_batch_norm(layer.weight, layer.bias, norm.running_mean, norm.running_var, norm.weight, norm.bias,
                                          norm.eps, axis=axis)
        layer.weight.copy_(torch.tensor(weight))
        layer.bias = nn.Parameter(torch.tensor(bias))
        assert (layer(x) - wanted).abs().max() < 1e-6 * wanted.abs().max()


class Readout(nn.Module):
    """A convolution of standardised weights into a leaky integrator; every step begins anew from them."""

    def __init__(self, weight: np.ndarray, kernel: tuple[int, int, int]) -> None:
        super().__init__()
        self.free = nn.Parameter(torch.tensor(weight, dtype=torch.float64))
        self.norm, self.kernel = torch.tensor(np.linalg.norm(weight, axis=0)), kernel

    def weight(self) -> torch.Tensor:
        v = self.free - self.free.mean(0)
        return v * (self.norm / v.norm(dim=0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        w = self.weight().reshape(*self.kernel, -1).permute(3, 2, 0, 1)
        y, out = torch.zeros((), dtype=torch.float64), []
        for t in range(x.shape[1]):
            y = float(np.exp(-1 / 8.0)) * y + nn.functional.conv2d(x[:, t], w).flatten(1)
            out.append(y)
        return torch.stack(out, 1)

    def restart(self) -> None:
        with torch.no_grad():
            self.free.copy_(self.weight())


def test_steps_of_standardised_weights_are_those_of_pytorch() -> None:
    net = bs.Network([bs.Conv2d(4, 3), bs.LeakyIntegrator(tau_m=8.0, weight_transform="standardise")], inputs=(2, 3, 3), seed=4, rate=0.3)
    rng = np.random.default_rng(3)
    x, labels = (rng.random((8, 6, 2, 3, 3)) < 0.3).astype(np.float32), np.arange(8) % 4
    net.parameters["readout.weight"][...] *= -1  # weights of one's own: fit does not draw them anew
    theirs = Readout(np.array(net.parameters["readout.weight"], float), (3, 3, 2))
    steps = torch.optim.Adam([theirs.free], lr=0.05)
    start = np.array(net.parameters["readout.weight"])
    for _ in range(5):
        steps.zero_grad()
        nn.functional.cross_entropy(theirs(torch.tensor(x, dtype=torch.float64)).mean(1), torch.tensor(labels)).backward()
        steps.step()
        theirs.restart()
    net.fit(bs.Data(x, labels, classes=4), epochs=5, batch=8, objective=bs.Objective(readout="mean"),
            optimiser=bs.Optimiser(learning_rate=0.05))
    ours, wanted = np.array(net.parameters["readout.weight"]), theirs.free.detach().numpy()
    assert np.abs(wanted - start).max() > 0.05
    assert np.abs(ours - wanted).max() < 2e-4  # Adam divides small gradients by their size
