"""A pen that writes letters, as a regression in pixels: where its readout starts, and what it comes to.

The input of a letter is the rate of 40 channels that fire in turn; the output is the place of the pen in each step.
Prints the first and the last loss with the initial weights as they are drawn and as they follow the targets.
"""

import sys

import numpy as np

import backspike as bs

LETTERS, STEPS, CHANNELS = 12, 120, 40


def pen(samples, seed):
    """Letters as three sinusoids in the plane, around (50, 20) pixels and about 15 pixels from there."""
    shapes, random = np.random.default_rng(7), np.random.default_rng(seed)
    t = np.arange(STEPS) / STEPS
    letters = np.empty((LETTERS, STEPS, 2))
    for k in range(LETTERS):
        parts = [shapes.normal(0, 1 / f, 2) * np.sin(2 * np.pi * (f * t[:, None] + shapes.random(2))) for f in (1, 2, 3)]
        letters[k] = np.array([50, 20]) + 15 * sum(parts) / np.std(sum(parts))
    place, own = shapes.random(CHANNELS), shapes.random((LETTERS, CHANNELS)) < 0.5
    written = random.integers(0, LETTERS, samples)
    in_turn = 0.02 + 0.4 * np.exp(-0.5 * ((t[:, None] - place) / 0.06) ** 2)
    spikes = random.random((samples, STEPS, CHANNELS)) < own[written][:, None] * in_turn
    return spikes.astype(np.float32), (letters[written] + random.normal(0, 0.5, (samples, STEPS, 2))).astype(np.float32)


def train(init, bias, seed, epochs):
    x, y = pen(96, 1)
    net = bs.Network([bs.Dense(CHANNELS, 100), bs.LIF(100, recurrent=True), bs.Dense(100, 2, bias=bias),
                      bs.LeakyIntegrator(2, init=init)], seed=seed)
    net.initialise(net.data(x, y))
    first = net.evaluate(x, y, objective="mean_squared").loss
    history = net.fit(x, y, epochs=epochs, batch=16, learning_rate=5e-3, objective="mean_squared")
    return first, history["train_loss"][-1]


if __name__ == "__main__":
    epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    y = pen(96, 1)[1]
    print(f"variance of the targets {y.var(axis=(0, 1)).mean():.0f}, mean of their squares {(y**2).mean():.0f}")
    for bias in (True, False):
        for init in ("fluctuation", "auto"):
            for seed in (1, 2, 3):
                first, last = train(init, bias, seed, epochs)
                print(f"{'bias' if bias else 'no bias':8}{init:12} seed {seed}: first loss {first:7.1f}, last {last:6.1f}")
