"""Events from arrays: everything that a network takes is turned into one `Data`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from . import _core
from ._arrays import (LARGEST, ListView, as_array, floats, how_many, integers, number, one_dimensional, require_all, times,
                      whole)
from .errors import InvalidValueError, ShapeError

MOST_CLASSES = 2**24  # neurons that a layer may have
TIME_UNITS = {"s": 1e3, "ms": 1.0, "us": 1e-3, "ns": 1e-6}  # in ms


class Data:
    """Samples of events, of different lengths if need be, with what is to be learned from them.

    Args:
        inputs: one of
            an array [samples, steps, channels], where a number that is not 0 is an event of that value (DLPack too,
            so that a PyTorch tensor in the computer's memory will do);
            a list with an array [steps, channels] for each sample, of different lengths, or a SciPy sparse array;
            for networks that see places, arrays [samples, steps, channels, height, width], or [..., channels, length],
            in the order of PyTorch: the shape is taken from them;
            another `Data`, whose events and step are taken, and nothing else.
        targets: optional; integers [samples] are classes, integers [samples, steps] classes of steps (-1: none),
            floats [samples, steps, outputs] values to follow. For samples of different lengths: a list. A dictionary has
            several targets by name, for a network with several outputs (`Output(layer, target=name)`); the first of
            them are also the data's own.
        dt: width of a step [ms]; default: 1, or that of another `Data`.
        classes: number of classes, or their names, where targets are places in that list; default: the different labels
            are the classes, in ascending order ({1, 2, 5} or {-1, 1} will do), and their own names. Names that are
            numbers other than 0, 1, ... are the labels: targets may be these numbers, or places all of them, and what
            could be either is refused; `labels` and `Network.predict` show the numbers. Beside a dictionary of targets
            a dictionary of these, by the same names.
        weights: of every step in the loss, as targets of steps are given.
        sample_weight: of every sample in the loss, numbers [samples], 0 or more: its loss is multiplied by it. Means over
            samples are not divided by the sum of the weights, and accuracies know no weights.
        shape: of the channels where the inputs do not say it, (channels, height, width) or (channels, length). The
            channels of a place are neighbours then: (channel, y, x) has number (y * width + x) * channels + channel.
        name: shown in messages.

    Raises:
        ShapeError, InvalidValueError: an argument does not fit the others, a label or number is out of range.
    """

    # So that `data.targets = ...`, which would do nothing, raises. `_origin` is the experiment that loaded the samples.
    __slots__ = ("_core", "_origin", "__weakref__")
    _origin: Any

    def __init__(self, inputs: Any, targets: Any = None, *, dt: float | None = None, classes: Any = None,
                 weights: Any = None, sample_weight: Any = None, shape: Any = None, name: str = "data") -> None:
        self._core: _core.Data = core_of(inputs, dt)
        if shape is not None:
            self._core.shape = [whole(n, f"shape[{k}]", 1, operation="Data") for k, n in enumerate(shape)]
        self._core.name = name
        self._add_targets(targets, classes)
        if weights is not None:
            self._core.set_step_weights(self._rows_of(weights, "weights", (), lambda w, what: floats(w, what, 0.0)))
        if sample_weight is not None:
            counts = floats(sample_weight, "sample_weight", 0.0)
            self._core.set_sample_weights(one_dimensional(counts, "sample_weight", len(self)))

    @classmethod
    def wrap(cls, core: _core.Data) -> Data:
        """A data set of the C++ library as one of this class; nothing is copied."""
        data = cls.__new__(cls)
        data._core = core
        return data

    @classmethod
    def from_triplets(cls, sample: Any, time: Any, channel: Any, value: Any = None, *, samples: int | None = None,
                      steps: Any = None, channels: int | None = None, time_unit: str = "steps",
                      duplicates: str | None = None, dt: float = 1.0, **rest: Any) -> Data:
        """Sparse events: one entry of each array an event, in any order.

        Args:
            sample, channel: integers [events].
            time: integers [events], in steps; or numbers in `time_unit`, which become steps of dt as in every reader
                of the library: k dt is in step k, whatever the type of the numbers makes of it.
            value: floats [events]; default: every event is a spike.
            samples, channels: their numbers; default: the largest index and one.
            steps: length of all samples, or of each; default: up to the last event of all samples.
            time_unit: "steps", "s", "ms", "us" or "ns".
            duplicates: what several spikes of a channel in one step are: "one" spike (default) or an event with their
                "count" as value. Events that have values are added up. `merged_events` says how many there were.
            dt: width of a step [ms].
            rest: as for `Data`.
        """
        time = one_dimensional(times_in_steps(time, "time", width_of_step(dt), time_unit), "time")
        sample = one_dimensional(integers(sample, "sample"), "sample", len(time))
        channel = one_dimensional(integers(channel, "channel"), "channel", len(time))
        values = None if value is None else one_dimensional(floats(value, "value"), "value", len(time))
        samples, channels = how_many(sample, samples, "samples"), how_many(channel, channels, "channels")
        lengths = lengths_of(steps, time, samples)
        late = time >= lengths[sample]
        if late.any():
            at = int(np.argmax(late))
            raise InvalidValueError.of("Data", f"time[{at}]", str(time[at]),
                                       f"below {lengths[sample[at]]}, the steps of sample {sample[at]}")
        kept = how_to_merge(duplicates, values is not None)
        rows = _rows_from_triplets(sample, time, channel, values, lengths, channels, width_of_step(dt), kept)
        return cls(rows, **rest)

    @classmethod
    def from_events(cls, recordings: Sequence[Any], targets: Any = None, *, sensor_size: Sequence[int] | None = None,
                    step: float, dt: float = 1.0, steps: int | None = None, duplicates: str | None = None,
                    **rest: Any) -> Data:
        """Recordings of an event camera or cochlea as tonic reads them: structured arrays with fields t, x, [y,] p.

        Args:
            recordings: one structured array a sample.
            sensor_size: pixels in x, in y, and polarities, as tonic has it; default: the largest of each and one.
            step: width of a step in the unit of field t (tonic: microseconds), which may be floats.
            dt: what the network takes a step for [ms].
            steps: length of every sample, later events are dropped; default: each lasts to its last event.
            duplicates: as for `from_triplets`.
            targets, rest: as for `Data`.
        """
        step = positive(step, "step", "Data.from_events", "above 0")
        recordings = list(recordings)
        names = fields_of(recordings)
        size = grid_of(recordings, names, sensor_size)
        steps = None if steps is None else whole(steps, "steps", operation="Data.from_events")
        lengths = np.empty(len(recordings), np.int64)
        places = []
        for k, events in enumerate(recordings):
            time = steps_of(events["t"], f"recordings[{k}]['t']", step, 1.0)
            lengths[k] = int(time.max(initial=-1)) + 1 if steps is None else steps
            at = pixels(events, names, size, f"recordings[{k}]")
            kept = time < lengths[k]
            places.append(np.stack([np.full(int(kept.sum()), k), time[kept], at[kept]]))
        sample, time, channel = np.concatenate(places, axis=1)
        return cls.from_triplets(sample, time, channel, samples=len(recordings), steps=lengths,
                                 channels=int(np.prod(size)), duplicates=duplicates, targets=targets, dt=dt, **rest)

    def __getstate__(self) -> tuple[None, dict[str, Any]]:
        return None, {"_core": self._core}  # copies have the samples, and are no longer those of an experiment

    def _add_targets(self, targets: Any, classes: Any) -> None:
        if targets is None:
            return
        if isinstance(targets, Mapping):
            self._add_named_targets(targets, {} if classes is None else classes)
            return
        ragged = (isinstance(targets, (list, tuple)) and len(targets) > 0
                  and as_array(targets[0], "targets[0]").ndim > 0)
        first = as_array(targets[0], "targets[0]") if ragged else as_array(targets, "targets")
        if first.dtype.kind == "f" and not ragged and first.ndim == 1 and len(first):
            raise InvalidValueError.of("Data", "targets", "one float a sample", FLOAT_A_SAMPLE)
        if first.dtype.kind == "f":
            values = self._rows_of(targets, "targets", None, floats)
            self._core.set_step_targets(values if values.ndim == 2 else values[:, None])
        elif not ragged and first.ndim < 2:
            if first.ndim == 1 and len(first) != len(self) and (self.lengths == len(first)).all() and len(self):
                raise ShapeError.of("Data", "targets", f"[{len(first)}]", f"[{len(self)}], one a sample; the inputs "
                                    f"have {len(first)} steps: [samples, steps, channels] has samples first")
            labels = one_dimensional(integers(first, "targets", -LARGEST), "targets", len(self))
            self._core.set_labels(*known_classes(labels, classes))
        else:
            labels = self._rows_of(targets, "targets", (), lambda t, what: integers(t, what, -1))
            self._core.set_step_labels(*known_classes(labels, classes, steps=True))

    def _add_named_targets(self, targets: Mapping[str, Any], classes: Any) -> None:
        if not isinstance(classes, Mapping) or not set(classes) <= set(targets):
            raise InvalidValueError.of("Data", "classes", repr(classes), "a dictionary with names of targets: "
                                       + ", ".join(map(repr, targets)))
        for name, one in targets.items():
            if not isinstance(name, str) or not name or one is None:
                raise InvalidValueError.of("Data", "targets", f"{name!r}: {one!r}", "a name and targets each")
            self._add_targets(one, classes.get(name))
            self._core.name_targets(name)
        self._core.own_targets(next(iter(targets)))

    def _rows_of(self, per_step: Any, what: str, row: tuple[int, ...] | None,
                 checked: Callable[[Any, str], Any]) -> Any:
        """Something given for every step as one array with a row for each step of each sample.

        Args:
            row: the shape of a step; None: that of the first sample, [] or [outputs].
            checked: makes the array of a sample.
        """
        lengths = self.lengths
        each: Any = per_step if isinstance(per_step, (list, tuple)) else as_array(per_step, what)
        whole = not isinstance(each, (list, tuple))
        if (whole and each.ndim == 0) or len(each) != len(lengths):
            given = str(list(each.shape)) if whole else f"[{len(each)}, ...]"
            raise ShapeError.of("Data", what, given, f"one entry for each of {len(lengths)} samples")
        parts = [checked(part, f"{what}[{k}]") for k, part in enumerate(each)]
        if row is None:
            row = parts[0].shape[1:2] if parts else ()
        for k, (part, length) in enumerate(zip(parts, lengths, strict=True)):
            if part.shape != (length, *row):
                one_hot = part.ndim == 1 and part.sum() == 1 and ((part == 0) | (part == 1)).all()
                raise ShapeError.of("Data", f"{what}[{k}]", str(list(part.shape)), str([int(length), *row])
                                    + ("; of one-hot rows the classes are targets.argmax(1)" if one_hot else ""))
        return np.concatenate(parts) if parts else np.empty((0, 1), np.float32)

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
    def shape(self) -> tuple[int, ...]:
        """(channels, height, width) or (channels, length) of the channels; empty: they have a number only."""
        return tuple(self._core.shape)

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
        """Labels, [samples], as they were given; of named classes places among the names, unless the names are numbers,
        which are the labels then; empty if there are none. With `classes=class_names` they make the same data again."""
        return as_given(self._core.labels, self.class_names)

    @property
    def target_names(self) -> list[str]:
        """Names of the targets that it has by name."""
        return ListView(info["name"] for info in self._core.further)

    @property
    def sample_weight(self) -> Any:
        """Weights of the samples in the loss, [samples]; empty if there are none."""
        return self._core.sample_weights

    @property
    def class_names(self) -> list[str]:
        """Names of the classes; a copy, which cannot be assigned to."""
        return ListView(self._core.class_names)

    @property
    def merged_events(self) -> int:
        """Events that fell on another one of their channel and step when these data, or the whole of what they are a
        part of, were read or made."""
        return self._core.merged_events

    @property
    def rows(self) -> tuple[Any, Any, Any]:
        """The events as compressed rows, without a copy: offsets [rows + 1], channels and values [events] (none: 1)."""
        return self._core.row_offsets, self._core.event_channels, self._core.event_values

    def dense(self, sample: int) -> Any:
        """One sample as an array [steps, channels]."""
        if not -len(self) <= sample < len(self):
            raise IndexError(f"sample {sample} of {len(self)}")
        sample %= len(self)
        first, last = (int(r) for r in self._core.sample_rows[sample:sample + 2])
        offsets, channels, values = self.rows
        out = np.zeros((last - first, self.channels), np.float32)
        events = slice(int(offsets[first]), int(offsets[last]))
        steps = np.repeat(np.arange(last - first), np.diff(offsets[first:last + 1]).astype(np.int64))
        out[steps, channels[events]] = values[events] if len(values) else 1.0
        return out

    def save(self, path: str) -> None:
        """Writes spikes, and labels if there are any, in the layout of the Spiking Heidelberg Digits (HDF5).

        Raises:
            InvalidValueError: graded values, targets in time or by name, or weights of samples, for which that layout has
                no place.
        """
        self._core.write(str(path))


FLOAT_A_SAMPLE = ("integers [samples] where they are classes: targets.astype(int). One value a sample is followed in "
                  "every step, [samples, steps, 1]: numpy.broadcast_to(y[:, None, None], (samples, steps, 1)), with "
                  "weights [samples, steps] of 0 where it does not count")


def width_of_step(dt: Any) -> float:
    """dt as a number above 0."""
    return positive(dt, "dt", "Data", "above 0 ms")


def positive(x: Any, what: str, operation: str, accepted: str) -> float:
    n = number(x, what, operation, accepted)
    if isinstance(n, bool) or not 0 < n < float("inf"):
        raise InvalidValueError.of(operation, what, repr(x), accepted)
    return float(n)


def core_of(inputs: Any, dt: float | None) -> _core.Data:
    if isinstance(inputs, _core.Data):
        return inputs
    given, dt = dt, width_of_step(1.0 if dt is None else dt)
    if isinstance(inputs, Data):
        core = inputs._core
        if given is not None and not _core.is_same_step(dt, core.dt):
            raise InvalidValueError.of("Data", "dt", f"{dt:g} ms", f"{core.dt:g} ms, the step of the data that the "
                                       f"events are taken from; make them anew with dt = {dt:g}, or the network with "
                                       f"dt = {core.dt:g}")
        taken = _core.Data.from_rows(core.sample_rows, core.row_offsets, core.event_channels,
                                     core.event_values if len(core.event_values) else None, core.channels, core.dt)
        taken.shape = core.shape
        return taken
    if isinstance(inputs, (list, tuple)) or hasattr(inputs, "tocsr"):
        return from_list(list(inputs) if isinstance(inputs, (list, tuple)) else [inputs], dt)
    array = as_array(inputs, "inputs")
    if array.ndim in (4, 5):
        core = _core.Data.from_dense(floats(places_first(array, 2), "inputs"), dt)
        core.shape = list(array.shape[2:])
        return core
    if array.ndim != 3:
        raise ShapeError.of("Data", "inputs", str(list(array.shape)),
                            "[samples, steps, channels], or a list of [steps, channels]")
    return _core.Data.from_dense(floats(array, "inputs"), dt)


def places_first(array: Any, axes: int) -> Any:
    """An array whose last axes, behind the first `axes`, are channels and places, as one whose last axis has the
    channels of each place beside each other: the order of the library."""
    return np.ascontiguousarray(np.moveaxis(array, axes, -1)).reshape(*array.shape[:axes], -1)


def from_list(samples: list[Any], dt: float) -> _core.Data:
    """Samples of different lengths, each dense or a SciPy sparse array [steps, channels]."""
    if not samples:
        raise InvalidValueError.of("Data", "inputs", "[]", "at least one sample, which shows the number of channels")
    width: Any = None
    first = None if hasattr(samples[0], "tocsr") else as_array(samples[0], "inputs[0]")
    places = None if first is None or first.ndim not in (3, 4) else first.shape[1:]
    if places is not None:
        given = [as_array(sample, f"inputs[{k}]") for k, sample in enumerate(samples)]
        for k, array in enumerate(given):
            if array.shape[1:] != places:
                raise ShapeError.of("Data", f"inputs[{k}]", str(list(array.shape)), f"[steps, {', '.join(map(str, places))}]")
        samples = [places_first(array, 1) for array in given]
    ends, channels, values = [], [], []
    for k, sample in enumerate(samples):
        shape = tuple(sample.shape) if hasattr(sample, "tocsr") else as_array(sample, f"inputs[{k}]").shape
        if len(shape) != 2 or (width is not None and shape[1] != width):
            raise ShapeError.of("Data", f"inputs[{k}]", str(list(shape)),
                                f"[steps, {'channels' if width is None else width}]")
        width = shape[1]
        rows = sparse_rows if hasattr(sample, "tocsr") else dense_rows
        end, channel, value = rows(sample, f"inputs[{k}]")
        ends.append(end)
        channels.append(channel)
        values.append(value)
    before = np.cumsum([0, *(len(c) for c in channels)])  # events of the samples before
    offsets = np.concatenate([[0], *(end + b for end, b in zip(ends, before, strict=False))])
    first_rows = np.cumsum([0, *(len(end) for end in ends)])
    flat = np.concatenate(values)
    core = _core.Data.from_rows(first_rows.astype(np.uint64), offsets.astype(np.uint64),
                                np.concatenate(channels).astype(np.uint32), flat if (flat != 1).any() else None,
                                width, dt)
    core.shape = [] if places is None else list(places)
    return core


def dense_rows(sample: Any, what: str) -> tuple[Any, Any, Any]:
    """Where the events of each step end, their channels and their values."""
    dense = floats(sample, what)
    steps, channels = np.nonzero(dense)
    return np.cumsum(np.bincount(steps, minlength=len(dense))), channels, dense[steps, channels]


def sparse_rows(sample: Any, what: str) -> tuple[Any, Any, Any]:
    """As `dense_rows`, of a SciPy sparse array, which stays as it is."""
    rows = sample.tocsr(copy=True)
    rows.sum_duplicates()
    rows.data = floats(rows.data, f"{what}.data")
    rows.eliminate_zeros()
    rows.sort_indices()
    return rows.indptr[1:].astype(np.int64), rows.indices, rows.data


def how_to_merge(duplicates: str | None, valued: bool) -> str:
    """"one" or "count"; values are added up, which of ones is their count."""
    accepted = ("count",) if valued else ("one", "count")
    if duplicates is not None and duplicates not in accepted:
        raise InvalidValueError.of("Data", "duplicates", repr(duplicates), " or ".join(repr(a) for a in accepted)
                                   + (", beside values, which are added up" if valued else ""))
    return duplicates or accepted[0]


def times_in_steps(time: Any, what: str, dt: float, unit: str) -> Any:
    """Times as steps, int64: whole numbers that are steps already, or numbers of a unit."""
    if unit != "steps":
        if unit not in TIME_UNITS:
            raise InvalidValueError.of("Data", "time_unit", repr(unit), ", ".join(["steps", *TIME_UNITS]))
        return steps_of(time, what, dt, TIME_UNITS[unit])
    array = times(time, what)
    if array.dtype.kind == "f":
        require_all(np.isfinite(array) & (array == np.round(array)), array, what,
                    "integers, steps; time_unit = 's', 'ms', 'us' or 'ns' takes times")
    return integers(array, what)


def steps_of(time: Any, what: str, dt: float, unit: float) -> Any:
    """The steps of width dt that times fall in, by the library's own rule; `unit` is theirs, measured as dt is."""
    array = times(time, what)
    bits = 0 if array.dtype.kind != "f" else min(np.finfo(array.dtype).nmant + 1, 53)
    steps = _core.steps_of(np.ascontiguousarray(array, np.float64).ravel(), float(dt), unit, bits).reshape(array.shape)
    require_all((steps >= 0) & (steps <= LARGEST), array, what, "finite times from 0 on, in at most 2^31 steps")
    return steps.astype(np.int64)


def _rows_from_triplets(sample: Any, time: Any, channel: Any, value: Any, lengths: Any, channels: int, dt: float,
                        duplicates: str) -> _core.Data:
    first = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    where, inverse = np.unique((first[sample] + time) * max(channels, 1) + channel, return_inverse=True)
    values = np.bincount(inverse, weights=value, minlength=len(where)).astype(np.float32)
    merged = len(time) - len(where)
    if value is None and duplicates == "one":
        values = np.ones_like(values)
    kept = values != 0
    where, values = where[kept], values[kept]
    offsets = np.searchsorted(where // max(channels, 1), np.arange(first[-1] + 1))
    core = _core.Data.from_rows(first.astype(np.uint64), offsets.astype(np.uint64),
                                (where % max(channels, 1)).astype(np.uint32),
                                values if (values != 1).any() else None, channels, dt)
    core.merged_events = merged
    return core


def lengths_of(steps: Any, time: Any, samples: int) -> Any:
    """Steps of each sample, [samples]: what was given for all or for each, or up to the last event of all."""
    given = integers(how_many(time, None, "steps") if steps is None else steps, "steps")
    if given.shape not in ((), (samples,)):
        raise ShapeError.of("Data", "steps", str(list(given.shape)), f"[{samples}], or one number")
    return np.broadcast_to(given, samples)


def known_classes(labels: Any, classes: Any, steps: bool = False) -> tuple[Any, list[str]]:
    """Labels as the library has them, and the names of all classes: if nothing says which there are, the different
    labels in ascending order. A label of -1 of a step is none.
    """
    if classes is None:
        places, names = (_core.step_classes_of if steps else _core.classes_of)(np.ascontiguousarray(labels, np.int64))
        require_all(len(names) <= MOST_CLASSES, np.int64(len(names)), "targets", f"{MOST_CLASSES} different labels")
        return places, names
    if not hasattr(classes, "__iter__") or isinstance(classes, str) or getattr(classes, "ndim", 1) == 0:
        classes = range(whole(classes, "classes", 0, MOST_CLASSES, "Data"))
    names = [str(c) for c in classes]
    none = (labels == -1) & steps
    is_place = none | ((labels >= 0) & (labels < len(names)))
    if are_labels(names):
        labels = places_of(labels, names, none, is_place)
    else:
        require_all(is_place, labels, "targets", f"0 or more, and below {len(names)}, the classes")
    return np.ascontiguousarray(labels, np.int32), names


def are_labels(names: list[str]) -> bool:
    """Whether names of classes are numbers other than 0, 1, ...: these are the labels, wherever labels are shown."""
    return names != [str(k) for k in range(len(names))] and _core.are_numbers(names)


def places_of(labels: Any, names: list[str], none: Any, is_place: Any) -> Any:
    """Labels as places among names that are numbers. They may be these numbers or already be places, all of them,
    unless they could be either and it matters."""
    values = np.array([*map(int, names)], np.int64)
    order = np.argsort(values, kind="stable")
    if (np.diff(values[order]) == 0).any():
        raise InvalidValueError.of("Data", "classes", ", ".join(names), "no number twice")
    is_name = none | np.isin(labels, values)
    at = np.minimum(np.searchsorted(values[order], labels), len(names) - 1)
    by_name = np.where(none, -1, order[at])
    listed = ", ".join([*names[:12], "..."] if len(names) > 12 else names)
    if is_name.all() and is_place.all() and (by_name != labels).any():
        bad = int(np.argmax(by_name != labels))
        raise InvalidValueError.of(
            "Data", f"targets[{bad}]",
            f"{labels[bad]}, the name of the class in place {by_name[bad]} and the place of class {names[labels[bad]]}",
            "no classes, where targets are their own names; names that are no numbers, "
            "where targets are places among them")
    both = f"all of them among the classes {listed}, or all of them places, 0 or more, and below {len(names)}"
    require_all(is_name | is_place, labels, "targets", both)
    require_all(is_name.all() | is_place, labels, "targets", both)
    return by_name if is_name.all() else labels


def as_given(labels: Any, names: list[str]) -> Any:
    """Labels as they are shown: if classes are named by numbers, these; otherwise places among the names."""
    return np.array([*map(int, names)], np.int64)[labels] if are_labels(names) else labels


def fields_of(recordings: list[Any]) -> list[str]:
    """Which of x, y and p the recordings of events have besides t."""
    if not recordings:
        raise InvalidValueError.of("Data.from_events", "recordings", "[]", "at least one recording")
    fields = [getattr(getattr(events, "dtype", None), "names", None) or () for events in recordings]
    names = [n for n in ("x", "y", "p") if n in fields[0]]
    for k, own in enumerate(fields):
        if not {"t", "x", *names} <= set(own):
            raise InvalidValueError.of("Data.from_events", f"recordings[{k}]", f"an array with fields {list(own)}",
                                       f"a structured array with fields t, {', '.join(names or 'xyp')}")
    return names


def grid_of(recordings: list[Any], names: list[str], sensor_size: Any) -> list[int]:
    """How many values each field has."""
    if sensor_size is None:
        return [max(int(events[n].max(initial=0)) for events in recordings) + 1 for n in names]
    given = [whole(n, f"sensor_size[{k}]", operation="Data.from_events") for k, n in enumerate(sensor_size)]
    named = dict(zip("xyp" if len(given) == 3 else names, given, strict=False))
    if len(given) not in (3, len(names)) or min(named[n] for n in names) < 1:
        raise InvalidValueError.of("Data.from_events", "sensor_size", str(sensor_size),
                                   f"numbers above 0 for x, y and p, or for {', '.join(names)}")
    return [named[n] for n in names]


def pixels(events: Any, names: list[str], size: list[int], what: str) -> Any:
    """The channel of each event: x is the fastest, then y, then the polarity, as in tonic's frames."""
    parts = [integers(events[n], f"{what}['{n}']", 0, s - 1) for n, s in zip(names, size, strict=True)]
    return np.ravel_multi_index(parts[::-1], size[::-1])


def by_sample(rows: Any, lengths: Any) -> Any:
    """Rows of all samples as [samples, steps, ...], or as a list if lengths differ."""
    if len(lengths) and (lengths == lengths[0]).all():
        return rows.reshape(len(lengths), int(lengths[0]), *rows.shape[1:])
    ends = np.cumsum(lengths)
    return [rows[e - n:e] for e, n in zip(ends, lengths, strict=True)]
