"""What several test files share: small problems that can be learned, made from a seed."""

from __future__ import annotations

import numpy as np
import pytest

import backspike as bs

CLASSES, CHANNELS, STEPS = 4, 40, 30


def pulses(samples: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Noise, with more spikes in the channels of the sample's class."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, CLASSES, samples)
    x = random.random((samples, STEPS, CHANNELS)) < 0.03
    for k, label in enumerate(labels):
        x[k, :, label * 10:(label + 1) * 10] |= random.random((STEPS, 10)) < 0.15
    return x.astype(np.float32), labels


def small_network(**rest: object) -> bs.Network:
    return bs.Network([bs.Dense(CHANNELS, 24), bs.LIF(24, recurrent=True, learn="tau_m"), bs.Dense(24, CLASSES),
                       bs.LeakyIntegrator(CLASSES)], **rest)


@pytest.fixture
def net() -> bs.Network:
    return small_network()


@pytest.fixture
def xy() -> tuple[np.ndarray, np.ndarray]:
    return pulses(96)
