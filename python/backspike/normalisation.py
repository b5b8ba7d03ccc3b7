"""Batch normalisation, which Backspike does not have: a trained one folded into the weights before it."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _core
from ._arrays import as_array, number
from .errors import InvalidValueError, ShapeError

#: What a network that has one is told.
RECIPE = ("no layer is normalised by its batch: what a neuron does would depend on other samples and on later steps. Accepted instead: "
          "weight_transform=\"standardise\" with v_th=Parameter(1.0, learn=True, per=\"channel\"); a trained one is folded into weights "
          "and bias by fold_batch_norm")


def fold_batch_norm(weight: Any, bias: Any, mean: Any, var: Any, gamma: Any = None, beta: Any = None, eps: float = 1e-5, *,
                    axis: int | None = None) -> tuple[Any, Any]:
    """Weights and bias that do alone what they and a trained batch normalisation behind them do together.

    Args:
        weight: of a convolution or a dense connection; Backspike's, [rows, channels], or PyTorch's of a convolution,
            [channels, ...], with three dimensions or more.
        bias: one number for each channel; None: 0.
        mean, var: the running mean and variance (`running_mean`, `running_var`).
        gamma, beta: the learned factor and sum (`weight`, `bias`); None: 1 and 0.
        eps: that of the layer.
        axis: which of the dimensions of `weight` has the channels; default: the last of two, the first of more. Of a
            `torch.nn.Linear` 0, of a transposed convolution of PyTorch 1.

    Returns:
        The weight and the bias as arrays of the type of `weight`.

    Example:
        >>> weight, bias = bs.fold_batch_norm(conv.weight, conv.bias, norm.running_mean, norm.running_var, norm.weight, norm.bias, norm.eps)
    """
    operation = "fold_batch_norm"
    given = as_array(weight, "weight", operation)
    if given.ndim < 2:
        raise ShapeError.of(operation, "weight", str(list(given.shape)), "[rows, channels], or [channels, ...] of PyTorch")
    place = (1 if given.ndim == 2 else 0) if axis is None else axis
    if not -given.ndim <= place < given.ndim:
        raise InvalidValueError.of(operation, "axis", repr(axis), f"a dimension of {list(given.shape)}")
    kind = given.dtype if given.dtype.kind == "f" else np.dtype(np.float32)
    moved = np.moveaxis(given, place, -1)
    channels = moved.shape[-1]
    rows = np.array(moved, np.float64, order="C").reshape(-1, channels)

    def numbers_of(x: Any, what: str) -> Any:
        array = as_array(x, what, operation)
        if array.ndim != 1:
            raise ShapeError.of(operation, what, str(list(array.shape)), f"[{channels}]")
        return np.ascontiguousarray(array, np.float64)

    folded = np.zeros(channels) if bias is None else np.array(numbers_of(bias, "bias"))
    nothing = np.zeros(0)
    _core.fold_batch_norm(rows, folded, numbers_of(mean, "mean"), numbers_of(var, "var"),
                          nothing if gamma is None else numbers_of(gamma, "gamma"),
                          nothing if beta is None else numbers_of(beta, "beta"), float(number(eps, "eps", operation)))
    return np.ascontiguousarray(np.moveaxis(rows.reshape(moved.shape), -1, place), kind), folded.astype(kind)
