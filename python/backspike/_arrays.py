"""Arrays from whatever holds numbers, checked before the C++ library sees them."""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import InvalidValueError, ShapeError

LARGEST = 2**31 - 1  # of an index: the library counts neurons, steps and samples with 32 bits


def as_array(x: Any, what: str) -> Any:
    """Anything that holds numbers as a NumPy array, without a copy where there is one to share.

    Raises:
        InvalidValueError: not numbers, or a tensor that is not in the computer's memory.
        ShapeError: nested lists of different lengths.
    """
    array = x if isinstance(x, np.ndarray) else _shared(x, what)
    if array.dtype.names:
        raise InvalidValueError.of("Data", what, f"events with fields {', '.join(array.dtype.names)}",
                                   "numbers; Data.from_events takes such recordings")
    if array.dtype.kind not in "biuf":
        raise InvalidValueError.of("Data", what, f"{type(x).__name__} of {array.dtype}", "booleans, integers or floats")
    return array


def _shared(x: Any, what: str) -> Any:
    if hasattr(x, "detach"):  # a PyTorch tensor, which may want its gradient
        x = x.detach()
    if hasattr(x, "__dlpack__"):
        device = int(x.__dlpack_device__()[0])
        if device not in (1, 3):  # the CPU's memory, or such that a GPU may read too
            raise InvalidValueError.of("Data", what, f"a tensor on device {device}",
                                       "in the computer's memory: tensor.cpu()")
        return np.from_dlpack(x)
    try:
        return np.asarray(x)
    except ValueError as e:
        raise ShapeError.of("Data", what, f"that of a ragged list ({e})", "one shape") from None


def place(what: str, at: Any, shape: Any) -> str:
    """The name of one entry: "targets[3, 1]"."""
    return f"{what}[{', '.join(str(int(i)) for i in np.unravel_index(int(at), shape))}]" if shape else what


def require_all(good: Any, array: Any, what: str, accepted: str) -> None:
    """Names the first entry that is not good."""
    if not np.all(good):
        at = int(np.argmin(np.ravel(good)))
        raise InvalidValueError.of("Data", place(what, at, np.shape(array)), str(np.ravel(array)[at]), accepted)


def integers(x: Any, what: str, low: int = 0, high: int = LARGEST) -> Any:
    """Whole numbers of a range as int64; floats that are whole will do.

    Raises:
        InvalidValueError: a number is not whole or out of the range.
    """
    array = as_array(x, what)
    if array.dtype.kind == "f":
        require_all(np.isfinite(array) & (array == np.round(array)), array, what, "integers")
    wanted = f"{low} or more" if high == LARGEST else f"{low} to {high}"
    require_all((array >= low) & (array <= high), array, what, wanted)
    return array.astype(np.int64)


def floats(x: Any, what: str, low: float = -np.inf) -> Any:
    """Finite numbers as contiguous float32.

    Raises:
        InvalidValueError: NaN, infinity, a number that single precision does not have, or one below `low`.
    """
    array = as_array(x, what)
    with np.errstate(over="ignore"):
        single = np.ascontiguousarray(array, np.float32)
    require_all(np.isfinite(single), array, what, "finite numbers")
    require_all(single >= low, array, what, f"{low:g} or more")
    return single


def one_dimensional(array: Any, what: str, length: int | None = None) -> Any:
    """The array itself, if it is [length]."""
    if array.ndim != 1 or (length is not None and len(array) != length):
        raise ShapeError.of("Data", what, str(list(array.shape)), f"[{'events' if length is None else length}]")
    return array


def how_many(index: Any, given: int | None, what: str) -> int:
    """A number of samples or channels: what was given, if every index is below it, or the largest index and one."""
    needed = int(index.max(initial=-1)) + 1
    if given is None:
        return needed
    if not 0 <= given <= LARGEST or int(given) != given or needed > given:
        raise InvalidValueError.of("Data", what, repr(given), f"{needed} or more: an event has index {needed - 1}"
                                   if needed else "0 or more")
    return int(given)
