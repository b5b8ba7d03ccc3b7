"""Metrics of spike trains beside elephant 1.2.1 and PySpike 0.9.0.

elephant's van Rossum distance is sqrt(2) times that of the paper, which is ours. PySpike bounds the coincidence window
by half the recording, which for us is `longest_window`; its own bound, max_tau, is not compared: in this version it
reaches only spikes at the ends of a train.
"""

import numpy as np
import pytest

from backspike import metrics

elephant = pytest.importorskip("elephant.spike_train_dissimilarity",
                               reason="elephant is not installed: pip install elephant")
spikes = pytest.importorskip("pyspike", reason="PySpike is not installed: pip install pyspike")

import neo  # noqa: E402
import quantities as pq  # noqa: E402

DURATION = 100.0  # [ms]


def trains(seed):
    """Two trains of up to 40 spikes, on a grid of 1 ms for odd seeds; the second is partly the first one, moved."""
    rng = np.random.default_rng(seed)
    a = rng.uniform(0, DURATION, rng.integers(0, 41))
    moved = a[rng.random(a.size) < 0.7]
    b = np.concatenate([moved + rng.normal(0, 1.0, moved.size), rng.uniform(0, DURATION, rng.integers(0, 10))])
    grid = np.round if seed % 2 else np.asarray
    return [np.unique(np.clip(grid(x), 0, DURATION)) for x in (a, b)]


PAIRS = [trains(seed) for seed in range(60)]


def neo_trains(pair):
    return [neo.SpikeTrain(x, units="ms", t_stop=DURATION) for x in pair]


def test_the_trains_have_something_to_compare():
    assert sum(a.size for a, _ in PAIRS) > 500
    assert sum(np.intersect1d(a, b).size for a, b in PAIRS) > 50


@pytest.mark.parametrize("cost", [0.0, 0.02, 0.3, 1.0, 5.0])
def test_victor_purpura(cost):
    for pair in PAIRS:
        theirs = elephant.victor_purpura_distance(neo_trains(pair), cost / pq.ms)[0, 1]
        assert metrics.victor_purpura(*pair, cost) == pytest.approx(float(theirs), abs=1e-9)


@pytest.mark.parametrize("tau", [0.5, 5.0, 50.0])
def test_van_rossum(tau):
    for pair in PAIRS:
        theirs = elephant.van_rossum_distance(neo_trains(pair), tau * pq.ms)[0, 1] / np.sqrt(2)
        assert metrics.van_rossum(*pair, tau) == pytest.approx(float(theirs), abs=1e-6)  # theirs cancels large sums


def test_spike_synchronisation():
    seen = set()
    for pair in PAIRS:
        theirs = spikes.spike_sync(*[spikes.SpikeTrain(x, DURATION) for x in pair])
        ours = metrics.spike_synchronisation(*pair, longest_window=DURATION / 2)
        assert ours == pytest.approx(theirs, abs=1e-12)
        seen.add(round(ours, 3))
    assert len(seen) > 20
