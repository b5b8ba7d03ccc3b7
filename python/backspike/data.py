"""Events from arrays: everything that a network takes is turned into one `Data`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from . import _core
from .errors import InvalidValueError, ShapeError


class Data:
    """Samples of events, of different lengths if need be, with what is to be learned from them.

    Args:
        inputs: one of
            an array [samples, steps, channels], where a number that is not 0 is an event of that value (DLPack too,
            so that a PyTorch tensor in the computer's memory will do);
            a list with an array [steps, channels] for each sample, of different lengths, or a SciPy sparse array;
            another `Data`.
        targets: optional; integers [samples] are classes, integers [samples, steps] classes of steps (-1: none),
            floats [samples, steps, outputs] values to follow. For samples of different lengths: a list.
        dt: width of a step [ms].
        classes: number of classes, or their names; default: the largest label and one.
        weights: of every step in the loss, as targets of steps are given.
        name: shown in messages.

    Raises:
        ShapeError, InvalidValueError: an argument does not fit the others, a label or number is out of range.
    """

    def __init__(self, inputs: Any, targets: Any = None, *, dt: float = 1.0, classes: Any = None,
                 weights: Any = None, name: str = "data") -> None:
        if not dt > 0:
            raise InvalidValueError(f"Data: dt = {dt!r}; accepted: above 0 ms")
        self._core: _core.Data = core_of(inputs, float(dt))
        self._core.name = name
        self._add_targets(targets, classes)
        if weights is not None:
            self._core.set_step_weights(self._rows_of(weights, "weights", np.float32))

    @classmethod
    def wrap(cls, core: _core.Data) -> Data:
        """A data set of the C++ library as one of this class; nothing is copied."""
        data = cls.__new__(cls)
        data._core = core
        return data

    @classmethod
    def from_triplets(cls, sample: Any, time: Any, channel: Any, value: Any = None, *, samples: int | None = None,
                      steps: Any = None, channels: int | None = None, **rest: Any) -> Data:
        """Sparse events: one entry of each array an event, in any order; events of one place are added up.

        Args:
            sample, time, channel: integers [events]; time in steps.
            value: floats [events]; default: every event is 1.
            samples, channels: their numbers; default: the largest index and one.
            steps: length of all samples, or of each; default: up to the last event of all samples.
            rest: as for `Data`.
        """
        index = [integers(a, n) for a, n in ((sample, "sample"), (time, "time"), (channel, "channel"))]
        values = None if value is None else np.ascontiguousarray(as_array(value, "value"), np.float32).ravel()
        for array, what in zip([*index, values], ("sample", "time", "channel", "value"), strict=True):
            if array is not None and len(array) != len(index[0]):
                raise ShapeError(f"Data: {what} has {len(array)} entries, sample has {len(index[0])}")
        samples = count(index[0], samples, "samples")
        channels = count(index[2], channels, "channels")
        lengths = np.broadcast_to(np.asarray(count(index[1], None, "steps") if steps is None else steps), samples)
        late = index[1] >= lengths[index[0]]
        if late.any():
            at = int(np.argmax(late))
            raise InvalidValueError(f"Data: time[{at}] = {index[1][at]}; accepted: below {lengths[index[0][at]]}, "
                                    f"the steps of sample {index[0][at]}")
        return cls(_rows_from_triplets(*index, values, lengths.astype(np.uint64), channels, rest), **rest)

    @classmethod
    def from_events(cls, recordings: Sequence[Any], targets: Any = None, *, sensor_size: Sequence[int] | None = None,
                    step: float, dt: float = 1.0, steps: int | None = None, **rest: Any) -> Data:
        """Recordings of an event camera or cochlea as tonic reads them: structured arrays with fields t, x, [y,] p.

        Args:
            recordings: one structured array a sample.
            sensor_size: pixels in x, in y, and polarities, as tonic has it; default: the largest of each and one.
            step: width of a step in the unit of field t (tonic: microseconds).
            dt: what the network takes a step for [ms].
            steps: length of every sample, later events are dropped; default: each lasts to its last event.
            targets, rest: as for `Data`.
        """
        if not step > 0:
            raise InvalidValueError(f"Data.from_events: step = {step!r}; accepted: above 0")
        names = [n for n in ("x", "y", "p") if n in (recordings[0].dtype.names or ())]
        if "t" not in (recordings[0].dtype.names or ()) or "x" not in names:
            raise InvalidValueError(f"Data.from_events: fields = {recordings[0].dtype.names}; accepted: t, x, p and "
                                    "optionally y")
        size = sensor_size or [max(int(r[n].max(initial=0)) for r in recordings) + 1 for n in names]
        size = [n for n in size if n] if len(size) == len(names) else [size[0], size[-1]]
        sample, time, channel = [], [], []
        lengths = np.empty(len(recordings), np.int64)
        for k, r in enumerate(recordings):
            t = (r["t"] // step).astype(np.int64)
            kept = t < steps if steps is not None else np.ones(len(t), bool)
            flat = np.ravel_multi_index([r[n].astype(np.int64)[kept] for n in reversed(names)], size[::-1])
            sample.append(np.full(len(flat), k))
            time.append(t[kept])
            channel.append(flat)
            lengths[k] = steps if steps is not None else int(t.max(initial=-1)) + 1
        joined = [np.concatenate(parts) if parts else np.empty(0, np.int64) for parts in (sample, time, channel)]
        # Several events of a pixel in one step are one spike, as the other readers have it.
        joined = list(np.unique(np.stack(joined), axis=1)) if len(joined[0]) else joined
        return cls.from_triplets(*joined, samples=len(recordings), steps=lengths, channels=int(np.prod(size)),
                                 targets=targets, dt=dt, **rest)

    def _add_targets(self, targets: Any, classes: Any) -> None:
        if targets is None:
            return
        each = list(targets) if isinstance(targets, (list, tuple)) and np.ndim(targets[0]) > 0 else None
        array = as_array(each[0] if each else targets, "targets")
        whole = array.dtype.kind in "iub"
        if not each and array.ndim == 1 and whole:
            labels = np.ascontiguousarray(array, np.int32)
            self._core.set_labels(labels, class_names(classes, labels))
        elif whole:
            labels = self._rows_of(targets, "targets", np.int32)
            self._core.set_step_labels(labels, class_names(classes, labels))
        elif array.dtype.kind == "f":
            values = self._rows_of(targets, "targets", np.float32)
            self._core.set_step_targets(values.reshape(len(values), -1))
        else:
            raise InvalidValueError(f"Data: targets are {array.dtype}; accepted: integers (classes) or floats (values)")

    def _rows_of(self, per_step: Any, what: str, dtype: Any) -> Any:
        """Something given for every step as one array with a row for each step of each sample."""
        lengths = self.lengths
        parts = [as_array(p, what) for p in per_step]
        if len(parts) != len(lengths):
            raise ShapeError(f"Data: {what} are for {len(parts)} samples, there are {len(lengths)}")
        for k, (part, length) in enumerate(zip(parts, lengths, strict=True)):
            if part.ndim < 1 or len(part) != length:
                raise ShapeError(f"Data: {what} of sample {k} have shape {list(part.shape)}, the sample has {length} "
                                 "steps")
        return np.ascontiguousarray(np.concatenate(parts), dtype) if parts else np.empty(0, dtype)

    def __len__(self) -> int:
        return len(self._core)

    def __repr__(self) -> str:
        longest = int(self.lengths.max(initial=0))
        return (f"Data({self._core.name!r}: {len(self)} samples, up to {longest} steps of {self.dt:g} ms, "
                f"{self.channels} channels, {self._core.events} events)")

    def __getitem__(self, picked: Any) -> Data:
        """Samples as a data set of their own: a slice, a list of indices or a mask."""
        every = np.arange(len(self), dtype=np.uint32)
        return Data.wrap(self._core.subset(np.ascontiguousarray(np.atleast_1d(every[picked]))))

    @property
    def channels(self) -> int:
        """Input channels."""
        return self._core.channels

    @property
    def dt(self) -> float:
        """Width of a step [ms]."""
        return self._core.dt

    @property
    def lengths(self) -> Any:
        """Steps of each sample, [samples]."""
        return np.diff(self._core.sample_rows).astype(np.int64)

    @property
    def labels(self) -> Any:
        """Classes, [samples]; empty if samples have none."""
        return self._core.labels

    @property
    def class_names(self) -> list[str]:
        return self._core.class_names

    @property
    def rows(self) -> tuple[Any, Any, Any]:
        """The events as compressed rows, without a copy: offsets [rows + 1], channels and values [events] (empty: 1)."""
        return self._core.row_offsets, self._core.event_channels, self._core.event_values

    def dense(self, sample: int) -> Any:
        """One sample as an array [steps, channels]."""
        first, last = (int(r) for r in self._core.sample_rows[sample:sample + 2])
        offsets, channels, values = self.rows
        out = np.zeros((last - first, self.channels), np.float32)
        events = slice(int(offsets[first]), int(offsets[last]))
        steps = np.repeat(np.arange(last - first), np.diff(offsets[first:last + 1]).astype(np.int64))
        out[steps, channels[events]] = values[events] if len(values) else 1.0
        return out

    def save(self, path: str) -> None:
        """Writes spikes and labels in the layout of the Spiking Heidelberg Digits (HDF5).

        Raises:
            InvalidValueError: graded values or targets in time, for which that layout has no place.
        """
        self._core.write(str(path))


def as_array(x: Any, what: str) -> Any:
    """Anything that holds numbers as a NumPy array, without a copy where there is one to share."""
    if isinstance(x, np.ndarray):
        return x
    if hasattr(x, "detach"):  # a PyTorch tensor, which may want its gradient
        x = x.detach()
    if hasattr(x, "__dlpack__"):
        device = x.__dlpack_device__()[0]
        if int(device) not in (1, 3):
            raise InvalidValueError(f"{what} = a tensor on device {device}; accepted: in the computer's memory "
                                    "(tensor.cpu())")
        return np.from_dlpack(x)
    try:
        array = np.asarray(x)
    except ValueError as e:
        raise ShapeError(f"{what}: {e}") from None
    if array.dtype == object:
        raise InvalidValueError(f"{what} = {type(x).__name__} without a shape; accepted: numbers in an array")
    return array


def core_of(inputs: Any, dt: float) -> _core.Data:
    if isinstance(inputs, _core.Data):
        return inputs
    if isinstance(inputs, Data):
        core = inputs._core
        return _core.Data.from_rows(core.sample_rows, core.row_offsets, core.event_channels,
                                    core.event_values if len(core.event_values) else None, core.channels, core.dt)
    if isinstance(inputs, (list, tuple)) or hasattr(inputs, "tocoo"):
        return from_list(list(inputs) if isinstance(inputs, (list, tuple)) else [inputs], dt)
    array = as_array(inputs, "inputs")
    if array.ndim != 3:
        raise ShapeError(f"Data: inputs have shape {list(array.shape)}; accepted: [samples, steps, channels], or a "
                         "list of [steps, channels]")
    return _core.Data.from_dense(np.ascontiguousarray(array, np.float32), dt)


def from_list(samples: Iterable[Any], dt: float) -> _core.Data:
    """Samples of different lengths, each dense or a SciPy sparse array [steps, channels]."""
    offsets, channels, values, lengths, width = [np.zeros(1, np.uint64)], [], [], [], None
    for k, sample in enumerate(samples):
        sparse = sample.tocsr() if hasattr(sample, "tocsr") else None
        dense = None if sparse is not None else as_array(sample, f"inputs[{k}]")
        shape = sparse.shape if sparse is not None else dense.shape
        if len(shape) != 2 or (width is not None and shape[1] != width):
            raise ShapeError(f"Data: inputs[{k}] has shape {list(shape)}; accepted: [steps, "
                             f"{'channels' if width is None else width}]")
        width = shape[1]
        if sparse is not None:
            sparse.sum_duplicates()
            sparse.eliminate_zeros()
            sparse.sort_indices()
            start, where, what = sparse.indptr[1:], sparse.indices, sparse.data
        else:
            steps, where = np.nonzero(dense)
            what = dense[steps, where]
            start = np.cumsum(np.bincount(steps, minlength=len(dense)))
        offsets.append(np.asarray(start, np.uint64) + offsets[-1][-1])
        channels.append(where.astype(np.uint32))
        values.append(np.asarray(what, np.float32))
        lengths.append(shape[0])
    rows = np.concatenate([[0], np.cumsum(lengths)]).astype(np.uint64)
    flat = np.concatenate(values) if values else np.empty(0, np.float32)
    return _core.Data.from_rows(rows, np.concatenate(offsets),
                                np.concatenate(channels) if channels else np.empty(0, np.uint32),
                                flat if (flat != 1).any() else None, width or 0, dt)


def _rows_from_triplets(sample: Any, time: Any, channel: Any, value: Any, lengths: Any, channels: int,
                        rest: dict[str, Any]) -> _core.Data:
    first = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    place = (first[sample] + time) * max(channels, 1) + channel
    place, inverse = np.unique(place, return_inverse=True)
    counts = np.ones(len(inverse), np.float32) if value is None else value
    values = np.bincount(inverse, weights=counts, minlength=len(place)).astype(np.float32)
    kept = values != 0
    place, values = place[kept], values[kept]
    offsets = np.searchsorted(place // max(channels, 1), np.arange(first[-1] + 1))
    return _core.Data.from_rows(first.astype(np.uint64), offsets.astype(np.uint64),
                                (place % max(channels, 1)).astype(np.uint32),
                                values if (values != 1).any() else None, channels, float(rest.get("dt", 1.0)))


def integers(x: Any, what: str) -> Any:
    array = as_array(x, what).ravel()
    if array.dtype.kind not in "iu" and not (array.size == 0 or np.array_equal(array, np.round(array))):
        raise InvalidValueError(f"Data: {what} are {array.dtype}; accepted: integers")
    array = array.astype(np.int64)
    if (array < 0).any():
        raise InvalidValueError(f"Data: {what}[{int(np.argmax(array < 0))}] = {array.min()}; accepted: 0 or more")
    return array


def count(index: Any, given: int | None, what: str) -> int:
    needed = int(index.max(initial=-1)) + 1
    if given is not None and needed > given:
        raise InvalidValueError(f"Data: an event of {what[:-1]} {needed - 1}; accepted: below {given}, the {what}")
    return needed if given is None else int(given)


def class_names(classes: Any, labels: Any) -> list[str]:
    if classes is None:
        classes = int(labels.max(initial=-1)) + 1
    return [str(k) for k in range(classes)] if isinstance(classes, (int, np.integer)) else [str(c) for c in classes]
