"""Files of event cameras: N-MNIST, Prophesee RAW and DAT, AEDAT, Event Stream, text, NumPy, HDF5: docs/events.md has the formats.

    events = bs.events.read("recording.raw")     # structured: t [us], x, y, p
    x = bs.events.steps(events, size=(640, 480), bin_us=1000, down=8)
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from .. import _core
from ..errors import InvalidValueError, ShapeError

__all__ = ["EVENT", "info", "live", "read", "steps", "with_refractory_time", "without_hot_pixels", "without_isolated_events",
           "write"]

EVENT = np.dtype({"names": ["t", "x", "y", "p"], "formats": ["<i8", "<u2", "<u2", "?"], "offsets": [0, 8, 10, 12],
                  "itemsize": 16})
"""t [us], x from the left, y from the top, p (True: ON): fields named as tonic's. 3 bytes at the end mean nothing."""


def read(path: str | os.PathLike[str], **options: Any) -> np.ndarray:
    """The events of a file, as an array of the type `EVENT`, without a copy.

    Args:
        path: the file.
        format: "auto" (by content, then by name), or one of docs/events.md.
        size: (width, height) of the sensor, where the file does not say.
        between: only times from the first on and before the second: (begin, end) in microseconds, or "0ms:300ms".
        strict: raise FormatError, with the place, where anything in the file is odd.
        clamp_time: an event that steps back gets the time of the one before.
        keep_outside: keep events that are not on the sensor.
        invert_polarity, mirror_x, mirror_y: ON becomes OFF; turn left and right, top and bottom.
        layout: AEDAT 2.0: "dvs128" or "davis".
        swapped_halves: EVT 2.1 whose words have the upper half first.
        columns: text and tables: their columns in order, such as "t,x,y,p".
        time_unit: text and arrays: "us", "ms", "s" or "ns"; otherwise whole microseconds.

    Raises:
        FormatError: another format, or damage. FileError: not there. InvalidValueError: an option that does not fit.
        ResourceError: more than half of the memory that is free.
    """
    return _events_of(_core.events_read(os.fspath(path), _options(**options)))


def info(path: str | os.PathLike[str], **options: Any) -> dict[str, Any]:
    """What `backspike events info --json` says of a file: counts, times, and what is odd in it. Needs little memory.

    Args:
        path: the file.
        options: as of `read`.
    """
    return dict(_core.events_info(os.fspath(path), _options(**options)))


def live(source: str | os.PathLike[str], *, timeout: float = 10.0, **options: Any) -> Iterator[np.ndarray]:
    """The events that come from a pipe or a port, those that are there each time; the loop ends when the sender does.

    Args:
        source: "-" for standard input, the path of a named pipe, or "udp:PORT" for datagrams from this machine
            ("udp:0.0.0.0:PORT": from any; an empty one is the end).
        timeout: seconds without a byte after which FileError is raised.
        options: as of `read`.
    """
    reader = _core.EventReader(os.fspath(source), float(timeout), _options(**options))
    while len(events := _events_of(reader.next_events())):
        yield events


def write(path: str | os.PathLike[str], events: Any, *, size: tuple[int, int] | None = None,
          format: str = "") -> None:
    """Writes events: whole or not at all.

    Args:
        path: .bin, .bs2, .raw (EVT 3.0), .aedat or .npz.
        events: a structured array with fields x, y, t and p.
        size: (width, height) of the sensor; .raw needs it.
        format: "bin", "bs2", "evt2", "evt3", "aedat3" or "npz", whatever the name.

    Raises:
        InvalidValueError: an event that the format cannot hold, an unknown format. FileError: the disk.
    """
    width, height = size or (0, 0)
    _core.events_write(os.fspath(path), _rows(events), format, width, height)


def steps(events: Any, *, size: tuple[int, int], bin_us: int = 0, events_per_step: int = 0, origin_us: int = 0,
          from_first: bool = False, count: int = 0, crop: tuple[int, int, int, int] | None = None, down: int = 1,
          polarity: str = "both", duplicates: str = "one") -> np.ndarray:
    """Steps of a network, [steps, channels]; the channel of a pixel is (y * width + x) * polarities + polarity.

    Args:
        events: a structured array with fields x, y, t and p; it is left alone.
        size: (width, height) of the sensor.
        bin_us: width of a step [us]. The last, partial step is a step.
        events_per_step: a step for so many events; with `bin_us`, steps of more are cut into several.
        origin_us: where the first step begins; events before it are left out.
        from_first: it begins with the first event instead.
        count: so many steps; 0: to the last event.
        crop: (x, y, width, height) of the part of the sensor that is taken.
        down: blocks of so many pixels in each direction become one.
        polarity: "both" (two channels a pixel: OFF, ON), "merged", "on" or "off".
        duplicates: several events of a channel in one step are "one" spike, or their "count".
    """
    options = _core.EventStepOptions()
    options.set_size(*size)
    options.set_crop(*(crop or (0, 0, 0, 0)))
    options.bin_us, options.events_per_step, options.origin_us = bin_us, events_per_step, origin_us
    options.from_first, options.steps, options.down = from_first, count, down
    return np.asarray(_core.events_steps(_rows(events), options, polarity, duplicates))


def without_hot_pixels(events: Any, *, size: tuple[int, int], most_rate: float) -> np.ndarray:
    """The events without the pixels that spoke more often than `most_rate` [Hz], from the earliest event to the latest.

    Args:
        events: a structured array with fields x, y, t and p; it is left alone.
        size: (width, height) of the sensor.
        most_rate: of a pixel that stays.
    """
    return _events_of(_core.events_without_hot_pixels(_rows(events), *size, most_rate))


def with_refractory_time(events: Any, *, size: tuple[int, int], refractory_us: int) -> np.ndarray:
    """The events without what a pixel says less than `refractory_us` after what was kept of it, of either polarity.

    Args:
        events: a structured array with fields x, y, t and p; it is left alone.
        size: (width, height) of the sensor.
        refractory_us: silence of a pixel after an event.
    """
    return _events_of(_core.events_with_refractory_time(_rows(events), *size, refractory_us))


def without_isolated_events(events: Any, *, size: tuple[int, int], window_us: int) -> np.ndarray:
    """The events that one of the 8 pixels around has spoken for at most `window_us` before, of either polarity.

    Args:
        events: a structured array with fields x, y, t and p; it is left alone.
        size: (width, height) of the sensor.
        window_us: how long a pixel speaks for its neighbours.
    """
    return _events_of(_core.events_without_isolated(_rows(events), *size, window_us))


def _events_of(rows: np.ndarray) -> np.ndarray:
    return rows.reshape(-1).view(EVENT) if len(rows) else np.empty(0, EVENT)


def _options(*, format: str = "auto", size: tuple[int, int] | None = None,
             between: str | tuple[int, int] | None = None, layout: str = "auto", time_unit: str | None = None,
             columns: str = "", strict: bool = False, clamp_time: bool = False, keep_outside: bool = False,
             invert_polarity: bool = False, mirror_x: bool = False, mirror_y: bool = False,
             swapped_halves: bool = False) -> _core.EventReadOptions:
    options = _core.EventReadOptions()
    options.set_format(format)
    options.set_layout(layout)
    if size is not None:
        options.set_size(*size)
    if isinstance(between, str):
        options.set_slice_text(between)
    elif between is not None:
        options.set_slice(*between)
    if time_unit is not None:
        options.set_time_unit(time_unit)
    options.strict, options.clamp_time, options.keep_outside = strict, clamp_time, keep_outside
    options.invert_polarity, options.mirror_x, options.mirror_y = invert_polarity, mirror_x, mirror_y
    options.swapped_halves, options.columns = swapped_halves, columns
    return options


def _rows(events: Any) -> np.ndarray:
    """The events as rows of 16 bytes: those of `EVENT` itself, or a copy whose values are checked."""
    events = np.asarray(events)
    if events.ndim != 1 or events.dtype.names is None or not {"x", "y", "t", "p"} <= set(events.dtype.names):
        raise ShapeError.of("events", "events", f"{events.shape} of {events.dtype}",
                            "a list of structures with fields x, y, t and p")
    if events.dtype != EVENT:
        events = _converted(events)
    packed = np.zeros(len(events), EVENT)  # a list without gaps, whose polarities are 0 and 1
    for name in ("x", "y", "t", "p"):
        packed[name] = events[name]
    return packed.view(np.uint8).reshape(-1, EVENT.itemsize)


def _converted(events: np.ndarray) -> np.ndarray:
    result = np.zeros(len(events), EVENT)
    for name, low, high in (("x", 0, 65535), ("y", 0, 65535), ("p", 0, 1), ("t", -(2**63), 2**63 - 1)):
        values = events[name]
        if values.dtype.kind not in "iub":
            raise InvalidValueError.of("events", name, str(values.dtype), "whole numbers")
        if len(values) and (int(values.min()) < low or int(values.max()) > high):
            raise InvalidValueError.of("events", name, f"{values.min()} to {values.max()}", f"{low} to {high}")
        result[name] = values
    return result
