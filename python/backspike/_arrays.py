"""Numbers from whatever holds them, checked before the C++ library sees them.

Every array that enters the package comes through `as_array`, every single number through `number` or, of a setting,
`plain`. What a container says beside its numbers (a mask, units, a time axis, an index) NumPy would drop without a
word: here it is honoured where that is plain, and refused by name where it is not. Other packages are known by their
attributes and never imported.
"""

from __future__ import annotations

import numbers
from inspect import isroutine
from typing import Any

import numpy as np

from .errors import InvalidValueError, ShapeError

LARGEST = 2**31 - 1  # of an index: the library counts neurons, steps and samples with 32 bits
LARGEST_READING = np.float32(1e18)  # as the library has it (core/reading.hpp)

NUMBERS = "booleans, integers or floats"
ADVICE = {"c": "real numbers: its .real, .imag or abs()",
          "m": "numbers: x / numpy.timedelta64(1, 'ms') are milliseconds",
          "M": "numbers: (x - x[0]) / numpy.timedelta64(1, 'ms') are milliseconds"}
WITHOUT_UNIT = ("", "1", "1.0", "dimensionless")
PLAIN = (bool, int, float, complex, str, bytes, type(None))  # and no class made from one, which may have a unit


def as_array(x: Any, what: str, operation: str = "Data") -> Any:
    """Anything that holds numbers as a NumPy array, without a copy where there is one to share.

    Raises:
        InvalidValueError: not numbers, a tensor that is not in the computer's memory, a container whose meaning an
            array has no place for.
        ShapeError: nested lists of different lengths.
    """
    array = bare(x, what, operation)
    if array.dtype.names:
        raise InvalidValueError.of(operation, what, f"events with fields {', '.join(array.dtype.names)}",
                                   "numbers; Data.from_events takes such recordings")
    if array.dtype.kind not in "biuf":
        raise InvalidValueError.of(operation, what, f"{type(x).__name__} of {array.dtype}",
                                   ADVICE.get(array.dtype.kind, NUMBERS))
    return array


def number(x: Any, what: str, operation: str = "backspike", accepted: str = "one number") -> bool | int | float:
    """One number, whatever holds it, as Python has it.

    Raises:
        InvalidValueError: not one number, or one with a unit or a mask.
    """
    if type(x) in (bool, int, float):
        return x  # type: ignore[no-any-return]
    array = bare(x, what, operation)
    if array.dtype.kind == "O" and isinstance(x, numbers.Number):  # Fraction, Decimal
        return float(x)  # type: ignore[arg-type]
    if array.ndim or array.dtype.kind not in "biuf":
        raise InvalidValueError.of(operation, what, repr(x), accepted)
    return float(array) if array.dtype.kind == "f" else array.item()


def plain(x: Any, what: str) -> Any:
    """A setting as Python has it: numbers and texts of NumPy, PyTorch and other packages become its own or lists of
    them, everything else stays as it is.

    Raises:
        InvalidValueError: a number with a unit or a mask.
    """
    if isinstance(x, (str, dict, list, tuple)) or type(x) in PLAIN:
        return x
    array = bare(x, what, "backspike")
    if array.dtype.kind not in "biufU":
        return x
    return (array.astype(np.float64) if array.dtype.kind == "f" else array).tolist()


def bare(x: Any, what: str, operation: str) -> Any:
    """What NumPy makes of it, numbers or not, once it is clear that nothing is lost."""
    array = x if type(x) is np.ndarray else _plain(x, what, operation)
    if array.dtype.kind == "V" and "float" in array.dtype.name:  # bfloat16 and the like, as ml_dtypes has them
        return array.astype(np.float32)
    return array


def _plain(x: Any, what: str, operation: str) -> Any:
    inside = _without_units(x, what, operation)
    _refuse_axes(x, what, operation)
    if inside is not x:
        return bare(inside, what, operation)  # which may have a mask or axes, too
    if isinstance(x, (list, tuple)):
        return _from_list(x, what, operation)
    _refuse_mask(x, what, operation)
    if hasattr(x, "detach"):
        x = _strided(x.detach(), what, operation)
    if isinstance(x, np.ndarray):
        return np.asarray(x)
    if not hasattr(x, "__dlpack__"):
        return _converted(x, what, operation)
    device = int(x.__dlpack_device__()[0])
    if device not in (1, 3):  # the CPU's memory, or such that a GPU may read too
        raise InvalidValueError.of(operation, what, f"a tensor on device {device}",
                                   "in the computer's memory: tensor.cpu()")
    try:
        return np.from_dlpack(x)
    except (BufferError, TypeError, RuntimeError):  # a type that DLPack has no word for: the package may know its own
        return _converted(x, what, operation)


def _converted(x: Any, what: str, operation: str) -> Any:
    """By the object's own `__array__`, which may give an array with a mask or a unit."""
    array = np.asanyarray(x)
    return array if type(array) is np.ndarray else _plain(array, what, operation)


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
    if any(k not in PLAIN and not issubclass(k, (list, tuple))
           and not (issubclass(k, np.generic) and k.__module__ == "numpy") for k in kinds):
        return True
    return any(_holds_containers(part) for part in x if isinstance(part, (list, tuple)))


def _said(x: Any, *names: str) -> Any:
    """The first of some attributes that is there and no method, as torch.Tensor.dim is."""
    if hasattr(x, "iloc"):  # of pandas, where any column or row is an attribute, too
        return None
    found = (getattr(x, name, None) for name in names)
    return next((a for a in found if a is not None and not isroutine(a)), None)


def _without_units(x: Any, what: str, operation: str) -> Any:
    """What a quantity without dimension holds, and anything without units as it is; with units it is refused, as `dt`,
    `time_unit` and the documentation of a setting say what numbers are in."""
    unit = _said(x, "units", "unit", "dimensions", "dim")  # brian2 has the last two only
    if unit is None or isinstance(unit, tuple):  # names of axes
        return x
    if str(unit).removeprefix("1.0 ").removeprefix("1 ") not in WITHOUT_UNIT:
        raise InvalidValueError.of(operation, what, f"{type(x).__name__} in units of {unit}",
                                   "plain numbers in the unit that is documented; time_unit says what times are in, "
                                   "dt [ms] what a step is")
    inside = _said(x, "magnitude", "value", "values")
    if inside is None or type(inside) is type(x):
        _refuse_mask(x, what, operation)
        return x.view(np.ndarray) if isinstance(x, np.ndarray) else np.asanyarray(x)
    return inside


def _refuse_mask(x: Any, what: str, operation: str) -> None:
    """Numbers that a mask hides: of NumPy, or of another package's masked arrays."""
    mask = _said(x, "mask")
    hidden = 0 if mask is None else int(np.count_nonzero(mask))
    if hidden:
        raise InvalidValueError.of(operation, what,
                                   f"a masked array that hides {hidden} of its {np.size(mask)} numbers",
                                   "numbers that are all there: x.filled(0); steps are left out by weights of 0")


def _refuse_axes(x: Any, what: str, operation: str) -> None:
    """Labels of axes that say more than the place in the array."""
    axes = _said(x, "dims", "dimensions")
    named = isinstance(axes, tuple) and len(axes) > 0
    if named or (hasattr(x, "coords") and hasattr(x, "dims")) or hasattr(x, "data_vars"):
        raise InvalidValueError.of(operation, what, f"{type(x).__name__} with dimensions {tuple(axes or ())}",
                                   "its numbers alone, in the order that is documented: x.values or x.transpose(...)")
    if _said(x, "time_support", "sampling_rate", "times") is not None:
        raise InvalidValueError.of(operation, what, f"{type(x).__name__} with a time axis of its own",
                                   "its numbers alone, one row a step of dt: numpy.array(x.values) (times of events: "
                                   "Data.from_triplets(time_unit=...))")
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
    n = number(x, what, operation, accepted)
    if isinstance(n, bool) or n != n // 1 or not low <= n <= high:
        raise InvalidValueError.of(operation, what, repr(x), accepted)
    return int(n)


def place(what: str, at: Any, shape: Any) -> str:
    """The name of one entry: "targets[3, 1]"."""
    return f"{what}[{', '.join(str(int(i)) for i in np.unravel_index(int(at), shape))}]" if shape else what


def times(x: Any, what: str) -> Any:
    """Times as `as_array` has them. What has been rounded to a few bits is refused: it would be taken for as exact as
    the type that it is converted to, and fall into other steps.

    Raises:
        InvalidValueError
    """
    for part in x if isinstance(x, (list, tuple)) else (x,):
        name = str(getattr(part, "dtype", ""))
        if any(word in name for word in ("bfloat16", "float8_", "float6_", "float4_", "qint", "quint")):
            raise InvalidValueError.of("Data", what,
                                       f"{type(part).__name__} of {name}, which rounds times to a few bits",
                                       "integers, or floats of 16 bits (IEEE) or more, as the times were measured")
    return as_array(x, what)


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


class View(dict[str, Any]):
    """A dictionary that only shows. `remedy` says how to change what it shows."""

    def __init__(self, shown: dict[str, Any], remedy: str) -> None:
        super().__init__(shown)
        self._remedy = remedy

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise TypeError("this dictionary only shows what is there, assigning to it would change nothing; "
                        f"{self._remedy}")

    def __setitem__(self, name: str, value: Any) -> None:
        # `view["a"] += 1` has changed the array in place when it comes here with the array itself.
        if name not in self or value is not self[name]:
            self._refuse()

    __delitem__ = update = pop = popitem = setdefault = clear = _refuse

    def __ior__(self, _: Any) -> Any:  # type: ignore[misc]
        return self._refuse()

    def __reduce__(self) -> Any:
        return dict, (dict(self),)  # a copy is the caller's own


class ListView(list[Any]):
    """A list that only shows."""

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise TypeError("this list only shows what is there, changing it would change nothing; list(...) is a copy")

    __setitem__ = __delitem__ = __iadd__ = __imul__ = append = extend = insert = _refuse
    remove = pop = clear = sort = reverse = _refuse

    def __reduce__(self) -> Any:
        return list, (list(self),)
