"""Training under a loss of the user's own: the same steps as the library's loop, with the loss in Python."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core
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
    parts = [np.asarray(e, np.float32) for e in error] if isinstance(outputs, list) else [np.asarray(error, np.float32)]
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


def train_batch(net: Network, data: Data, samples: Any, loss: Any, step: Any) -> tuple[float, float]:
    """One step of the optimiser; the loss and the learning rate."""
    run = _core.Unrolled(net._core)
    outputs = by_sample(run.forward(data._core, samples, True), data.lengths[samples])
    value, error = value_and_error(loss(outputs, samples), outputs)
    gradient, _ = run.backward(np.ascontiguousarray(error), False)
    return value, step(gradient)


def fit_own_loss(net: Network, data: Data, loss: Any, settings: _core.Experiment, on_batch: Any,
                 on_epoch: Any) -> dict[str, Any]:
    optimiser = _core.Optimiser(net._core, settings)
    batches = -(-len(data) // settings.batch)
    epochs: list[dict[str, Any]] = []
    completed = net.state_dict()

    def step(gradient: Any) -> float:
        return optimiser.step(gradient, batches * settings.epochs, batches)

    try:
        for epoch in range(1, settings.epochs + 1):
            start, total, seen, rate = time.perf_counter(), 0.0, 0, 0.0
            order = np.random.default_rng([settings.seed, epoch]).permutation(len(data)).astype(np.uint32)
            for b in range(batches):
                samples = np.ascontiguousarray(order[b * settings.batch:(b + 1) * settings.batch])
                value, rate = train_batch(net, data, samples, loss, step)
                total, seen = total + value * len(samples), seen + len(samples)
                if on_batch is not None:
                    on_batch({"epoch": epoch, "epochs": settings.epochs, "batch": b + 1, "batches": batches,
                              "loss": total / seen, "accuracy": float("nan")})
            completed = net.state_dict()
            epochs.append({"epoch": epoch, "train_loss": total / len(data), "validation_accuracy": float("nan"),
                           "learning_rate": rate, "seconds": time.perf_counter() - start})
            on_epoch(epochs[-1])
    except KeyboardInterrupt:
        net.load_state_dict(completed)
        raise
    return {"epochs": epochs, "best_epoch": settings.epochs}
