"""How far apart spike trains are: the figures that papers quote. docs/metrics.md has the equations.

A spike train is a sequence of times [ms], ascending, none twice. Any unit of time will do, as long as all arguments of
a call share it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _core
from ._arrays import as_array, number
from .errors import InvalidValueError, ShapeError

__all__ = ["Matching", "Rasters", "match_spikes", "rasters", "spike_synchronisation", "van_rossum", "victor_purpura"]


def victor_purpura(a: Any, b: Any, cost: float) -> float:
    """The distance of Victor and Purpura (1996): the least cost of turning one train into the other, where adding or
    removing a spike costs 1 and moving it by dt costs `cost` |dt|.

    Args:
        a, b: spike trains.
        cost: q [1/ms]; 0 compares counts, `float("inf")` counts spikes without a partner at the same time.

    Raises:
        InvalidValueError: a train that does not ascend, a time that is not finite, a negative cost.
        ShapeError: a train that is not a plain sequence of numbers.
    """
    name = "victor_purpura"
    return _core.victor_purpura(_train(name, "a", a), _train(name, "b", b), _number(name, "cost", cost))


def van_rossum(a: Any, b: Any, tau: float) -> float:
    """The distance of van Rossum (2001): the root of (1 / tau) times the integral of (f - g)^2, with f and g the trains
    through a causal exponential kernel of height 1. One spike against silence gives sqrt(1/2).

    Args:
        a, b: spike trains.
        tau: time constant of the kernel [ms], above 0.

    Raises:
        InvalidValueError, ShapeError: as for `victor_purpura`; tau not above 0 or not finite.
    """
    name = "van_rossum"
    return _core.van_rossum(_train(name, "a", a), _train(name, "b", b), _number(name, "tau", tau))


def spike_synchronisation(a: Any, b: Any, longest_window: float = math.inf) -> float:
    """SPIKE-synchronisation (Kreuz, Mulansky & Bozanic 2015): the share of the spikes, of both trains together, that
    coincide with one of the other train, within half the shortest interval beside either. 1 if nothing spikes.

    Args:
        a, b: spike trains.
        longest_window: bound of the window [ms]; between two trains of one spike it is the only one.

    Raises:
        InvalidValueError, ShapeError: as for `victor_purpura`; a longest_window that is not above 0.
    """
    name = "spike_synchronisation"
    return _core.spike_synchronisation(_train(name, "a", a), _train(name, "b", b),
                                       _number(name, "longest_window", longest_window))


@dataclass(frozen=True)
class Matching:
    """Which spikes of an output answer a target."""

    matched: int
    """Target spikes with an answer."""
    missed: int
    """Target spikes without one."""
    extra: int
    """Output spikes that answer none."""
    matched_share: float
    """Of the targets; 1 where there are none."""
    extra_share: float
    """Extra spikes in units of the targets; NaN if there are no targets and some are extra."""
    jitter: float
    """Standard deviation of the matched spikes around their targets [ms]; NaN if nothing matched."""
    bias: float
    """Their mean offset [ms], above 0 where they are late; NaN if nothing matched."""

    @classmethod
    def _of(cls, m: _core.SpikeMatching) -> Matching:
        return cls(m.matched, m.missed, m.extra, m.matched_share, m.extra_share, m.jitter, m.bias)


def match_spikes(target: Any, output: Any, tolerance: float) -> Matching:
    """Pairs target spikes with output spikes that are at most `tolerance` [ms] away, each at most once: as many pairs
    as possible, and of these the least sum of squared offsets.

    Args:
        target: a spike train.
        output: a spike train, or a list of them, repeats of the same target, whose counts are added up: then `jitter`
            is that over repeats.
        tolerance: [ms] 0 or more.

    Raises:
        InvalidValueError, ShapeError: as for `victor_purpura`; a tolerance that is negative or not finite.
    """
    wanted = _train("match_spikes", "target", target)
    tolerance = _number("match_spikes", "tolerance", tolerance)
    repeats = output if _is_list_of_trains(output) else [output]
    first, *others = [_core.match_spikes(wanted, _train("match_spikes", "output", o), tolerance) for o in repeats]
    for other in others:
        first.add(other)
    return Matching._of(first)


@dataclass(frozen=True)
class Rasters:
    """Every metric over the neurons of a layer, each output train against its own target."""

    matching: Matching
    """Of all neurons and samples together."""
    spike_synchronisation: float
    """Coincident spikes of all neurons and samples over all spikes."""
    victor_purpura: float
    """Of a sample: the sum over its neurons; mean over the samples."""
    van_rossum: float
    """Of a sample: the root of the sum of squares over its neurons; mean over the samples."""


def rasters(target: Any, output: Any, *, dt: float = 1.0, tolerance: float = 2.0, cost: float = 0.1,
            tau: float = 10.0) -> Rasters:
    """Compares rasters, such as targets and the output of a network whose last layer spikes.

    Args:
        target, output: [steps, neurons] of 0 and 1, or [samples, steps, neurons], or a list of [steps, neurons].
        dt: width of a step [ms].
        tolerance: of `match_spikes` [ms].
        cost: of `victor_purpura` [1/ms].
        tau: of `van_rossum` [ms].

    Raises:
        ShapeError: other numbers of samples, steps or neurons; no sample.
        InvalidValueError: a value that is neither 0 nor 1, a setting out of its range.
    """
    wanted, given = _samples("target", target), _samples("output", output)
    if len(wanted) != len(given) or not wanted:
        raise ShapeError.of("rasters", "output", f"{len(given)} samples", f"{max(len(wanted), 1)}")
    sums = _core.RasterMetrics()
    settings = {"dt": dt, "tolerance": tolerance, "cost": cost, "tau": tau}
    numbers = [_number("rasters", name, value) for name, value in settings.items()]
    for w, g in zip(wanted, given, strict=True):
        if w.shape != g.shape:
            raise ShapeError.of("rasters", "output", str(list(g.shape)), str(list(w.shape)))
        sums.add(_core.compare_rasters(w, g, *numbers))
    return Rasters(Matching._of(sums.matching), sums.spike_synchronisation, sums.victor_purpura / sums.samples,
                   sums.van_rossum / sums.samples)


def _train(operation: str, argument: str, times: Any) -> Any:
    array = as_array(times, argument, operation)
    if array.ndim != 1:
        raise ShapeError.of(operation, argument, str(list(array.shape)), "[spikes]")
    return np.ascontiguousarray(array, np.float64)


def _number(operation: str, argument: str, value: Any) -> float:
    return float(number(value, argument, operation))


def _is_list_of_trains(output: Any) -> bool:
    return isinstance(output, Iterable) and not isinstance(output, np.ndarray) and any(np.ndim(o) for o in output)


def _samples(argument: str, values: Any) -> list[Any]:
    one = len(values) > 0 and np.ndim(values[0]) < 2  # its first row
    samples = [np.ascontiguousarray(as_array(v, argument, "rasters"), np.float32)
               for v in ([values] if one else values)]
    for sample in samples:
        if sample.ndim != 2:
            raise ShapeError.of("rasters", argument, str(list(sample.shape)), "[steps, neurons]")
        other = sample[(sample != 0) & (sample != 1)]
        if other.size:
            raise InvalidValueError.of("rasters", argument, f"{other[0]:g}", "0 (no spike) and 1")
    return samples
