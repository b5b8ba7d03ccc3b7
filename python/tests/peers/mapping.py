"""A network of another framework beside ours: one hidden layer of theirs, one readout, our weights after conversion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import reference as ref
import torch
from conftest import GROUPS
from reference import Layer

import backspike as bs
from backspike.torch import Module

INPUTS, HIDDEN, OUTPUTS, STEPS, DT = 8, 10, 3, 30, 1.0
TOLERANCE = 1e-5


def tau_of(decay: float) -> float:
    """The time constant [ms] of a membrane that keeps this share in a step: decay = exp(-dt / tau)."""
    return float(-DT / np.log(decay))


@dataclass
class Peer:
    """How the other framework's network is made from ours.

    Attributes:
        layers: ours.
        run: theirs: (x [batch, steps, inputs], weights by our names) -> hidden spikes, outputs [batch, steps, ...].
        scale: our weight = scale * theirs, by name.
        lag: steps by which ours comes later; below 0: theirs does.
        dtype: what theirs computes in.
    """

    layers: list[Layer]
    run: Callable[..., tuple[torch.Tensor, torch.Tensor]]
    scale: dict[str, float] = field(default_factory=dict)
    lag: int = 0
    dtype: torch.dtype = torch.float64
    tolerance: float = TOLERANCE

    def later(self, ours: torch.Tensor, theirs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Both without the steps that the other has no counterpart of."""
        n = ours.shape[1] - abs(self.lag)
        return (ours[:, self.lag:], theirs[:, :n]) if self.lag >= 0 else (ours[:, :n], theirs[:, -self.lag:])


def readout(tau: float) -> Layer:
    return Layer("LeakyIntegrator", OUTPUTS, values={"tau_m": tau})


def network(layers: list[Layer], seed: int = 3) -> bs.Network:
    return ref.build(layers, INPUTS, DT, seed=seed, spread=False, bias=False)


def compare(peer: Peer, group: str, rate: float = 0.25, seed: int = 1,
            amplitude: float = 1.0) -> tuple[dict[str, Any], dict[str, Any]]:
    """Spikes, outputs and gradients of weights and input. Returns both frameworks' gradients, for parameters."""
    net = network(peer.layers)
    x = ref.clear_samples(peer.layers, net, amplitude * ref.input_of(16, STEPS, INPUTS, seed=seed, rate=rate))
    weights = {n: (torch.tensor(np.array(v), dtype=peer.dtype) / peer.scale.get(n, 1.0)).requires_grad_()
               for n, v in net.parameters.items() if n.endswith("weight")}
    module, ours, theirs = Module(net), x.clone().requires_grad_(), x.to(peer.dtype).requires_grad_()
    spikes, outputs = peer.run(theirs, weights)
    own_outputs, outputs = peer.later(module(ours), outputs)
    check_spikes(peer, net, x, spikes.detach())
    assert ref.relative(own_outputs, outputs) < peer.tolerance
    (outputs * ref.weights_like(outputs)).sum().backward()
    (own_outputs * ref.weights_like(own_outputs)).sum().backward()
    own = {n: p.grad for n, p in module.named_parameters()}
    errors = {n: ref.relative(own[n] * peer.scale.get(n, 1.0), w.grad) for n, w in weights.items()}
    errors["input"] = ref.relative(ours.grad, theirs.grad)
    assert all(w.grad.abs().max() > 0 for w in weights.values()) and theirs.grad.abs().max() > 0
    keep(group, errors, peer.tolerance)
    return own, {n: w.grad for n, w in weights.items()}


def check_spikes(peer: Peer, net: bs.Network, x: torch.Tensor, spikes: torch.Tensor) -> None:
    """Equal one by one, and there are some."""
    own = torch.zeros_like(spikes)
    for b, recording in enumerate(net.record(x)):
        steps, neurons = recording.spikes["hidden1"]
        own[b, steps.astype(int), neurons.astype(int)] = 1
    own, spikes = peer.later(own, spikes)
    assert spikes.sum() > 4 * len(x) and spikes.mean() < 0.9
    assert torch.equal(own, spikes)


def keep(group: str, errors: dict[str, float], tolerance: float) -> None:
    worst = max(errors, key=lambda n: errors[n])
    GROUPS[group] = max(GROUPS.get(group, 0.0), errors[worst])
    assert errors[worst] < tolerance, f"gradient of {worst}: {errors[worst]:.2g}"
