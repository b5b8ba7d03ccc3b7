"""Networks that are graphs, written down a second time for PyTorch's autograd: step by step, connection by connection.

As reference.py, of which it takes the cells: the equations were copied by hand from docs/discretisation.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import reference as ref
import torch

import backspike as bs

ANALOG = ("LeakyIntegrator", "DoubleExponential")


@dataclass
class Link:
    """A connection: the parameter with its weights is `name`.weight.

    Attributes:
        delay: steps that everything it carries takes.
        pairs: of a sparse one, sources and targets in the order of the weights.
        keys: what the library is told besides; None: it is one that the layer itself brings.
    """

    name: str
    source: str
    target: str
    delay: int = 0
    pairs: tuple[Any, Any] | None = None
    keys: dict[str, Any] | None = None

    def of_library(self) -> bs.Connection:
        pairs = {} if self.pairs is None else {"kind": "sparse", "sources": self.pairs[0], "targets": self.pairs[1]}
        return bs.Connection(self.source, self.target, name=self.name, base_delay=self.delay, **pairs,
                             **(self.keys or {}))

    def matrix(self, parameters: dict[str, torch.Tensor], sources: int, targets: int) -> torch.Tensor:
        """Every weight at [source, target]; zero where there is no synapse."""
        weights = parameters[f"{self.name}.weight"]
        if self.pairs is None:
            return weights
        at = tuple(torch.as_tensor(p) for p in self.pairs)
        return weights.new_zeros(sources, targets).index_put(at, weights.reshape(-1))


@dataclass
class Graph:
    """Layers by name in the order of a step, the readout last, and who receives from whom."""

    layers: dict[str, ref.Layer]
    links: list[Link]
    inputs: int = 8
    dt: float = 1.0
    extra: dict[str, dict[str, Any]] = field(default_factory=dict)  # keys of layers for the library: `inputs`
    outputs: list[str] = field(default_factory=list)  # layers that are read; empty: the last one

    def size(self, name: str) -> int:
        return self.inputs if name == "input" else self.layers[name].size

    def network(self, seed: int, gain: float = 1.2) -> bs.Network:
        """The library's, with weights of our own, and cell parameters of its own for every neuron."""
        layers = [self.layer(name) for name in self.layers]
        own = [link.of_library() for link in self.links if link.keys is not None]
        net = bs.Network(layers, inputs=self.inputs, dt=self.dt, connections=own, outputs=self.outputs)
        rng, parameters = np.random.default_rng(seed), dict(net.parameters)
        for link in self.links:
            weights = parameters.pop(f"{link.name}.weight")
            synapses = weights.size / self.size(link.target)  # of a neuron
            weights[...] = rng.normal(0.0, gain / np.sqrt(synapses), weights.shape)
            weights[...] = np.abs(weights) if (link.keys or {}).get("sign") == "excitatory" else weights
        for name, value in parameters.items():
            if name.endswith("bias"):
                value[...] = rng.normal(0.0, 0.03, value.shape)
            elif not name.endswith("v_reset"):
                value *= rng.uniform(0.8, 1.2, value.shape).astype(np.float32)
        return net

    def layer(self, name: str) -> bs.Layer:
        layer = self.layers[name]
        kind, width, height = layer.surrogate
        spiking = {} if layer.cell in ANALOG else {
            "reset": layer.reset, "detach_reset": layer.detach_reset,
            "surrogate": bs.Surrogate(kind, width=width, height=height)}
        return getattr(bs, layer.cell)(layer.size, name=name, learn=True, per="neuron", **spiking, **layer.values,
                                       **self.extra.get(name, {}))


@dataclass
class Trace:
    """What `run` saw: what each layer sends [batch, steps, units], and the least distance to a threshold [batch]."""

    sent: dict[str, torch.Tensor]
    margin: torch.Tensor


def double_exponential(p: dict[str, torch.Tensor], state: dict[str, torch.Tensor], current: torch.Tensor,
                       dt: float) -> torch.Tensor:
    q, u = p["tau_decay"] / p["tau_rise"] - 1, dt / p["tau_decay"] - dt / p["tau_rise"]
    gain = (p["amplitude"] * torch.exp(torch.log1p(q) / q) * dt / p["tau_rise"] * ref.decay(dt, p["tau_decay"])
            * torch.expm1(u) / u)
    state["y"] = ref.decay(dt, p["tau_decay"]) * state["y"] + gain * state["x"]
    state["x"] = ref.decay(dt, p["tau_rise"]) * state["x"] + current
    return state["y"]


def run(graph: Graph, parameters: dict[str, torch.Tensor], x: torch.Tensor) -> Trace:
    """Steps through [batch, steps, inputs]."""
    batch, steps, _ = x.shape
    matrices = {link.name: link.matrix(parameters, graph.size(link.source), graph.size(link.target))
                for link in graph.links}
    own = {name: {k.removeprefix(name + "."): v for k, v in parameters.items() if k.startswith(name + ".")}
           for name in graph.layers}
    states: dict[str, Any] = {name: {k: x.new_zeros(batch, layer.size) for k in "vixya"}
                              for name, layer in graph.layers.items()}
    sent: dict[str, list[torch.Tensor]] = {name: [] for name in ("input", *graph.layers)}
    margin = x.new_full((batch,), float("inf"))
    for t in range(steps):
        sent["input"].append(x[:, t])
        for name, layer in graph.layers.items():
            current = own[name].get("bias", torch.zeros(())) + x.new_zeros(batch, layer.size)
            for link in graph.links:
                if link.target == name and t >= link.delay:
                    current = current + sent[link.source][t - link.delay] @ matrices[link.name]
            if layer.cell == "DoubleExponential":
                sent[name].append(double_exponential(own[name], states[name], current, graph.dt))
            elif layer.cell == "LeakyIntegrator":
                states[name]["y"] = ref.decay(graph.dt, own[name]["tau_m"]) * states[name]["y"] + current
                sent[name].append(states[name]["y"])
            else:
                s, u = ref.spiking_step(layer, own[name], states[name], current, graph.dt)
                sent[name].append(s)
                margin = torch.minimum(margin, u.detach().abs().amin(1))
    return Trace({name: torch.stack(rows, 1) for name, rows in sent.items()}, margin)
