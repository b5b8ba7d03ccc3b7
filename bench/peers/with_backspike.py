"""Backspike: `Network.fit` on one batch again and again; `OnlineLearner` for streams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cases
import numpy as np

import backspike as bs

version = bs.__version__
OBJECTIVE = {"loss": "cross_entropy", "readout": "mean"}


def network(case: cases.Case, surrogate: tuple[str, float, float] | None = None, **options: Any) -> bs.Network:
    """`surrogate` and `options` take what a peer does differently."""
    delay = bs.Delay(case.delay, width=bs.DelayWidth(from_=case.width, schedule="constant")) if case.delay else None
    kind, width, height = surrogate or (case.surrogate, cases.WIDTH, 1.0)
    cell = bs.CubaLIF if case.cell == "cuba_lif" else bs.LIF
    options |= {"tau_m": 20.0, "surrogate": bs.Surrogate(kind, width=width, height=height)}
    layers: list[Any] = []
    for w in case.windows:
        layers += [bs.SumPool(w.kernel) if w.pool else bs.Conv2d(w.channels, w.kernel, padding=w.kernel // 2),
                   cell(**options)]
    for a, b in case.dense[:-1]:
        layers += [bs.Dense(a, b, delay=delay), cell(b, recurrent=case.recurrent, **options)]
    layers += [bs.Dense(*case.dense[-1], delay=delay), bs.LeakyIntegrator(case.sizes[-1], tau_m=20.0)]
    net = bs.Network(layers, inputs=case.grid or None, threads=case.threads)
    feed = [v for n, v in net.parameters.items() if n.endswith(".weight") and "recurrent" not in n]
    for weight, drawn in zip(feed, [*cases.kernels(case), *cases.weights(case)], strict=True):
        weight[...] = cases.POOL if drawn is None else drawn
    if case.delay:
        late = [v for n, v in net.parameters.items() if n.endswith(".delay")]
        for delay_of, drawn in zip(late, cases.delays(case), strict=True):
            delay_of[...] = drawn
    if case.recurrent:
        n = case.sizes[1]
        net.parameters["hidden1.recurrent.weight"][...] = np.random.default_rng(3).normal(0, 0.2 / n ** 0.5, (n, n))
    return net


def batch_of(case: cases.Case, x: np.ndarray, times: int = 1) -> np.ndarray:
    """Their [steps, batch, channels] as [batch, steps, ...], a few times over."""
    x = np.tile(x.transpose(1, 0, 2), (times, 1, 1))
    channels, *grid = case.grid or (0,)
    return np.moveaxis(x.reshape(*x.shape[:2], *grid, channels), -1, 2).copy() if case.stack else x


def training(case: cases.Case) -> Callable[[], list[float]]:
    """Epochs of one `fit`, which sets an engine and an optimiser up once, as the others have done before their first
    step. Seconds are those that `fit` reports of an epoch's training steps: what it looks into between epochs, for its
    history, is not a training step. The first epoch takes memory from the system and does not count."""
    x, labels = cases.samples(case)
    data = bs.Data(batch_of(case, x, case.updates), np.tile(labels, case.updates),
                   classes=[str(k) for k in range(case.sizes[-1])])
    del x
    net = network(case)
    rule = {"kind": "checkpointed_bptt", "memory": "fixed", "every": case.every} if case.every else {"kind": "bptt"}
    rule |= {"arithmetic": case.arithmetic} if case.arithmetic else {}
    uncounted = 0 if case.memory else 1
    counted = 1 if case.memory or case.weights > 1e7 else 3

    def run() -> list[float]:
        history = net.fit(data, epochs=uncounted + counted, batch=case.batch, objective=OBJECTIVE,
                          rule=rule, learning_rate=1e-4, keep_best=False, progress=False)
        return [s / case.updates for s in history["seconds"][uncounted:]]

    return run


def spikes_per_neuron_step(case: cases.Case) -> float:
    x, _ = cases.samples(case)
    few = batch_of(case, x[:, :2])
    recorded = network(case).record(few)
    return sum(len(s[0]) for r in recorded for s in r.spikes.values()) / (few.shape[0] * case.steps * case.hidden)


def stream(case: cases.Case) -> Callable[[np.ndarray], Any]:
    learner = bs.OnlineLearner(network(case), learning_rate=1e-5)
    if case.learns:
        target, learn = np.zeros(case.sizes[-1], np.float32), learner.step
        return lambda row: learn(row, values=target)
    return learner.infer


def gradient(case: cases.Case, scale: float = 1.0, **options: Any) -> tuple[np.ndarray, float]:
    """Of the first weights (and of their delays), and hidden spikes of the batch."""
    x, labels = cases.samples(case)
    result = network(case, **options).gradient(
        bs.Data(batch_of(case, x), labels, classes=[str(k) for k in range(case.sizes[-1])]),
        objective=OBJECTIVE)
    first = result["hidden1.weight"] * scale
    if case.delay:
        first = np.stack([first, result["hidden1.delay"]])
    return first, result.spikes_per_sample * case.batch
