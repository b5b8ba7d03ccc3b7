"""Metrics of spike trains as Python has them: the library's values, and every mistake named."""

import math

import numpy as np
import pytest

import backspike as bs
from backspike import metrics


def test_known_values():
    a, b = [12, 32], np.array([18.0, 60.0])
    assert metrics.victor_purpura(a, b, 0.1) == pytest.approx(2.6)
    assert metrics.victor_purpura(a, b, math.inf) == 4
    assert metrics.van_rossum([], [5], 3.0) == pytest.approx(math.sqrt(0.5))
    assert metrics.spike_synchronisation([1, 2, 3], [2.1]) == 0.5
    assert metrics.spike_synchronisation([1, 2, 3], [2.1], longest_window=0.05) == 0
    assert metrics.spike_synchronisation([], []) == 1


def test_matching():
    found = metrics.match_spikes([8, 10, 30], [9.5, 11, 40, 50], tolerance=2.0)
    assert (found.matched, found.missed, found.extra) == (2, 1, 2)
    assert found.matched_share == found.extra_share == pytest.approx(2 / 3)
    assert found.bias == 1.25


def test_jitter_over_repeats():
    rng = np.random.default_rng(1)
    target = np.arange(10, 500, 20.0)
    repeats = [target + rng.normal(0, 0.7, target.size) for _ in range(200)]
    found = metrics.match_spikes(target, repeats, tolerance=5.0)
    assert found.matched == 200 * target.size
    assert found.jitter == pytest.approx(0.7, rel=0.05)
    assert math.isnan(metrics.match_spikes(target, [[], []], tolerance=5.0).jitter)


def raster(times, steps=40):
    r = np.zeros((steps, len(times)))
    for n, train in enumerate(times):
        r[train, n] = 1
    return r


def test_rasters_are_sums_over_neurons_and_means_over_samples():
    target, output = [[3, 20], [7], []], [[4, 24], [7, 30], []]
    found = metrics.rasters(raster(target), raster(output), dt=0.5, tolerance=2.0, cost=0.3, tau=5.0)
    trains = [(np.array(a) * 0.5, np.array(b) * 0.5) for a, b in zip(target, output)]
    assert found.victor_purpura == pytest.approx(sum(metrics.victor_purpura(a, b, 0.3) for a, b in trains))
    assert found.van_rossum == pytest.approx(math.hypot(*(metrics.van_rossum(a, b, 5.0) for a, b in trains)))
    assert found.spike_synchronisation == pytest.approx(6 / 7)
    assert (found.matching.matched, found.matching.extra) == (3, 1)
    twice = metrics.rasters([raster(target), raster(target, 60)], [raster(output), raster(target, 60)], dt=0.5,
                            cost=0.3, tau=5.0)
    assert twice.victor_purpura == pytest.approx(found.victor_purpura / 2)
    assert twice.van_rossum == pytest.approx(found.van_rossum / 2)
    assert twice.matching.matched == 6


def test_the_output_of_a_network():
    net = bs.Network([bs.LIF(3, reset="to_value")], inputs=3)
    net.parameters["readout.weight"][...] = 5 * np.eye(3)
    x = (np.random.default_rng(2).random((4, 50, 3)) < 0.1).astype(np.float32)
    assert x.sum() > 10
    found = metrics.rasters(x, net(x))
    assert (found.matching.matched, found.matching.missed, found.matching.extra) == (x.sum(), 0, 0)
    assert found.victor_purpura == found.van_rossum == 0
    assert found.spike_synchronisation == 1


@pytest.mark.parametrize("call, argument", [
    (lambda: metrics.victor_purpura([2, 1], [], 1.0), "a[1]"),
    (lambda: metrics.victor_purpura([], [math.nan], 1.0), "b[0]"),
    (lambda: metrics.victor_purpura([], [], -1.0), "cost"),
    (lambda: metrics.van_rossum([], [], 0.0), "tau"),
    (lambda: metrics.spike_synchronisation([], [], 0.0), "longest_window"),
    (lambda: metrics.match_spikes([], [3, 3], 1.0), "output[1]"),
    (lambda: metrics.match_spikes([], [], -1.0), "tolerance"),
    (lambda: metrics.rasters([[0.5]] * np.ones((1, 3)), np.ones((1, 3))), "target"),
    (lambda: metrics.rasters(np.ones((4, 3)), np.ones((4, 3)), dt=0.0), "dt"),
])
def test_bad_values(call, argument):
    with pytest.raises(bs.InvalidValueError) as error:
        call()
    assert error.value.argument == argument


@pytest.mark.parametrize("call", [
    lambda: metrics.victor_purpura([[1, 2]], [1], 1.0),
    lambda: metrics.van_rossum(3.0, [1], 1.0),
    lambda: metrics.rasters(np.ones((4, 3)), np.ones((4, 2))),
    lambda: metrics.rasters([np.ones((4, 3))], [np.ones((4, 3)), np.ones((4, 3))]),
    lambda: metrics.rasters([], []),
    lambda: metrics.rasters(np.ones(4), np.ones(4)),
])
def test_bad_shapes(call):
    with pytest.raises(bs.ShapeError):
        call()
