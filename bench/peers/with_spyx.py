"""Spyx: JAX, one jitted training step over `spyx.nn.run`, which is time-major."""

from __future__ import annotations

from importlib.metadata import version as version_of
from typing import Any

import cases
import jax
import jax.numpy as jnp
import numpy as np
import optax
import spyx.nn as snn
from flax import nnx
from spyx import axn

version = f"{version_of('spyx')} (JAX {jax.__version__})"
# A spike is seen a step after its membrane crossed, which a last silent step makes up for.
OURS = {"reset_strength": 1 / cases.BETA, "detach_reset": False}


def pool(kernel: int) -> Any:
    return lambda x: nnx.avg_pool(x, (kernel, kernel), (kernel, kernel)) * (cases.POOL * kernel**2)


def convolution(window: cases.Window, weight: np.ndarray, rngs: nnx.Rngs) -> nnx.Conv:
    size = (window.kernel, window.kernel)
    made = nnx.Conv(window.source[0], window.channels, size, padding="SAME", use_bias=False, rngs=rngs)
    made.kernel[...] = jnp.asarray(weight.reshape(*size, window.source[0], window.channels))
    return made


def inputs(case: cases.Case) -> tuple[jax.Array, jax.Array]:
    x, labels = cases.samples(case)
    return jnp.asarray(x.reshape(*x.shape[:2], *case.grid[1:], case.grid[0]) if case.stack else x), jnp.asarray(labels)


def network(case: cases.Case) -> snn.Sequential:
    rngs = nnx.Rngs(0)
    kind = axn.triangular(1 / cases.WIDTH) if case.surrogate == "triangle" else axn.superspike(1 / cases.WIDTH)
    kinds = {("lif", False): snn.LIF, ("lif", True): snn.RLIF, ("cuba_lif", False): snn.CuBaLIF,
             ("cuba_lif", True): snn.RCuBaLIF}
    constants = {"beta": cases.BETA} | ({"alpha": cases.SYN} if case.cell == "cuba_lif" else {})
    scale = cases.GAIN if case.cell == "cuba_lif" else 1.0  # CuBaLIF adds the whole current
    layers: list[Any] = []
    for window, w in zip(case.windows, cases.kernels(case), strict=True):
        channels, *grid = window.target
        layers += [pool(window.kernel) if w is None else convolution(window, w, rngs),
                   snn.LIF((*grid, channels), cases.BETA, activation=kind, rngs=rngs)]
    layers += [lambda x: x.reshape(len(x), -1)] if case.stack else []
    for k, w in enumerate(cases.weights(case)):
        last = k == len(case.dense) - 1
        dense = nnx.Linear(*w.shape, use_bias=False, rngs=rngs)
        dense.kernel[...] = jnp.asarray(w if last else w * scale)
        cell = (snn.LI(w.shape[1:], cases.BETA, rngs=rngs) if last else
                kinds[case.cell, case.recurrent](w.shape[1:], activation=kind, **constants, rngs=rngs))
        if case.recurrent and not last:
            cell.recurrent_w[...] = cell.recurrent_w[...] * (0.2 / w.shape[1] ** 0.5)
        layers += [dense, cell]
    return snn.Sequential(*layers)


def loss(net: snn.Sequential, x: jax.Array, labels: jax.Array) -> jax.Array:
    trace, _ = snn.run(net, x)
    return optax.softmax_cross_entropy_with_integer_labels(trace.mean(0), labels).mean()


def training(case: cases.Case) -> Any:
    x, labels = inputs(case)
    net = network(case)
    optimiser = nnx.Optimizer(net, optax.adam(1e-4), wrt=nnx.Param)

    @nnx.jit
    def update(net: snn.Sequential, optimiser: nnx.Optimizer, x: jax.Array, labels: jax.Array) -> jax.Array:
        value, gradient = nnx.value_and_grad(loss)(net, x, labels)
        optimiser.update(net, gradient)
        return value

    fast = nnx.cached_partial(update, net, optimiser)

    def run() -> None:
        for _ in range(case.updates):
            value = fast(x, labels)
        value.block_until_ready()
        jax.block_until_ready(nnx.state(net))

    return run


def stream(case: cases.Case) -> Any:
    net = network(case)
    graph, parameters = nnx.split(net)
    state = net.initial_state(1)

    @jax.jit
    def step(parameters: Any, row: jax.Array, state: Any) -> Any:
        return nnx.merge(graph, parameters)(row, state)

    def run(row: np.ndarray) -> jax.Array:
        nonlocal state
        y, state = step(parameters, row[None], state)
        return jax.block_until_ready(y)

    return run


def gradient(case: cases.Case) -> tuple[np.ndarray, float]:
    """For one hidden layer: each one more would need another silent step."""
    x, labels = cases.samples(case)
    x = jnp.asarray(np.concatenate([x, np.zeros_like(x[:1])]))
    net = network(case)

    def summed(net: snn.Sequential) -> jax.Array:
        trace, _ = snn.run(net, x)
        logits = trace.sum(0) / case.steps
        return optax.softmax_cross_entropy_with_integer_labels(logits, jnp.asarray(labels)).mean()

    spikes, _ = snn.run(snn.Sequential(*net.layers[:2]), x)
    return np.asarray(nnx.grad(summed)(net).layers[0].kernel[...]), float(spikes.sum())
