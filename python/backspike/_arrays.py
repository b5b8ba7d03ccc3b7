"""Arrays from whatever holds numbers, checked before the C++ library sees them.

Every array that enters the package comes through `as_array`. What a container says beside its numbers (a mask, units, a
time axis, an index) NumPy would drop without a word: here it is honoured where that is plain, and refused by name where
it is not. Other packages are known by their attributes and never imported.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from .errors import InvalidValueError, ShapeError

LARGEST = 2**31 - 1  # of an index: the library counts neurons, steps and samples with 32 bits
LARGEST_READING = np.float32(1e18)  # as the library has it (core/reading.hpp)

NUMBERS = "booleans, integers or floats"
ADVICE = {"c": "real numbers: its .real, .imag or abs()",
          "m": "numbers: x / numpy.timedelta64(1, 'ms') are milliseconds",
          "M": "numbers: (x - x[0]) / numpy.timedelta64(1, 'ms') are milliseconds"}


def as_array(x: Any, what: str, operation: str = "Data") -> Any:
    """Anything that holds numbers as a NumPy array, without a copy where there is one to share.

    Raises:
        InvalidValueError: not numbers, a tensor that is not in the computer's memory, a container whose meaning an
            array has no place for.
        ShapeError: nested lists of different lengths.
    """
    array = x if type(x) is np.ndarray else _plain(x, what, operation)
    if array.dtype.names:
        raise InvalidValueError.of(operation, what, f"events with fields {', '.join(array.dtype.names)}",
                                   "numbers; Data.from_events takes such recordings")
    if array.dtype.kind == "V" and "float" in array.dtype.name:  # bfloat16 and the like, as ml_dtypes has them
        array = array.astype(np.float32)
    if array.dtype.kind not in "biuf":
        raise InvalidValueError.of(operation, what, f"{type(x).__name__} of {array.dtype}",
                                   ADVICE.get(array.dtype.kind, NUMBERS))
    return array


def _plain(x: Any, what: str, operation: str) -> Any:
    """What NumPy makes of it, once it is clear that nothing is lost."""
    if isinstance(x, (list, tuple)):
        return _from_list(x, what, operation)
    if isinstance(x, np.ma.MaskedArray):
        hidden = int(np.count_nonzero(x.mask))
        if hidden:
            raise InvalidValueError.of(operation, what, f"a masked array that hides {hidden} of its {x.size} numbers",
                                       "numbers that are all there: x.filled(0); steps are left out by weights of 0")
        return np.asarray(x.data)
    x = _without_units(x, what, operation)
    _refuse_axes(x, what, operation)
    if hasattr(x, "detach"):
        x = _strided(x.detach(), what, operation)
    if isinstance(x, np.ndarray) or not hasattr(x, "__dlpack__"):
        return np.asarray(x)
    device = int(x.__dlpack_device__()[0])
    if device not in (1, 3):  # the CPU's memory, or such that a GPU may read too
        raise InvalidValueError.of(operation, what, f"a tensor on device {device}",
                                   "in the computer's memory: tensor.cpu()")
    try:
        return np.from_dlpack(x)
    except (BufferError, TypeError, RuntimeError):  # a type that DLPack has no word for: the package may know its own
        return np.asarray(x)


def _from_list(x: Any, what: str, operation: str) -> Any:
    try:
        if not _holds_containers(x):
            return np.asarray(x)
        parts = [as_array(part, f"{what}[{k}]", operation) for k, part in enumerate(x)]
        return np.stack(parts) if parts else np.asarray(x)
    except ShapeError:
        raise
    except ValueError as e:
        if isinstance(e, InvalidValueError):
            raise
        raise ShapeError.of(operation, what, f"that of a ragged list ({e})", "one shape") from None


def _holds_containers(x: Any) -> bool:
    """Whether something in nested lists is more than a number."""
    kinds = {type(part) for part in x}
    if any(not issubclass(k, (list, tuple, bool, int, float, complex, str, bytes, type(None), np.generic))
           for k in kinds):
        return True
    return any(_holds_containers(part) for part in x if isinstance(part, (list, tuple)))


def _without_units(x: Any, what: str, operation: str) -> Any:
    """Plain numbers of a quantity without dimension; others are refused, as `dt` and `time_unit` say what a step is."""
    unit = next((u for u in (getattr(x, "units", None), getattr(x, "unit", None)) if u is not None and not callable(u)),
                None)
    if unit is None:
        return x
    if str(unit) in ("", "1", "dimensionless", "1 dimensionless"):
        inside = (getattr(x, name, None) for name in ("magnitude", "value", "values"))
        return next(numbers for numbers in inside if numbers is not None)
    raise InvalidValueError.of(operation, what, f"{type(x).__name__} in units of {unit}",
                               "plain numbers; time_unit says what times are in, dt what a step is")


def _refuse_axes(x: Any, what: str, operation: str) -> None:
    """Labels of axes that say more than the place in the array."""
    if hasattr(x, "coords") and hasattr(x, "dims") or hasattr(x, "data_vars"):
        raise InvalidValueError.of(operation, what, f"{type(x).__name__} with dimensions {tuple(x.dims)}",
                                   "its numbers alone, in the order that is documented: x.values or x.transpose(...)")
    index = getattr(x, "index", None)
    if hasattr(x, "iloc") and index is not None and not np.array_equal(np.asarray(index), np.arange(len(x))):
        raise InvalidValueError.of(operation, what, f"{type(x).__name__} with an index of its own, from {index[0]!r}"
                                   if len(x) else f"{type(x).__name__} with an index of its own",
                                   "its numbers in order: x.to_numpy() (times in an index: "
                                   "Data.from_triplets(time_unit=...))")


def _strided(x: Any, what: str, operation: str) -> Any:
    """A tensor of PyTorch as one that NumPy can share."""
    if getattr(x, "is_meta", False):
        raise InvalidValueError.of(operation, what, "a tensor on the device meta, which holds no numbers",
                                   "a tensor with numbers, in the computer's memory")
    if getattr(x, "is_nested", False):
        raise InvalidValueError.of(operation, what, "a nested tensor", "a list of its parts: list(x.unbind())")
    if getattr(x, "is_quantized", False):
        x = x.dequantize()
    if str(getattr(x, "layout", "torch.strided")) != "torch.strided":
        x = x.to_dense()
    if "float8" in str(x.dtype) or str(x.dtype) == "torch.bfloat16":  # types that NumPy does not have
        x = x.float()
    for settle in ("resolve_conj", "resolve_neg"):
        x = getattr(x, settle)() if hasattr(x, settle) else x
    return x


def whole(x: Any, what: str, low: int = 0, high: int = LARGEST, operation: str = "backspike") -> int:
    """One whole number of a range; 4.0 will do, 4.7 and True will not.

    Raises:
        InvalidValueError
    """
    accepted = f"an integer, {low} or more" if high >= LARGEST else f"an integer, {low} to {high}"
    try:
        n = int(x) if isinstance(x, (float, np.floating)) and x == np.floor(x) else operator.index(x)
    except (TypeError, OverflowError):
        n = None
    if n is None or isinstance(x, (bool, np.bool_)) or not low <= n <= high:
        raise InvalidValueError.of(operation, what, repr(x), accepted)
    return n


def place(what: str, at: Any, shape: Any) -> str:
    """The name of one entry: "targets[3, 1]"."""
    return f"{what}[{', '.join(str(int(i)) for i in np.unravel_index(int(at), shape))}]" if shape else what


def require_all(good: Any, array: Any, what: str, accepted: str, operation: str = "Data") -> None:
    """Names the first entry that is not good."""
    if not np.all(good):
        at = int(np.argmin(np.ravel(good)))
        raise InvalidValueError.of(operation, place(what, at, np.shape(array)), str(np.ravel(array)[at]), accepted)


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


def floats(x: Any, what: str, low: float = -np.inf, operation: str = "Data") -> Any:
    """Finite numbers as contiguous float32.

    Raises:
        InvalidValueError: NaN, infinity, a number above 1e18 in size, or one below `low`.
    """
    array = as_array(x, what, operation)
    with np.errstate(over="ignore"):
        single = np.ascontiguousarray(array, np.float32)
    require_all(np.abs(single) <= LARGEST_READING, array, what, "finite numbers, at most 1e18 in size", operation)
    require_all(single >= low, array, what, f"{low:g} or more", operation)
    return single


def row(x: Any, what: str) -> Any:
    """A row of a stream as contiguous float32; whether numbers are finite the library itself looks at, or skips."""
    array = as_array(x, what, "OnlineLearner")
    if array.ndim != 1:
        raise ShapeError.of("OnlineLearner", what, str(list(array.shape)), "[channels], one row")
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, np.float32)


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
    given = whole(given, what, 0, operation="Data")
    if needed > given:
        raise InvalidValueError.of("Data", what, repr(given), f"{needed} or more: an event has index {needed - 1}"
                                   if needed else "0 or more")
    return given
