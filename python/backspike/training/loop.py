"""Training under a loss of the user's own: the same steps as the library's loop, with the loss in Python."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _core
from .._arrays import as_array, number
from ..data import Data, by_sample
from ..errors import InvalidValueError, NumericError, ShapeError

if TYPE_CHECKING:
    from ..network import Network

LOOKED_AT = 8  # samples after each epoch, as trainer::look_inside has it


def value_and_error(result: Any, outputs: Any) -> tuple[float, Any]:
    """What a loss returned as its value and its gradient, shaped as the outputs."""
    if not (isinstance(result, tuple) and len(result) == 2):
        raise InvalidValueError(f"loss returned {type(result).__name__}; accepted: a tuple (value, gradient by the "
                                "outputs)")
    value, error = float(number(result[0], "the value of a loss", "fit")), result[1]
    parts = [np.asarray(as_array(e, "the gradient of a loss", "fit"), np.float32)
             for e in (error if isinstance(outputs, list) else [error])]
    wanted = outputs if isinstance(outputs, list) else [outputs]
    for part, output in zip(parts, wanted, strict=True):
        if part.shape != output.shape:
            raise ShapeError(f"the gradient that the loss returned has shape {list(part.shape)}, the outputs have "
                             f"{list(output.shape)}")
    if not np.isfinite(value):
        raise NumericError(f"the loss is {value}")
    return value, np.concatenate([p.reshape(-1, p.shape[-1]) for p in parts])


def refuse_beside_own_loss(**given: Any) -> None:
    """What `Network.fit` cannot honour under a loss of the user's own is an error rather than ignored. (Samples held
    out would shift the indices that the loss is told.)"""
    for name, value in given.items():
        if value is not None:
            raise InvalidValueError(f"fit: {name} = {value!r} beside a loss of your own; accepted: no {name}. Training "
                                    "is by full BPTT, on all samples; measure what you like in on_epoch")


def refuse_weights(data: Data) -> None:
    """Weights of samples are the library's losses' to honour."""
    if len(data.sample_weight):
        raise InvalidValueError.of("fit", "sample_weight of the data", f"{len(data)} numbers",
                                   "none beside a loss of your own: it is told its samples, and can weigh them")


def norm(arrays: Any) -> float:
    """Euclidean, over all numbers of some arrays."""
    return float(np.sqrt(sum(float(np.square(a, dtype=np.float64).sum()) for a in arrays)))


class Outputs:
    """Over the batches of an epoch: on which outputs the loss had an error, and which had a gradient in a weight or
    bias into them. [outputs] each."""

    def __init__(self, net: Network) -> None:
        self._infos, names = net._core.output_infos, net.parameter_names
        self._into, self._bias = [], []  # by the first value of their output
        for info in self._infos:
            layer, first = info["layer"], info["first"]
            into = [c["name"] for c in net.connections if c["target"] == layer]
            self._into += [(first, names.index(f"{name}.weight"), net.synapses(name)) for name in into]
            self._bias += [(first, names.index(f"{layer}.bias"))] if f"{layer}.bias" in names else []
        self._asked, self._moved = np.zeros(net.outputs, bool), np.zeros(net.outputs, bool)

    def add(self, error: Any, gradient: Any) -> None:
        self._asked |= (error != 0).any(axis=0)
        for first, k, synapses in self._into:
            self._moved[first + synapses["targets"][np.ravel(gradient[k])[synapses["weights"]] != 0]] = True
        for first, k in self._bias:
            self._moved[first:first + len(gradient[k])] |= gradient[k] != 0

    def stuck(self) -> dict[str, list[int]]:
        """By layer those that the loss asks to change while no weight into them has a gradient."""
        still = self._asked & ~self._moved
        return {info["layer"]: [int(n) for n in np.flatnonzero(still[info["first"]:info["first"] + info["size"]])]
                for info in self._infos}


def look_inside(net: Network, data: Data, batch: int, stuck: dict[str, list[int]]) -> list[dict[str, Any]]:
    """What the health of a network is judged by: who fires, in a few samples spread evenly over the set, the same after
    every epoch."""
    samples = np.array(_core.spread_evenly(len(data), LOOKED_AT), np.uint32)
    infos = net.layers
    counts, steps = [np.zeros(info["size"]) for info in infos], int(data.lengths[samples].sum())
    for first in range(0, len(samples), batch):  # no more at a time than there is memory for
        part = samples[first:first + batch]
        run = _core.Unrolled(net._core)
        run.forward(data._core, part, True)
        for count, (q, info) in zip(counts, enumerate(infos), strict=True):
            for s in range(len(part) if info["spiking"] else 0):
                count += np.bincount(run.spikes(q, s)[1], minlength=info["size"])
    layers = []
    for count, info in zip(counts, infos, strict=True):
        rate = count / max(steps, 1)
        layers.append({"name": info["name"], "spiking": info["spiking"],
                       "dead": float((rate < _core.dead_rate).mean()),
                       "saturated": float((rate > _core.saturated_rate).mean()),
                       "stuck": stuck.get(info["name"], [])})
    return layers


def train_batch(net: Network, data: Data, samples: Any, loss: Any, step: Any, outputs: Outputs,
                draws: tuple[int, int]) -> tuple[float, float, float]:
    """One step of the optimiser; the loss, the learning rate and the gradient's norm. `draws`: seed and epoch of
    dropout and noise."""
    run = _core.Unrolled(net._core)
    given = by_sample(run.forward(data._core, samples, True, draws), data.lengths[samples])
    value, error = value_and_error(loss(given, samples), given)
    gradient, _ = run.backward(np.ascontiguousarray(error), False)
    outputs.add(error, gradient)
    return value, step(gradient), norm(gradient)


def fit_own_loss(net: Network, data: Data, loss: Any, settings: _core.Experiment, on_batch: Any,
                 on_epoch: Any) -> dict[str, Any]:
    optimiser = _core.Optimiser(net._core, settings)
    monitor = _core.HealthMonitor([], settings.epochs, net._core.output_infos[0]["layer"])
    batches = -(-len(data) // settings.batch)
    epochs: list[dict[str, Any]] = []
    completed = net.state_dict()

    def step(gradient: Any) -> float:
        return optimiser.step(gradient, batches * settings.epochs, batches)

    def learned() -> list[Any]:
        return [net.parameters[name] for name, info in net.parameter_infos.items() if info["learnable"]]

    try:
        for epoch in range(1, settings.epochs + 1):
            start, total, seen, rate, norms, first = time.perf_counter(), 0.0, 0, 0.0, 0.0, float("nan")
            outputs = Outputs(net)
            order = np.random.default_rng([settings.seed, epoch]).permutation(len(data)).astype(np.uint32)
            for b in range(batches):
                samples = np.ascontiguousarray(order[b * settings.batch:(b + 1) * settings.batch])
                value, rate, size = train_batch(net, data, samples, loss, step, outputs,
                                                (settings.seed, epoch))
                total, seen, norms = total + value * len(samples), seen + len(samples), norms + size
                first = value if b == 0 else first
                if on_batch is not None:
                    on_batch({"epoch": epoch, "epochs": settings.epochs, "batch": b + 1, "batches": batches,
                              "loss": total / seen})
            completed = net.state_dict()
            record = {"epoch": epoch, "train_loss": total / len(data), "learning_rate": rate,
                      "seconds": time.perf_counter() - start, "start_loss": first, "gradient_norm": norms / batches,
                      "parameter_norm": norm(learned()),
                      "layers": look_inside(net, data, settings.batch, outputs.stuck())}
            record["warnings"] = monitor.look(record)
            epochs.append(record)
            on_epoch(record)
    except KeyboardInterrupt:
        net.load_state_dict(completed)
        raise
    return {"epochs": epochs, "best_epoch": settings.epochs}
