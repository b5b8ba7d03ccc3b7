"""Convolutions and pools beside PyTorch's own: the same weights, spikes that are equal, outputs and gradients to 1e-5.

The equations of the cells are those of reference.py; here are the layers between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")

from reference import Spike  # noqa: E402
from torch.nn import functional  # noqa: E402

import backspike as bs  # noqa: E402

STEPS, SAMPLES, OUTPUTS = 12, 6, 4
SURROGATE = ("arctangent", 0.6, 1.1)
DECAY = float(np.exp(-1 / 8.0))
THRESHOLD = 0.93  # which no sum of spikes is exactly


def kernels(weight: torch.Tensor, channels: int, size: tuple[int, ...]) -> torch.Tensor:
    """Our [ky * kx * channels of a group, channels out] as [out, in of a group, ky, kx]."""
    return weight.reshape(*size, channels, -1).permute(len(size) + 1, len(size), *range(len(size)))


def conv2d(channels: int, size: tuple[int, int], **rest: Any) -> Callable[..., torch.Tensor]:
    return lambda x, w: functional.conv2d(x, kernels(w, channels, size), **rest)


def transposed(x: torch.Tensor, w: torch.Tensor, channels: int, size: tuple[int, int], **rest: Any) -> torch.Tensor:
    """Theirs wants [in, out of a group, ky, kx]; one group."""
    return functional.conv_transpose2d(x, kernels(w, channels, size).transpose(0, 1), **rest)


CASES: dict[str, tuple[tuple[int, ...], Any, Callable[..., torch.Tensor]]] = {
    "plain": ((2, 6, 7), bs.Conv2d(5, 3), conv2d(2, (3, 3))),
    "stride and padding": ((2, 7, 8), bs.Conv2d(4, 3, stride=2, padding=1), conv2d(2, (3, 3), stride=2, padding=1)),
    "two axes": ((1, 8, 9), bs.Conv2d(3, (3, 2), (2, 1), (0, 1)), conv2d(1, (3, 2), stride=(2, 1), padding=(0, 1))),
    "dilation": ((2, 9, 9), bs.Conv2d(4, 3, dilation=2, padding=2), conv2d(2, (3, 3), dilation=2, padding=2)),
    "stride beside dilation": ((1, 11, 11), bs.Conv2d(3, 3, stride=3, dilation=2, padding=1),
                               conv2d(1, (3, 3), stride=3, dilation=2, padding=1)),
    "groups": ((4, 6, 6), bs.Conv2d(6, 3, groups=2), conv2d(2, (3, 3), groups=2)),
    "depth-wise": ((4, 6, 6), bs.Conv2d(8, 3, groups=4, padding=1), conv2d(1, (3, 3), groups=4, padding=1)),
    "more channels than lanes": ((3, 5, 5), bs.Conv2d(37, 2), conv2d(3, (2, 2))),
    "along a line": ((3, 17), bs.Conv1d(5, 4, stride=2, padding=1),
                     lambda x, w: functional.conv1d(x, kernels(w, 3, (4,)), stride=2, padding=1)),
    "transposed": ((3, 4, 5), bs.ConvTranspose2d(2, 3, stride=2, padding=1, output_padding=1),
                   lambda x, w: transposed(x, w, 3, (3, 3), stride=2, padding=1, output_padding=1)),
    "sum": ((3, 6, 8), bs.SumPool(2), lambda x, _: 4 * functional.avg_pool2d(x, 2)),
    "mean": ((3, 7, 7), bs.AveragePool(3, stride=2, padding=1),
             lambda x, _: functional.avg_pool2d(x, 3, stride=2, padding=1)),
}


def run(layer: Callable[..., torch.Tensor], x: torch.Tensor, w: dict[str, torch.Tensor]) -> tuple[Any, Any, Any]:
    """Spikes of the neurons, in our order; outputs; and the smallest distance to a threshold of each sample."""
    v: Any = 0.0
    y: Any = 0.0
    spikes, outputs, nearest = [], [], torch.full((len(x),), torch.inf, dtype=x.dtype)
    for t in range(x.shape[1]):
        current = layer(x[:, t], w["hidden1.weight"])
        if "hidden1.bias" in w:
            current = current + w["hidden1.bias"].reshape(-1, *[1] * (current.ndim - 2))
        v = DECAY * v + current
        nearest = torch.minimum(nearest, (v - THRESHOLD).abs().flatten(1).amin(1).detach())
        s = Spike.apply(v - THRESHOLD, *SURROGATE)
        v = v - THRESHOLD * s.detach()
        flat = s.movedim(1, -1).flatten(1)
        y = DECAY * y + flat @ w["readout.weight"]
        spikes.append(flat)
        outputs.append(y)
    return torch.stack(spikes, 1), torch.stack(outputs, 1), nearest


@pytest.mark.parametrize("name", list(CASES))
def test_windows_are_those_of_pytorch(name: str) -> None:
    shape, window, layer = CASES[name]
    window.bias = window.kind not in ("sum_pool", "average_pool")
    hidden = bs.LIF(tau_m=8.0, v_th=THRESHOLD,
                    surrogate=bs.Surrogate(SURROGATE[0], width=SURROGATE[1], height=SURROGATE[2]))
    net = bs.Network([window, hidden, bs.LeakyIntegrator(OUTPUTS, tau_m=8.0)], inputs=shape, seed=4, rate=0.3)
    rng = np.random.default_rng(2)
    if window.bias:
        net.parameters["hidden1.bias"][...] = rng.normal(0.0, 0.05, net.parameters["hidden1.bias"].shape)
    x = (rng.random((16 * SAMPLES, STEPS, *shape)) < 0.3).astype(np.float32)
    w = {n: torch.tensor(np.array(v), dtype=torch.float64).requires_grad_() for n, v in net.parameters.items()
         if n.endswith((".weight", ".bias"))}
    w["hidden1.bias"] = w["hidden1.bias"].reshape(-1) if "hidden1.bias" in w else torch.zeros(1)
    w = {n: v.detach().requires_grad_() for n, v in w.items()}
    x = x[run(layer, torch.tensor(x, dtype=torch.float64), w)[2].numpy() > 1e-4][:SAMPLES]
    labels = rng.integers(0, OUTPUTS, len(x))
    assert len(x) == SAMPLES
    data = bs.Data(x, labels, classes=OUTPUTS)
    assert data.shape == shape
    spikes, outputs, _ = run(layer, torch.tensor(x, dtype=torch.float64), w)
    own = net.record(data)
    for k in range(len(x)):
        steps, neurons = np.nonzero(spikes[k].detach().numpy())
        assert own[k].spikes["hidden1"][0].tolist() == steps.tolist()
        assert own[k].spikes["hidden1"][1].tolist() == neurons.tolist()
    assert spikes.sum() > 15
    objective = bs.Objective(readout="mean")
    loss = functional.cross_entropy(outputs.mean(1), torch.tensor(labels))
    loss.backward()
    found = net.gradient(data, objective=objective)
    assert found.loss == pytest.approx(loss.item(), rel=1e-5)
    for parameter, value in w.items():
        if parameter not in net.parameters or not net.parameter_infos[parameter]["learnable"]:
            continue
        theirs, ours = value.grad.numpy(), np.asarray(found.parameters[parameter]).reshape(value.shape)
        assert np.abs(theirs).max() > 0
        assert np.abs(ours - theirs).max() < 1e-5 * np.abs(theirs).max(), parameter
