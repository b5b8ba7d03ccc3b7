"""Training under a loss of the user's own: the same steps as the library's loop, with the loss in Python."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core
from ._arrays import as_array
from .data import Data, by_sample
from .errors import InvalidValueError, NumericError, ShapeError

if TYPE_CHECKING:
    from .network import Network


def value_and_error(result: Any, outputs: Any) -> tuple[float, Any]:
    """What a loss returned as its value and its gradient, shaped as the outputs."""
    if not (isinstance(result, tuple) and len(result) == 2):
        raise InvalidValueError(f"loss returned {type(result).__name__}; accepted: a tuple (value, gradient by the "
                                "outputs)")
    value, error = float(result[0]), result[1]
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


def norm(arrays: Any) -> float:
    """Euclidean, over all numbers of some arrays."""
    return float(np.sqrt(sum(float(np.square(a, dtype=np.float64).sum()) for a in arrays)))


def look_inside(net: Network, run: _core.Unrolled, samples: int, error: Any, gradient: Any) -> list[dict[str, Any]]:
    """What the health of a network is judged by, from a batch that has run: who fires, and outputs that the loss asks
    to change while no weight into them has a gradient."""
    layers = []
    for q, layer in enumerate(net.layers):
        counts, steps = np.zeros(layer["size"]), 0
        for s in range(min(samples, 8) if layer["spiking"] else 0):
            counts += np.bincount(run.spikes(q, s)[1], minlength=layer["size"])
            steps += int(run.first_row()[s + 1] - run.first_row()[s])
        rate = counts / max(steps, 1)
        layers.append({"name": layer["name"], "spiking": layer["spiking"], "dead": float((rate == 0).mean()),
                       "saturated": float((rate > 0.9).mean()), "stuck": []})
    last = layers[-1]["name"]
    into = [g for name, g in zip(net.parameter_names, gradient, strict=True)
            if name in (f"{last}.weight", f"{last}.recurrent.weight", f"{last}.bias")]
    moved = np.any([(g != 0).any(axis=0) if g.ndim == 2 else g != 0 for g in into], axis=0)
    layers[-1]["stuck"] = np.flatnonzero((error != 0).any(axis=0) & ~moved).tolist()
    return layers


def train_batch(net: Network, data: Data, samples: Any, loss: Any, step: Any,
                look: bool) -> tuple[float, float, float, list[dict[str, Any]]]:
    """One step of the optimiser; the loss, the learning rate, the gradient's norm, and if asked a look inside."""
    run = _core.Unrolled(net._core)
    outputs = by_sample(run.forward(data._core, samples, True), data.lengths[samples])
    value, error = value_and_error(loss(outputs, samples), outputs)
    gradient, _ = run.backward(np.ascontiguousarray(error), False)
    layers = look_inside(net, run, len(samples), error, gradient) if look else []
    return value, step(gradient), norm(gradient), layers


def fit_own_loss(net: Network, data: Data, loss: Any, settings: _core.Experiment, on_batch: Any,
                 on_epoch: Any) -> dict[str, Any]:
    optimiser = _core.Optimiser(net._core, settings)
    monitor = _core.HealthMonitor([], settings.epochs)
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
            layers: list[dict[str, Any]] = []
            order = np.random.default_rng([settings.seed, epoch]).permutation(len(data)).astype(np.uint32)
            for b in range(batches):
                samples = np.ascontiguousarray(order[b * settings.batch:(b + 1) * settings.batch])
                value, rate, size, layers = train_batch(net, data, samples, loss, step, b + 1 == batches)
                total, seen, norms = total + value * len(samples), seen + len(samples), norms + size
                first = value if b == 0 else first
                if on_batch is not None:
                    on_batch({"epoch": epoch, "epochs": settings.epochs, "batch": b + 1, "batches": batches,
                              "loss": total / seen})
            completed = net.state_dict()
            record = {"epoch": epoch, "train_loss": total / len(data), "learning_rate": rate,
                      "seconds": time.perf_counter() - start, "start_loss": first, "gradient_norm": norms / batches,
                      "parameter_norm": norm(learned()), "layers": layers}
            record["warnings"] = monitor.look(record)
            epochs.append(record)
            on_epoch(record)
    except KeyboardInterrupt:
        net.load_state_dict(completed)
        raise
    return {"epochs": epochs, "best_epoch": settings.epochs}
