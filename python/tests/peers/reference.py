"""The discretisation contract (docs/discretisation.md) written down a second time, in PyTorch, for its autograd.

Nothing here is shared with the library: the equations were copied by hand from the page, in whatever precision the
tensors have. `build` makes a network of the library, `run` the same layers here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

import backspike as bs


class Spike(torch.autograd.Function):
    """1 where u >= 0; the gradient is height * shape(u / width)."""

    @staticmethod
    def forward(ctx: Any, u: torch.Tensor, kind: str, width: float, height: float) -> torch.Tensor:
        ctx.save_for_backward(u)
        ctx.shape = kind, width, height
        return (u >= 0).to(u)

    @staticmethod
    def backward(ctx: Any, error: torch.Tensor) -> tuple[Any, ...]:
        (u,) = ctx.saved_tensors
        kind, width, height = ctx.shape
        return error * height * SHAPES[kind](u / width), None, None, None


SHAPES = {
    "fast_sigmoid": lambda x: 1 / (1 + x.abs()) ** 2,
    "arctangent": lambda x: 1 / (1 + x ** 2),
    "triangle": lambda x: (1 - x.abs()).clamp(min=0),
    "sigmoid": lambda x: 4 * torch.sigmoid(x) * torch.sigmoid(-x),
    "boxcar": lambda x: (x.abs() < 1).to(x),
    "gaussian": lambda x: torch.exp(-x ** 2 / 2),
}


@dataclass
class Layer:
    """What a layer of the library is made with."""

    cell: str
    size: int
    reset: str = "subtract"
    detach_reset: bool = True
    recurrent: bool = False
    surrogate: tuple[str, float, float] = ("fast_sigmoid", 0.4, 0.8)  # kind, width, height
    values: dict[str, float] = field(default_factory=dict)  # of the cell's parameters

    def of_library(self) -> bs.Layer:
        kind, width, height = self.surrogate
        keys = {} if self.cell == "LeakyIntegrator" else {
            "reset": self.reset, "detach_reset": self.detach_reset, "recurrent": self.recurrent,
            "surrogate": bs.Surrogate(kind, width=width, height=height)}
        return getattr(bs, self.cell)(self.size, learn=True, per="neuron", **keys, **self.values)


def build(layers: list[Layer], inputs: int, dt: float, seed: int, spread: bool = True, bias: bool = True,
          rate: float = 0.25) -> bs.Network:
    """The library's network; with `spread`, every neuron has parameters of its own."""
    stack: list[Any] = []
    before = inputs
    for layer in layers:
        stack += [bs.Dense(before, layer.size, bias=bias), layer.of_library()]
        before = layer.size
    net = bs.Network(stack, dt=dt, seed=seed, rate=rate)
    rng = np.random.default_rng(seed)
    for name, value in net.parameters.items():
        if name.endswith("weight"):
            value *= 1.3
        elif name.endswith("bias"):
            value[...] = rng.normal(0.0, 0.03, value.shape)
        elif spread and name.endswith("v_reset"):
            value[...] = rng.normal(0.0, 0.2, value.shape)
        elif spread:
            value *= rng.uniform(0.7, 1.3, value.shape).astype(np.float32)
    return net


def decay(dt: float, tau: torch.Tensor) -> torch.Tensor:
    return torch.exp(-dt / tau)


def membrane(layer: Layer, p: dict[str, torch.Tensor], state: dict[str, torch.Tensor], current: torch.Tensor,
             dt: float) -> torch.Tensor:
    """Decays the states, adds the input, and returns the membrane before any spike."""
    if layer.cell == "CubaLIF":
        x = dt / p["tau_m"] - dt / p["tau_syn"]
        gain = dt / p["tau_syn"] * decay(dt, p["tau_m"]) * torch.expm1(x) / x
        v = decay(dt, p["tau_m"]) * state["v"] + gain * state["i"]
        state["i"] = decay(dt, p["tau_syn"]) * state["i"] + current
        return v
    return (state["v"] if layer.cell == "IF" else decay(dt, p["tau_m"]) * state["v"]) + current


def after_reset(layer: Layer, p: dict[str, torch.Tensor], v: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
    s = s.detach() if layer.detach_reset else s
    if layer.reset == "subtract":
        return v - s * p["reset_strength"] * p["v_th"]
    return (1 - s) * v + s * p["v_reset"] if layer.reset == "to_value" else v


def spiking_step(layer: Layer, p: dict[str, torch.Tensor], state: dict[str, torch.Tensor], current: torch.Tensor,
                 dt: float) -> tuple[torch.Tensor, torch.Tensor]:
    """The spikes of a step, and the distances of the membranes to the threshold."""
    v = membrane(layer, p, state, current, dt)
    u = v - p["v_th"] - (p["beta"] * state["a"] if layer.cell == "ALIF" else 0)
    s = Spike.apply(u, *layer.surrogate)
    if layer.cell == "ALIF":
        state["a"] = decay(dt, p["tau_a"]) * state["a"] + s
    state["v"] = after_reset(layer, p, v, s)
    return s, u


@dataclass
class Trace:
    """What `run` saw."""

    outputs: torch.Tensor  # [batch, steps, outputs]
    spikes: list[torch.Tensor]  # of each spiking layer: [batch, steps, units]
    states: list[dict[str, torch.Tensor]]  # of each layer, by name: [batch, steps, units], after each step
    margin: torch.Tensor  # [batch] least distance of any membrane to its threshold


def names_of(layers: list[Layer]) -> list[str]:
    """The library's names of layers: the last is the readout."""
    return [f"hidden{k + 1}" for k in range(len(layers) - 1)] + ["readout"]


def run(layers: list[Layer], parameters: dict[str, torch.Tensor], x: torch.Tensor, dt: float) -> Trace:
    """Steps through [batch, steps, inputs]."""
    batch, steps, _ = x.shape
    own = [{k.removeprefix(name + "."): v for k, v in parameters.items() if k.startswith(name + ".")}
           for name in names_of(layers)]
    zeros = [x.new_zeros(batch, layer.size) for layer in layers]
    states = [{k: z for k in {"IF": "v", "LIF": "v", "CubaLIF": "iv", "ALIF": "av", "LeakyIntegrator": "y"}[layer.cell]}
              for layer, z in zip(layers, zeros, strict=True)]
    last = list(zeros)  # spikes of the step before, which recurrent connections deliver
    kept: list[Any] = [[{} for _ in layers] for _ in range(steps)]
    spikes: list[Any] = [[] for _ in layers]
    outputs, margin = [], x.new_full((batch,), float("inf"))
    for t in range(steps):
        signal = x[:, t]
        for k, (layer, p, state) in enumerate(zip(layers, own, states, strict=True)):
            current = signal @ p["weight"] + p.get("bias", 0)
            if layer.recurrent:
                current = current + last[k] @ p["recurrent.weight"]
            if layer.cell == "LeakyIntegrator":
                signal = state["y"] = decay(dt, p["tau_m"]) * state["y"] + current
            else:
                signal, u = spiking_step(layer, p, state, current, dt)
                last[k] = signal
                spikes[k].append(signal)
                margin = torch.minimum(margin, u.detach().abs().amin(1))
            kept[t][k] = dict(state)
        outputs.append(signal)
    joined = [{n: torch.stack([kept[t][k][n] for t in range(steps)], 1) for n in states[k]} for k in range(len(layers))]
    return Trace(torch.stack(outputs, 1), [torch.stack(s, 1) for s in spikes if s], joined, margin)


def leaves(net: bs.Network, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """Copies of the network's parameters that gather gradients."""
    return {n: torch.tensor(np.array(v), dtype=dtype, requires_grad=True) for n, v in net.parameters.items()}


def input_of(batch: int, steps: int, inputs: int, seed: int, graded: bool = False, rate: float = 0.25) -> torch.Tensor:
    """Random spikes, or random numbers where they would be; float32."""
    g = torch.Generator().manual_seed(seed)
    x = (torch.rand(batch, steps, inputs, generator=g) < rate).float()
    return x * torch.randn(batch, steps, inputs, generator=g) if graded else x


def weights_like(y: torch.Tensor) -> torch.Tensor:
    """The gradient of the loss by the outputs that the comparisons use: another number for each output."""
    return torch.randn(y.shape, generator=torch.Generator().manual_seed(7), dtype=torch.float64).to(y.dtype)


def relative(got: Any, wanted: Any) -> float:
    """Largest difference, relative to the largest number that was wanted."""
    got, wanted = (torch.as_tensor(np.asarray(t.detach() if torch.is_tensor(t) else t), dtype=torch.float64)
                   for t in (got, wanted))
    return ((got - wanted).abs().max() / wanted.abs().max().clamp(min=1e-30)).item()


def clear_samples(layers: list[Layer], net: bs.Network, x: torch.Tensor, least: int = 4) -> torch.Tensor:
    """The samples in which no membrane comes within 1e-5 of its threshold, where single precision may err."""
    with torch.no_grad():
        trace = run(layers, leaves(net, torch.float64), x.double(), net.dt)
    kept = x[trace.margin > 1e-5]
    assert len(kept) >= least, f"only {len(kept)} samples keep clear of the threshold"
    return kept
