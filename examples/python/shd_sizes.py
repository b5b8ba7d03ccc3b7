"""Writes made-up recordings with the sizes of the Spiking Heidelberg Digits, for whoever wants to see what
experiments/shd_delays.toml will need before they have the real ones:

    python examples/python/shd_sizes.py FOLDER [SAMPLES]
    backspike train experiments/shd_delays.toml --set data.path=FOLDER/shd_train.h5 --set data.test_path=FOLDER/shd_test.h5

8156 recordings to train with and 2264 to test with (SAMPLES: this many, and a quarter), of 20 digits, 700 channels,
0.3 to 1 s and about 8000 spikes. Each digit has its own band of channels for each 100 ms, so that there is something
to learn; it is no speech.
"""

import sys
from pathlib import Path

import numpy as np

import backspike as bs

CHANNELS, CLASSES, BIN_MS = 700, 20, 10.0
SPIKES = 8000.0  # of a recording of 0.65 s


def recordings(samples, seed):
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(0).uniform(0, CHANNELS, (CLASSES, 10))
    labels = random.integers(0, CLASSES, samples)
    channels = np.arange(CHANNELS)
    rows = []
    for label in labels:
        steps = random.integers(30, 101)
        centre = centres[label, np.minimum(np.arange(steps) // 10, 9)] + random.normal(0, 20)
        shape = 0.2 + np.exp(-((channels - centre[:, None]) / 80) ** 2)
        probability = shape * (SPIKES / 65 / shape.sum(1, keepdims=True))
        rows.append((random.random((steps, CHANNELS)) < probability).astype(np.float32))
    return bs.Data(rows, labels, classes=[str(k) for k in range(CLASSES)], dt=BIN_MS)


def main():
    folder, samples = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 8156
    folder.mkdir(parents=True, exist_ok=True)
    for name, count, seed in (("shd_train.h5", samples, 1), ("shd_test.h5", samples * 2264 // 8156, 2)):
        recordings(count, seed).save(str(folder / name))
        print(f"wrote {folder / name}: {count} recordings")


if __name__ == "__main__":
    main()
